"""How many leads each band has with the live version, and would have with another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from scoring_models import evaluation
from scoring_models.spec import Audiences, BandSpec, Spec


@dataclass(frozen=True, slots=True)
class BandRow:
    """One band. `rank` is its place in `of` bands, for its colour; a count is None where there is no band."""

    key: str
    name: str
    rank: int
    of: Sequence[BandSpec]
    now: int | None
    then: int | None
    share: int  # of all leads, in percent, with the other version

    @property
    def difference(self) -> int:
        return (self.then or 0) - (self.now or 0)


@dataclass(frozen=True, slots=True)
class BandTable:
    """All leads by band, from the top. `has_live`: whether there is a version to compare with."""

    rows: tuple[BandRow, ...]
    leads: int
    has_live: bool


def band_table(live: Spec | None, other: Spec, *, at: datetime, earlier: Audiences = ()) -> BandTable:
    """Every lead scored with both, at one moment, by whichever scores it; nothing is stored.

    Raises DomainError("cannot_compute").
    """
    then = evaluation.band_counts(other, at, earlier=earlier)
    now = then if live == other else evaluation.band_counts(live, at, earlier=earlier) if live else {}
    return table_of(live, other, now=now, then=then)


def table_of(live: Spec | None, other: Spec, *, now: Mapping[str, int], then: Mapping[str, int]) -> BandTable:
    """The table of counts by the bands' keys."""
    leads = sum(then.values())
    rows = [
        BandRow(
            band.key,
            band.name,
            rank,
            other.bands,
            now.get(band.key),
            then[band.key],
            round(100 * then[band.key] / leads) if leads else 0,
        )
        for rank, band in enumerate(other.bands)
    ]
    bands_now = live.bands if live else ()
    gone = [
        BandRow(band.key, band.name, rank, bands_now, now[band.key], None, 0)
        for rank, band in enumerate(bands_now)
        if band.key not in then
    ]
    return BandTable(tuple(reversed(rows + gone)), leads, live is not None)
