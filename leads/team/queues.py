"""How many open leads each person has in each band that sales works, how many wait, and which too long."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from leads.effective import effective
from leads.models import OverrideKind, Score
from leads.overrides import active
from leads.scorer import Band, Scales

SALES = "sales"
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Queue:
    """One person's open leads by key of band; `owner_id` 0 for nobody's. `waiting` have a clock that runs,
    `overdue` are those of them whose clock has run out."""

    owner_id: int
    open: Counter[str] = field(default_factory=Counter)
    waiting: Counter[str] = field(default_factory=Counter)
    overdue: Counter[str] = field(default_factory=Counter)


def queues(team_ids: Sequence[int], scales: Scales, *, now: datetime) -> list[Queue]:
    """The queues of these teams by effective band, nobody's included; leads held back are in none."""
    found: dict[int, Queue] = {}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"teams": list(team_ids)})
        for owner_id, version_id, rank, count in cursor.fetchall():
            _of(found, owner_id).open[_key(scales, version_id, rank)] += count
        cursor.execute(_WAITING, {"teams": list(team_ids), "now": now})
        for owner_id, version_id, rank, waiting, overdue in cursor.fetchall():
            key = _key(scales, version_id, rank)
            _of(found, owner_id).waiting[key] += waiting
            _of(found, owner_id).overdue[key] += overdue
    _by_overrides(found, team_ids, scales, now)
    return list(found.values())


def sales_bands(scales: Scales) -> tuple[Band, ...]:
    """The live bands that sales works, from the top."""
    return scales.bands(worked_by=SALES)


def _by_overrides(found: dict[int, Queue], team_ids: Iterable[int], scales: Scales, now: datetime) -> None:
    """Move the leads that have an override from the model's band to the one that they count for."""
    running = {override.lead_id: override for override in active(at=now).filter(lead__team__in=team_ids)}
    for score in Score.objects.filter(lead__in=running, is_open=True):
        override, queue = running[score.lead_id], _of(found, score.owner_id or NOBODY)
        queue.open[_key(scales, score.version_id, score.band)] -= 1
        if override.kind != OverrideKind.HOLD:
            queue.open[effective(score, override, scales.of(score.version_id)).band.key] += 1


def _of(found: dict[int, Queue], owner_id: int) -> Queue:
    return found.setdefault(owner_id, Queue(owner_id))


def _key(scales: Scales, version_id: int, rank: int) -> str:
    return scales.of(version_id).band_at(rank).key


_OPEN = """
SELECT COALESCE(owner_id, 0), version_id, band, count(*)
  FROM leads_score
 WHERE is_open AND COALESCE(team_id, 0) = ANY (%(teams)s::bigint[])
 GROUP BY 1, 2, 3
"""
_WAITING = """
SELECT r.owner_id, s.version_id, s.band, count(*), count(*) FILTER (WHERE r.due_at < %(now)s)
  FROM leads_response r JOIN leads_score s USING (lead_id)
 WHERE r.team_id = ANY (%(teams)s::bigint[])
 GROUP BY 1, 2, 3
"""
