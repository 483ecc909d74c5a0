"""If a draft were live now: all leads by band against the live version, weighed from stored hits."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from leadscoring.errors import DomainError
from scoring_models.band_table import BandTable, table_of
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.units import bands_over_units, bare
from scoring_models.hits import counted_rules
from scoring_models.models import Hits
from scoring_models.spec import Audiences, BandSpec, Spec

_SETS = "SELECT units, leads FROM scoring_models_hitset WHERE hits_id = %(hits)s"


@dataclass(frozen=True, slots=True)
class Move:
    """So many leads would go from one band to another; None is no band, outside an audience."""

    before: BandSpec | None
    after: BandSpec | None
    leads: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft would do at `as_of`, the moment of its hits.

    `moves` begins with the largest and has only those to a band of another key. `fired` says by the rules'
    keys for how many leads each counts, those that are turned off too. `leads` are all there are, of which
    other models score some.
    """

    table: BandTable
    moves: tuple[Move, ...]
    fired: Mapping[str, int]
    as_of: datetime
    leads: int

    @property
    def others(self) -> int:
        """How many leads the draft wouldn't score."""
        return self.leads - self.table.leads

    @property
    def moved(self) -> int:
        """How many leads change their band."""
        return sum(move.leads for move in self.moves)


def preview(draft: Spec, live: Spec | None, hits: Hits, earlier: Audiences = ()) -> Preview:
    """Weigh finished hits that hold all rules of both, and the audiences that are asked before theirs.

    Raises DomainError("cannot_compute").
    """
    counts = _counts(draft, live, hits, earlier)
    then: Counter[str] = Counter(dict.fromkeys((band.key for band in draft.bands), 0))
    now: Counter[str] = Counter(dict.fromkeys((band.key for band in live.bands), 0) if live else {})
    moves = []
    for after, before, leads in counts:
        if after is not None:
            then[draft.bands[after].key] += leads
        if live and before is not None:
            now[live.bands[before].key] += leads
        if live:
            moves.append(Move(_band(live, before), _band(draft, after), leads))
    return Preview(
        table=table_of(live, draft, now=now, then=then),
        moves=tuple(move for move in moves if _key(move.before) != _key(move.after)),
        fired=_fired(draft, hits),
        as_of=hits.as_of,
        leads=hits.leads,
    )


def _band(spec: Spec, rank: int | None) -> BandSpec | None:
    return None if rank is None else spec.bands[rank]


def _key(band: BandSpec | None) -> str | None:
    return band.key if band else None


def _counts(
    draft: Spec, live: Spec | None, hits: Hits, earlier: Audiences
) -> list[tuple[int | None, int | None, int]]:
    """(rank with the draft, rank with the live version, leads), most leads first."""
    counted = counted_rules(hits.rules)
    try:
        before = f"SELECT NULL::smallint AS before, units, leads FROM ({_SETS}) s"
        if live:
            banded = bands_over_units(live, counted, _SETS, kept=("units", "leads"), earlier=earlier)
            before = f"SELECT band AS before, units, leads FROM ({banded}) s"
        weighed = bands_over_units(draft, counted, before, kept=("before", "leads"), earlier=earlier)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT band, before, sum(leads)::bigint FROM ({weighed}) s GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
            {"hits": hits.pk},
        )
        return [(after, before, leads) for after, before, leads in cursor.fetchall()]


def _fired(draft: Spec, hits: Hits) -> dict[str, int]:
    by_rule = dict(zip(counted_rules(hits.rules), hits.fired, strict=True))
    return {rule.key: by_rule[bare(rule)] for rule in draft.rules}
