"""What the demo's scores were before today: as if the first version had scored each lead whenever something
was learned, and whenever time changed its band.

Evaluated as every past score is, by what was known then; so the history says what a replay would.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from django.db import connection

from leads.models import Cause, ScoreChange
from scoring_models.evaluation import Evaluated, evaluate_pairs, frozen_spec
from scoring_models.models import ModelVersion
from scoring_models.reads import types_read
from scoring_models.spec import Spec

# A lead and a moment at which it was scored, with what had been learned.
Moments = Mapping[tuple[int, datetime], Cause]

_LEARNED = f"""
SELECT lead_id, at, bit_or(cause) FROM (
    SELECT lead_id, received_at AS at, {Cause.SIGNAL.value} AS cause FROM leads_signal
     WHERE type_id = ANY (ARRAY (SELECT id FROM leads_signaltype WHERE key = ANY (%(types)s)))
    UNION ALL SELECT id, recorded_at, {Cause.FIRST.value} FROM leads_lead
    UNION ALL SELECT kept_id, merged_at, {Cause.MERGE.value} FROM leads_merge
) learned WHERE at > %(since)s AND at < %(until)s GROUP BY lead_id, at
"""


def keep(*, since: datetime, until: datetime) -> int:
    """Write the history of all scores between two moments, unless there is one; how many changes it has."""
    if ScoreChange.objects.exists():
        return 0
    version = ModelVersion.objects.get(number=1)
    spec = frozen_spec(version.digest)
    learned = _learned(spec, since, until)
    changes = list(_changes(_scored(spec, learned, until), learned, version.pk, len(spec.bands)))
    ScoreChange.objects.bulk_create(changes, batch_size=5_000)
    return len(changes)


def _learned(spec: Spec, since: datetime, until: datetime) -> Moments:
    with connection.cursor() as cursor:
        cursor.execute(_LEARNED, {"types": sorted(types_read(spec)), "since": since, "until": until})
        return {(lead_id, at): Cause(cause) for lead_id, at, cause in cursor.fetchall()}


def _scored(spec: Spec, learned: Moments, until: datetime) -> Mapping[int, list[Evaluated]]:
    """The score of each lead at each of its moments, and when each of these was due to change, in order."""
    rows: dict[int, list[Evaluated]] = defaultdict(list)
    wanted = set(learned)
    while wanted:
        fresh = list(evaluate_pairs(spec, [(lead_id, at, at) for lead_id, at in sorted(wanted)]))
        for row in fresh:
            rows[row.lead_id].append(row)
        known = {(row.lead_id, row.as_of) for of_lead in rows.values() for row in of_lead}
        due = {(row.lead_id, row.due_at) for row in fresh if row.due_at is not None and row.due_at < until}
        wanted = due - known
    return {lead_id: sorted(of_lead, key=lambda row: row.as_of) for lead_id, of_lead in rows.items()}


def _changes(
    scored: Mapping[int, Iterable[Evaluated]], learned: Moments, version_id: int, bands: int
) -> Iterator[ScoreChange]:
    """Of each lead what is kept: what was learned and changed the points, and other bands by time."""
    for lead_id, rows in scored.items():
        before: Evaluated | None = None
        for row in rows:
            cause = learned.get((lead_id, row.as_of), Cause.TIME)
            if before is None or _differs(before, row, by_time=cause is Cause.TIME):
                yield ScoreChange(
                    lead_id=lead_id,
                    at=row.as_of,
                    version_id=version_id,
                    total=row.total,
                    engagement=row.engagement,
                    fit=row.fit,
                    band=row.band - bands,
                    cause=cause.value,
                )
            before = row


def _differs(before: Evaluated, row: Evaluated, *, by_time: bool) -> bool:
    points = (before.engagement, before.fit) != (row.engagement, row.fit)
    return before.band != row.band or (points and not by_time)
