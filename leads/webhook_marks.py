"""Marking what happened to a lead for the programs that want to know, where one of them asked for it."""

from datetime import datetime

from django.db import connection

from leadscoring.hooks.models import EventKind

_MARK = """
INSERT INTO leads_webhookmark (sequence, kind, lead_id, at, override_id, version_id, total, engagement, fit,
                               band, due_at, hits, counts, weights)
SELECT nextval('hooks_sequence'), %(kind)s, l.id, %(at)s, %(override)s, s.version_id, s.total, s.engagement,
       s.fit, s.band, s.due_at, s.hits, s.counts, s.weights
  FROM leads_lead l LEFT JOIN leads_score s ON s.lead_id = l.id
 WHERE l.id = %(lead)s
   AND EXISTS (SELECT FROM hooks_endpoint e WHERE e.is_on AND %(kind)s = ANY (e.events))
"""


def mark_override(kind: EventKind, *, override_id: int, lead_id: int, at: datetime) -> None:
    """Mark that an override was set or ended. Call it in the transaction of that, with the lead locked."""
    with connection.cursor() as cursor:
        cursor.execute(_MARK, {"kind": kind.value, "at": at, "override": override_id, "lead": lead_id})
