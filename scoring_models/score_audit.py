"""Whether scores are what their version says: those that are stored, and those that were shown in the past.

Each is computed again as of its own moment, by what was known then. That a fact is noted as learned before a
score doesn't mean that the score saw it: whoever brought it may not have committed yet, and an import notes
when it began. And by the clock of another machine, one may have been seen that was learned a little later. So
a score is right if it is what its version says with some of these facts seen and the others not. Nothing else
excuses a difference.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, combinations

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from leads.models import Lead, Score, ScoreChange
from leads.score_steps import Moment
from scoring_models.evaluation import Evaluated, evaluate_pairs, frozen_spec
from scoring_models.models import ModelVersion
from scoring_models.seen import Clocks, evaluated
from scoring_models.spec import Audiences, Spec
from scoring_models.turns import asked_before

SHOWN = ("engagement", "fit", "total", "band")
STORED = (*SHOWN, "hits", "counts")
UNSEEN_FOR = timedelta(hours=6)
SEEN_EARLY = timedelta(minutes=1)
# Of so many facts that may have been unseen, all combinations are tried; of more, only the last to come.
MOST_COMBINED = 6
_SIGNALS = """
SELECT DISTINCT at FROM (
    SELECT g.received_at, g.retracted_at FROM leads_lead l
      JOIN leads_lead o ON l.id IN (o.id, o.absorbed_into_id) OR o.account_id = l.account_id
      JOIN leads_signal g ON g.lead_id = o.id WHERE l.id = %(lead)s
) g CROSS JOIN LATERAL (VALUES (g.received_at), (g.retracted_at)) learned (at)
 WHERE at > %(low)s AND at <= %(high)s ORDER BY at DESC LIMIT 50
"""
_VALUES = """
SELECT DISTINCT v.recorded_at AS at FROM leads_lead l
  JOIN leads_datedvalue v ON v.lead_id = l.id OR v.account_id = l.account_id
 WHERE l.id = %(lead)s AND v.recorded_at > %(low)s AND v.recorded_at <= %(high)s ORDER BY at DESC LIMIT 50
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A score as it was stored at a moment: the columns that are compared."""

    lead_id: int
    at: datetime
    version_id: int
    columns: Mapping[str, object]

    def differ(self, row: Evaluated | None) -> list[str]:
        """The columns in which it is another one than was computed; all, where no score was."""
        return [name for name, value in self.columns.items() if row is None or getattr(row, name) != value]


@dataclass(frozen=True, slots=True)
class Difference:
    """A score that isn't what its version says of its moment, by the columns that differ.

    `computed` is empty where the version doesn't score that lead at all.
    """

    lead_id: int
    scored_at: datetime
    stored: dict[str, object]
    computed: dict[str, object]


def differences(*, sample: int, since: datetime | None = None) -> Iterator[Difference]:
    """The differences among `sample` scores of now and as many of the past, taken at random.

    Of those computed since a moment, if one is given.
    """
    by_version: dict[int, list[Shown]] = defaultdict(list)
    for one in chain(_current(sample, since), _past(sample, since)):
        by_version[one.version_id].append(one)
    for version in ModelVersion.objects.select_related("model").in_bulk(by_version).values():
        for earlier, shown in _in_turn(version, by_version[version.pk]).items():
            yield from _differences(frozen_spec(version.digest), earlier, shown)


def _in_turn(version: ModelVersion, shown: Iterable[Shown]) -> dict[Audiences, list[Shown]]:
    """The scores by the audiences that were asked before the version's at their moments."""
    found: dict[Audiences, list[Shown]] = defaultdict(list)
    for one in shown:
        found[asked_before(version.model, at=one.at)].append(one)
    return found


def _current(sample: int, since: datetime | None) -> Iterator[Shown]:
    scores = Score.objects.filter(lead__isnull=False, lead__absorbed_into=None)
    if since is not None:
        scores = scores.filter(scored_at__gte=since)
    for score in scores.order_by("?")[:sample]:
        columns = {name: getattr(score, name) for name in STORED}
        yield Shown(score.lead_id, score.scored_at, score.version_id, columns)


def _past(sample: int, since: datetime | None) -> Iterator[Shown]:
    changes: QuerySet[ScoreChange] = ScoreChange.objects.filter(
        Exists(Lead.objects.filter(pk=OuterRef("lead_id")))
    )
    if since is not None:
        changes = changes.filter(at__gte=since)
    for change in changes.order_by("?")[:sample]:
        columns = {name: getattr(change, name) for name in SHOWN}
        yield Shown(change.lead_id, change.at, change.version_id, columns)


def _differences(spec: Spec, earlier: Audiences, shown: Iterable[Shown]) -> Iterator[Difference]:
    rows = [(one.lead_id, one.at, one.at) for one in shown]
    evaluated_rows = evaluate_pairs(spec, rows, earlier=earlier)
    found = {(row.lead_id, row.as_of): _as_stored(row, spec) for row in evaluated_rows}
    for one in shown:
        row = found.get((one.lead_id, one.at))
        names = one.differ(row)
        if names and not _is_excused(spec, earlier, one):
            computed = {name: getattr(row, name) for name in names} if row else {}
            yield Difference(one.lead_id, one.at, {name: one.columns[name] for name in names}, computed)


def _is_excused(spec: Spec, earlier: Audiences, shown: Shown) -> bool:
    """Whether it is right if some of what was learned around its moment was not seen, or seen early."""
    tried = (evaluated(spec, shown.lead_id, clocks, earlier=earlier) for clocks in _ways_to_see(shown))
    return any(row is not None and not shown.differ(_as_stored(row, spec)) for row in tried)


def _ways_to_see(shown: Shown) -> Iterator[Clocks]:
    latest = shown.at + SEEN_EARLY
    signals = _learned(_SIGNALS, shown, latest)
    values = [moment - timedelta(microseconds=1) for moment in _learned(_VALUES, shown, latest)]
    for values_known_at in (latest, *values):
        for unseen in _some(signals):
            yield replace(
                Clocks.of(Moment(shown.at, latest)),
                attributes=Moment(shown.at, values_known_at),
                unseen=unseen,
            )


def _some(moments: list[datetime]) -> Iterator[tuple[datetime, ...]]:
    """The last so many of the moments (the latest first), and all combinations of the last few."""
    yield from (tuple(moments[:number]) for number in range(len(moments) + 1))
    few = moments[:MOST_COMBINED]
    for number in range(1, len(few) + 1):
        yield from combinations(few, number)
    yield from ((moment,) for moment in moments[MOST_COMBINED:])


def _learned(query: str, shown: Shown, latest: datetime) -> list[datetime]:
    """Moments at which something was learned that the score may or may not have seen, the latest first."""
    bounds: dict[str, int | datetime] = {"lead": shown.lead_id, "low": shown.at - UNSEEN_FOR, "high": latest}
    with connection.cursor() as cursor:
        cursor.execute(query, bounds)
        return [moment for (moment,) in cursor.fetchall()]


def _as_stored(row: Evaluated, spec: Spec) -> Evaluated:
    """The evaluation with its band ranked from the top."""
    return row._replace(band=row.band - len(spec.bands))
