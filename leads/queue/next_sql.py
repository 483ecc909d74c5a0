"""The first of some leads that is free, locked and claimed, in two statements.

Many people who press at once want the same leads. The one statement locks the first that nobody has locked,
the other sees all that was committed before the lock was there: what ranked as free may have been taken,
snoozed or held back since.
"""

from collections.abc import Sequence
from datetime import datetime

from leads import access
from leads.models import Lead, OverrideKind
from leads.queue import away
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

# Of own teams, and theirs or nobody's, as `access.workable_leads` has it of leads that nobody holds.
_LOCK = """
SELECT l.id, l.returned_rank IS NOT NULL
  FROM unnest(%(leads)s::bigint[]) WITH ORDINALITY AS candidates(id, place)
  JOIN leads_lead l ON l.id = candidates.id
 WHERE l.is_open AND l.absorbed_into_id IS NULL
   AND (l.team_id IS NULL OR l.team_id = ANY (%(teams)s::bigint[]))
   AND (%(whole_teams)s::boolean OR l.owner_id IS NULL OR l.owner_id = %(user)s::bigint)
 ORDER BY candidates.place LIMIT 1
   FOR NO KEY UPDATE OF l SKIP LOCKED
"""
# A claim that ran out is replaced. `queue.away` says the same of what is away.
_CLAIM = f"""
INSERT INTO leads_claim AS c (lead_id, user_id, taken_at, expires_at)
SELECT l.id, %(user)s::bigint, %(at)s::timestamptz, %(until)s::timestamptz
  FROM leads_lead l LEFT JOIN leads_score s ON s.lead_id = l.id
 WHERE l.id = %(lead)s::bigint
   AND (l.snoozed_until IS NULL OR l.snoozed_until <= %(at)s OR s.last_intent_at > l.snoozed_at)
   AND NOT EXISTS (SELECT FROM leads_skip k WHERE k.lead_id = l.id AND k.user_id = %(user)s
                      AND k.until > %(at)s AND k.ended_at IS NULL)
   AND NOT EXISTS (SELECT FROM leads_override o WHERE o.lead_id = l.id AND o.kind = '{OverrideKind.HOLD}'
                      AND o.starts_at <= %(at)s AND o.ends_at > %(at)s)
    ON CONFLICT (lead_id) DO UPDATE
   SET (user_id, taken_at, expires_at) = (excluded.user_id, excluded.taken_at, excluded.expires_at)
 WHERE c.expires_at <= %(at)s
RETURNING c.lead_id
"""


def first_free(user: User, lead_ids: Sequence[int], *, at: datetime, until: datetime) -> int | None:
    """Claim the first of these leads that is free for this person; None where none is."""
    left = list(lead_ids)
    while found := _lock_first(user, left):
        lead_id, was_returned = found
        if not (was_returned and _is_returned(lead_id, at)) and _claim(user, lead_id, at=at, until=until):
            return lead_id
        left = left[left.index(lead_id) + 1 :]
    return None


def _lock_first(user: User, lead_ids: list[int]) -> tuple[int, bool] | None:
    parameters = {
        "leads": lead_ids,
        "teams": list(user.team_ids),
        "whole_teams": access.works_whole_teams(user),
        "user": user.pk,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK, parameters)
        return cursor.fetchone()


def _is_returned(lead_id: int, at: datetime) -> bool:
    return away.is_returned(Lead.objects.get(pk=lead_id), now=at)


def _claim(user: User, lead_id: int, *, at: datetime, until: datetime) -> bool:
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM, {"lead": lead_id, "user": user.pk, "at": at, "until": until})
        return cursor.fetchone() is not None
