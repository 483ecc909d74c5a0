"""What somebody should be told of: rises, overdue answers, overrides that ended, endpoints switched off.

One worker watches at a time; what it takes and what it tells are one transaction, so nothing is lost and
nothing is told twice.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from leads.alone import alone
from leads.models.notice import NoticeKind
from leads.notices.endpoints_off import switched_off
from leads.notices.telling import News, tell
from leads.scorer import scorer

AT_ONCE = 2_000
LOOKED_BACK = timedelta(days=1)
# Any number that nobody else uses: who holds this lock watches.
_LOCK = 7_305_513


def watch(*, now: datetime) -> int:
    """Tell whom something new concerns; how many notices were written."""
    with transaction.atomic():
        if not alone(_LOCK):
            return 0
        return tell([*_risen(), *_overdue(now), *_ended(now), *switched_off(now=now)], at=now)


def _risen() -> list[News]:
    """Leads that came into one of the two top bands. A change by another version leaves no mark.

    Where time alone moved a score and it isn't kept what it was before, nobody can say that it rose.
    """
    scales = scorer().scales()
    with connection.cursor() as cursor:
        cursor.execute(_RISEN, [AT_ONCE])
        rows = cursor.fetchall()
    return [
        News(
            owner_id,
            NoticeKind.REACHED,
            f"lead:{lead_id}",
            at.isoformat(),
            f"/leads/{lead_id}/",
            lead_id,
            {"band": scales.of(version_id).band_at(band).name},
        )
        for lead_id, owner_id, at, version_id, band in rows
        if scales.all and scales.of(version_id).band_at(band).worked_by == "sales"
    ]


_RISEN = """
WITH taken AS (
    DELETE FROM leads_risemark WHERE id IN (SELECT id FROM leads_risemark ORDER BY id LIMIT %s)
    RETURNING lead_id, at, version_id, band
)
SELECT t.lead_id, l.owner_id, t.at, t.version_id, t.band
  FROM taken t JOIN leads_lead l ON l.id = t.lead_id AND l.is_open AND l.owner_id IS NOT NULL
 WHERE t.band > COALESCE((SELECT c.band FROM leads_scorechange c
                           WHERE c.lead_id = t.lead_id AND c.at < t.at ORDER BY c.at DESC LIMIT 1),
                         (SELECT t.band FROM leads_scorechange c
                           WHERE c.lead_id = t.lead_id AND c.at = t.at AND c.cause = 64), -32768)
 ORDER BY t.at
"""


def _overdue(now: datetime) -> list[News]:
    """Who waits for their owner longer than they should, once a wait; snoozed ones when they are
    back, and returned ones once they are in a higher band."""
    with connection.cursor() as cursor:
        cursor.execute(_OVERDUE, {"now": now, "limit": AT_ONCE})
        rows = cursor.fetchall()
    return [
        News(
            owner_id, NoticeKind.OVERDUE, f"lead:{lead_id}", since.isoformat(), f"/leads/{lead_id}/", lead_id
        )
        for lead_id, owner_id, since in rows
    ]


_OVERDUE = """
UPDATE leads_response SET told = true WHERE lead_id IN (
    SELECT r.lead_id FROM leads_response r JOIN leads_lead l ON l.id = r.lead_id
     WHERE r.due_at <= %(now)s AND NOT r.told AND r.owner_id <> 0
       AND (l.snoozed_until IS NULL OR l.snoozed_until <= %(now)s)
       AND (l.returned_rank IS NULL OR EXISTS (SELECT FROM leads_score s
                                                WHERE s.lead_id = l.id AND s.band > l.returned_rank))
     ORDER BY r.due_at LIMIT %(limit)s FOR UPDATE OF r SKIP LOCKED)
RETURNING lead_id, owner_id, LEAST(signal_at, assigned_at)
"""


def _ended(now: datetime) -> list[News]:
    """Overrides that ended, by themselves or by somebody else, and were not replaced by their author."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"now": now, "since": now - LOOKED_BACK, "kind": NoticeKind.OVERRIDE_ENDED})
        rows = cursor.fetchall()
    return [
        News(
            author_id,
            NoticeKind.OVERRIDE_ENDED,
            f"override:{override_id}",
            ends_at.isoformat(),
            f"/leads/{lead_id}/",
            lead_id,
            {"by": by or ""},
        )
        for override_id, author_id, lead_id, ends_at, by in rows
    ]


_ENDED = """
SELECT o.id, o.author_id, o.lead_id, o.ends_at, u.name
  FROM leads_override o LEFT JOIN people_user u ON u.id = o.ended_by_id
 WHERE o.ends_at <= %(now)s AND o.ends_at > %(since)s AND o.ended_by_id IS DISTINCT FROM o.author_id
   AND NOT EXISTS (SELECT FROM leads_notice n
                    WHERE n.person_id = o.author_id AND n.kind = %(kind)s AND n.subject = 'override:' || o.id)
 LIMIT 1000
"""
