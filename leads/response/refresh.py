"""Keeping the clocks: what each lead's history says of them, computed again when something happened.

Whatever can start or end a clock leaves a mark (migration 0015). A worker takes marks, reads the leads anew
and writes what differs, so no order of events and no crash can leave a clock wrong for longer than a sweep.
One worker does it at a time: two that read at different moments could write in the wrong order. A lead that
waits to be scored waits here too, since its band says how soon it is to be answered.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from leads.alone import alone
from leads.response.story import Change, Clocks, Standing, Story, run
from leads.response.targets import SALES, Targets, current_targets
from leads.response.team_hours import HoursOf, hours_by_team

LEADS_A_BATCH = 1_000
# Any number that nobody else uses: who holds this lock keeps the clocks.
_LOCK = 7_305_512


def refresh(*, limit: int = LEADS_A_BATCH) -> int:
    """Set the clocks of the leads of up to `limit` marks; how many were taken (0: none, or not alone)."""
    with transaction.atomic():
        if not alone(_LOCK):
            return 0
        targets, hours = current_targets(), hours_by_team()
        _notice_change(targets, hours)
        marked = _take(limit)
        if marked:
            lead_ids = sorted(set(marked))
            found = (run(story, targets, hours) for story in _read(lead_ids))
            _write(lead_ids, [clocks for clocks in found if clocks])
        return len(marked)


def _notice_change(targets: Targets, hours: HoursOf) -> None:
    """Mark all leads that sales works where response times or working hours aren't what they were."""
    digest = _digest(targets, hours)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE leads_responsebasis SET digest = %s WHERE digest <> %s RETURNING true", [digest, digest]
        )
        if cursor.fetchone() is None:
            return
        bands = (band for scale in targets.scales.all for band in scale.bands)
        ranks = [band.rank for band in bands if band.worked_by == SALES]
        cursor.execute(
            "INSERT INTO leads_responsemark (lead_id) SELECT lead_id FROM leads_score"
            " WHERE is_open AND band >= %s UNION SELECT lead_id FROM leads_response",
            [min(ranks, default=0)],
        )


def _digest(targets: Targets, hours: HoursOf) -> str:
    said = (
        [
            [(band.key, band.worked_by, band.respond_within_hours) for band in scale.bands]
            for scale in targets.scales.live
        ],
        sorted(targets.own.items()),
        [
            (team, str(of.zone), of.week, sorted(day.isoformat() for day in of.holidays))
            for team, of in sorted(hours.items())
        ],
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()


def _take(limit: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [limit])
        return [lead_id for (lead_id,) in cursor.fetchall()]


_TAKE = """
DELETE FROM leads_responsemark WHERE id IN (
    SELECT id FROM leads_responsemark m
     WHERE NOT EXISTS (SELECT FROM leads_stale s WHERE s.lead_id = m.lead_id)
     ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING lead_id
"""


def _read(lead_ids: Collection[int]) -> list[Story]:
    with connection.cursor() as cursor:
        cursor.execute(_STORY, {"leads": list(lead_ids)})
        return [_story(*row) for row in cursor.fetchall()]


def _story(
    lead_id: int,
    team_id: int,
    owner_id: int,
    touched_at: datetime | None,
    assigned_at: datetime | None,
    version_id: int,
    band: int,
    intents: list[datetime] | None,
    *changes: list[Any] | None,
) -> Story:
    stands = Standing(version_id, band)
    rows = zip(*(column or () for column in changes), strict=True)
    return Story(
        lead_id,
        team_id,
        owner_id,
        touched_at,
        assigned_at,
        stands,
        tuple(intents or ()),
        tuple(map(Change._make, rows)),
    )


# Both clocks count from the last touch on. What came in the moment of a touch is what it was about.
_STORY = """
SELECT l.id, COALESCE(l.team_id, 0), COALESCE(l.owner_id, 0), touch.at,
       CASE WHEN l.owner_id IS NOT NULL THEN assigned.since END,
       s.version_id, s.band, intent.moments, change.moments, change.versions, change.bands, change.causes
  FROM leads_lead l
  JOIN leads_score s ON s.lead_id = l.id
 CROSS JOIN LATERAL (
       SELECT max(a.at) AS at FROM leads_activity a
        WHERE a.lead_id = l.id AND leads_is_touch(a.verb) AND a.undone_at IS NULL
 ) touch
 CROSS JOIN LATERAL (
       SELECT array_agg(DISTINCT g.received_at) AS moments FROM leads_signal g
        WHERE g.lead_id = l.id AND g.retracted_at IS NULL
          AND g.received_at > COALESCE(touch.at, '-infinity')
          AND g.type_id = ANY (ARRAY (SELECT id FROM leads_signaltype WHERE signal_class = 'intent'))
 ) intent
 CROSS JOIN LATERAL (
       SELECT array_agg(c.at ORDER BY c.at) AS moments, array_agg(c.version_id ORDER BY c.at) AS versions,
              array_agg(c.band ORDER BY c.at) AS bands, array_agg(c.cause ORDER BY c.at) AS causes
         FROM leads_scorechange c
        WHERE c.lead_id = l.id AND c.at >= COALESCE((
              SELECT max(b.at) FROM leads_scorechange b WHERE b.lead_id = l.id AND b.at <= touch.at),
              '-infinity')
 ) change
  LEFT JOIN LATERAL (
       SELECT min(a.since) AS since FROM leads_assignment a
        WHERE a.lead_id = l.id AND a.id > COALESCE((
              SELECT max(b.id) FROM leads_assignment b
               WHERE b.lead_id = l.id AND b.owner_id IS DISTINCT FROM l.owner_id), 0)
 ) assigned ON true
 WHERE l.id = ANY (%(leads)s) AND l.is_open
"""

_COLUMNS = {
    **{"lead_id": "bigint", "team_id": "bigint", "owner_id": "bigint"},
    **dict.fromkeys(Clocks._fields[3:], "timestamptz"),
}
_NAMES = ", ".join(_COLUMNS)
_GIVEN = f"unnest({', '.join(f'%s::{kind}[]' for kind in _COLUMNS.values())}) AS g ({_NAMES})"
_CHANGE = f"""
UPDATE leads_response r SET ({_NAMES}) = ROW ({", ".join(f"g.{name}" for name in _COLUMNS)})
  FROM {_GIVEN} WHERE r.lead_id = g.lead_id
   AND ({", ".join(f"r.{name}" for name in _COLUMNS)}) IS DISTINCT FROM
       ({", ".join(f"g.{name}" for name in _COLUMNS)})
"""
_ADD = f"INSERT INTO leads_response ({_NAMES}) SELECT {_NAMES} FROM {_GIVEN} ON CONFLICT DO NOTHING"
_STOP = "DELETE FROM leads_response WHERE lead_id = ANY (%s) AND lead_id <> ALL (%s)"


def _write(lead_ids: Sequence[int], running: Sequence[Clocks]) -> None:
    """Store these clocks as all that run of these leads. Rows that say so already aren't touched."""
    columns = [list(column) for column in zip(*running, strict=True)] or [[] for _ in _COLUMNS]
    with connection.cursor() as cursor:
        cursor.execute(_STOP, [list(lead_ids), [clocks.lead_id for clocks in running]])
        cursor.execute(_CHANGE, columns)
        cursor.execute(_ADD, columns)
