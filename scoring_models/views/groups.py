"""The moves of frozen evidence by team, owner, source, industry and company size."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from leadscoring.people.models import Team, User
from scoring_models.evidence_pack.impact import DIMENSIONS
from scoring_models.evidence_pack.sales import SALES
from scoring_models.views.band_names import Content
from scoring_models.views.figures import CellShown, Paths


@dataclass(frozen=True, slots=True)
class GroupShown:
    """A row of a table by team, owner or the like. `now` and `then` are leads in bands that sales works."""

    name: str
    leads: int
    up: CellShown
    down: CellShown
    now: int
    then: int


def groupings_of(
    moves: Content, bands: Sequence[Content], live_bands: Sequence[Content], paths: Paths
) -> list[dict[str, Any]]:
    titles = {
        "team": _("Team"),
        "owner": _("Owner"),
        "source": _("Source"),
        "industry": _("Industry"),
        "company_size": _("Company size"),
    }
    sales, sales_then = (
        {r for r, band in enumerate(of) if band["worked_by"] == SALES} for of in (live_bands, bands)
    )
    groupings = []
    for dimension in DIMENSIONS:
        groups = moves["groups"].get(dimension, ())
        names = _names(dimension, groups, moves)
        rows = [
            GroupShown(
                name=name,
                leads=sum(cell["leads"] for cell in group["cells"]),
                up=paths.total(group["cells"], moved="up", by=dimension, group=place),
                down=paths.total(group["cells"], moved="down", by=dimension, group=place),
                now=sum(cell["leads"] for cell in group["cells"] if cell["was"] in sales),
                then=sum(cell["leads"] for cell in group["cells"] if cell["becomes"] in sales_then),
            )
            for place, (group, name) in enumerate(zip(groups, names, strict=True))
        ]
        groupings.append({"title": titles[dimension], "rows": rows, "dimension": dimension})
    return groupings


def group_name(dimension: str, group: Content, moves: Content) -> str:
    """What to call one group of a dimension."""
    return _names(dimension, [group], moves)[0]


def _names(dimension: str, groups: Sequence[Content], moves: Content) -> list[str]:
    """What to call each group. Teams and people have only their ids in the text."""
    ids = [int(group["value"]) for group in groups if dimension in ("team", "owner") and group["value"]]
    if dimension in ("team", "owner"):
        rows = (User if dimension == "owner" else Team).objects.in_bulk(ids)
        known: Mapping[str, str] = {str(pk): str(row) for pk, row in rows.items()}
    else:
        known = {group["value"]: group["value"] for group in groups} | moves["spellings"].get(dimension, {})
    return [_name(dimension, group, known) for group in groups]


def _name(dimension: str, group: Content, known: Mapping[str, str]) -> str:
    if group["others"]:
        return _("All others")
    if group["value"] is None:
        return {"team": _("No team"), "owner": _("Nobody's")}.get(dimension, _("Not known"))
    return known.get(group["value"]) or _("No longer there")
