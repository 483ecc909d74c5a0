"""Marking what happened to a lead for the programs that want to know, where one of them asked for it."""

from datetime import datetime

from django.db import connection

from leadscoring.hooks.models import EventKind

_MARK = """
INSERT INTO leads_webhookmark (sequence, kind, lead_id, at, override_id, version_id, total, engagement, fit,
                               band, due_at, hits, counts, weights)
SELECT nextval('hooks_sequence'), %(kind)s, o.lead_id, o.at, o.id, s.version_id, s.total, s.engagement,
       s.fit, s.band, s.due_at, s.hits, s.counts, s.weights
  FROM happened o LEFT JOIN leads_score s USING (lead_id)
 WHERE EXISTS (SELECT FROM hooks_endpoint e WHERE e.is_on AND %(kind)s = ANY (e.events))
"""
_ONE = """
WITH happened (id, lead_id, at) AS (VALUES (%(override)s::bigint, %(lead)s::bigint, %(at)s::timestamptz))
"""
# Of one that somebody ended (`planned_end`), they had it marked.
_OVER = """
WITH happened AS (
    UPDATE leads_override SET end_told = true
     WHERE id IN (SELECT id FROM leads_override
                   WHERE NOT end_told AND planned_end IS NULL AND ends_at <= %(at)s
                   ORDER BY ends_at, id LIMIT %(most)s FOR UPDATE SKIP LOCKED)
    RETURNING id, lead_id, ends_at AS at
)
"""
MOST = 500


def mark_override(kind: EventKind, *, override_id: int, lead_id: int, at: datetime) -> None:
    """Mark that an override was set or ended. Call it in the transaction of that, with the lead locked."""
    with connection.cursor() as cursor:
        cursor.execute(_ONE + _MARK, {"kind": kind.value, "at": at, "override": override_id, "lead": lead_id})


def mark_overrides_that_ended(*, at: datetime) -> None:
    """Mark overrides whose time is over by then, as of their ends; each once, at most `MOST` at a time."""
    with connection.cursor() as cursor:
        cursor.execute(_OVER + _MARK, {"kind": EventKind.OVERRIDE_ENDED.value, "at": at, "most": MOST})
