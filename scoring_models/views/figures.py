"""Figures of frozen evidence, each with the address of the list behind it."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from scoring_models.evidence_pack.packs import Pack
from scoring_models.models import ModelVersion
from scoring_models.views.band_names import Content


@dataclass(frozen=True, slots=True)
class CellShown:
    """How many leads of a cell, and the address of the list behind it."""

    leads: int
    path: str
    stays: bool


@dataclass(frozen=True, slots=True)
class Paths:
    """Addresses of the lists behind the figures of a pack."""

    version: ModelVersion
    pack: Pack

    def moves(self, **chosen: object) -> str:
        query = {name: value for name, value in chosen.items() if value not in (None, "")}
        path = reverse("scoring_models:moves", args=(self.version.pk, self.pack.evidence.pk))
        return f"{path}?{urlencode(query)}" if query else path

    def missed(self) -> str:
        return reverse("scoring_models:missed", args=(self.version.pk, self.pack.evidence.pk))

    def total(self, cells: Iterable[Content], *, moved: str, **chosen: object) -> CellShown:
        """All cells that go that way together."""
        leads = sum(cell["leads"] for cell in cells if moved in directions(cell))
        return CellShown(leads, self.moves(moved=moved, **chosen), stays=False)


def directions(cell: Content) -> tuple[str, ...]:
    """The ways in which a cell's leads go: none, up or down, which both are any, into the model or out."""
    was, becomes = cell["was"], cell["becomes"]
    if was is None or becomes is None:
        return ("in",) if was is None else ("out",)
    if was == becomes:
        return ()
    return ("any", "up" if becomes > was else "down")
