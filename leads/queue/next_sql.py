"""The first of some leads that is free, locked, claimed and noted, by two statements.

Many people who press at once want the same leads. The one statement locks the first that nobody has locked,
the other sees all that was committed before the lock was there: what ranked as free may have been taken,
snoozed or held back since. Whoever presses waits for the processor time of all who press with them, so the
two go out together with the one that ranks (`claim_kept`), and each hands on by a setting what it found.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from leads import access
from leads.models import Activity, Lead, OverrideKind
from leads.queue import away
from leads.queue.ranking_sql import KEPT
from leadscoring.audit.record import recorded
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor, run_together

CLAIMED = "lead.claimed"

_LOCKED = "leads.locked"
_NOTED = recorded(
    CLAIMED, Lead, target_id="lead_id", actor="%(user)s", at="%(at)s", data="%(data)s", of="taken"
)


def _locking(leads: str) -> str:
    """Locks one of own teams, theirs or nobody's, as `access.workable_leads` has it of leads that nobody
    holds, and keeps it in a setting for a statement that is sent with it."""
    return f"""
WITH locked AS (
    SELECT l.id, l.returned_rank IS NOT NULL AS was_returned
      FROM unnest({leads}) WITH ORDINALITY AS candidates(id, place)
      JOIN leads_lead l ON l.id = candidates.id
     WHERE l.is_open AND l.absorbed_into_id IS NULL
       AND (l.team_id IS NULL OR l.team_id = ANY (%(teams)s::bigint[]))
       AND (%(whole_teams)s::boolean OR l.owner_id IS NULL OR l.owner_id = %(user)s::bigint)
       AND NOT EXISTS (SELECT FROM leads_claim c WHERE c.lead_id = l.id AND c.expires_at > %(at)s)
     ORDER BY candidates.place LIMIT 1
       FOR NO KEY UPDATE OF l SKIP LOCKED
), kept AS (
    SELECT set_config('{_LOCKED}', COALESCE((SELECT id::text FROM locked WHERE NOT was_returned), ''), true)
)
SELECT id, was_returned FROM kept LEFT JOIN locked ON true
"""


def _claiming(lead: str) -> str:
    """Claims a lead that is locked, in place of a claim that ran out. `queue.away` says the same of what is
    away."""
    return f"""
WITH taken AS (
    INSERT INTO leads_claim AS c (lead_id, user_id, taken_at, expires_at)
    SELECT l.id, %(user)s::bigint, %(at)s::timestamptz, %(until)s::timestamptz
      FROM leads_lead l LEFT JOIN leads_score s ON s.lead_id = l.id
     WHERE l.id = {lead}
       AND (l.snoozed_until IS NULL OR l.snoozed_until <= %(at)s OR s.last_intent_at > l.snoozed_at)
       AND NOT EXISTS (SELECT FROM leads_skip k WHERE k.lead_id = l.id AND k.user_id = %(user)s
                          AND k.until > %(at)s AND k.ended_at IS NULL)
       AND NOT EXISTS (SELECT FROM leads_override o WHERE o.lead_id = l.id AND o.kind = '{OverrideKind.HOLD}'
                          AND o.starts_at <= %(at)s AND o.ends_at > %(at)s)
        ON CONFLICT (lead_id) DO UPDATE
       SET (user_id, taken_at, expires_at) = (excluded.user_id, excluded.taken_at, excluded.expires_at)
     WHERE c.expires_at <= %(at)s
    RETURNING c.lead_id
), noted AS ({_NOTED}
), logged AS (
    INSERT INTO leads_activity (lead_id, actor_id, verb, at, note, before)
    SELECT lead_id, %(user)s::bigint, '{Activity.Verb.CLAIMED}', %(at)s::timestamptz, '', '{{}}' FROM taken
)
SELECT l.id, l.external_id, l.attributes FROM taken JOIN leads_lead l ON l.id = taken.lead_id
"""


_LOCK, _LOCK_KEPT = _locking("%(leads)s::bigint[]"), _locking(f"current_setting('{KEPT}')::bigint[]")
_CLAIM = _claiming("%(lead)s::bigint")
_CLAIM_LOCKED = _claiming(f"NULLIF(current_setting('{_LOCKED}'), '')::bigint")
_OF_LEAD = ("id", "external_id", "attributes")

Statement = tuple[str, Mapping[str, Any]]


def claim_kept(user: User, keeping: Statement, *, at: datetime, until: datetime) -> Lead | None:
    """Claim the first free one of the leads that a statement keeps (`ranking_sql.keeping`), in one trip.

    None where that can't be had, be there others or not: then ask `claim_first`.
    """
    _kept, _locked, claimed = run_together(
        keeping,
        (_LOCK_KEPT, _who(user, at)),
        (_CLAIM_LOCKED, _deed(user, at, until)),
    )
    return _lead(claimed[0]) if claimed else None


def claim_first(user: User, lead_ids: Sequence[int], *, at: datetime, until: datetime) -> Lead | None:
    """Claim the first of these leads that is free for this person, with log and audit; None where none is.

    Of the lead just its name is loaded; what else is asked of it loads when it is.
    """
    left = list(lead_ids)
    while found := _lock_first(user, left, at=at):
        lead_id, was_returned = found
        if not (was_returned and _is_returned(lead_id, at)):
            lead = _claim(user, lead_id, at=at, until=until)
            if lead is not None:
                return lead
        left = left[left.index(lead_id) + 1 :]
    return None


def noted(until: datetime) -> dict[str, str]:
    """What the audit keeps of a claim."""
    return {"expires_at": until.isoformat()}


def _lock_first(user: User, lead_ids: list[int], *, at: datetime) -> tuple[int, bool] | None:
    with prepared_cursor() as cursor:
        cursor.execute(_LOCK, _who(user, at) | {"leads": lead_ids})
        [(lead_id, was_returned)] = cursor.fetchall()
    return None if lead_id is None else (lead_id, was_returned)


def _is_returned(lead_id: int, at: datetime) -> bool:
    return away.is_returned(Lead.objects.get(pk=lead_id), now=at)


def _claim(user: User, lead_id: int, *, at: datetime, until: datetime) -> Lead | None:
    with prepared_cursor() as cursor:
        cursor.execute(_CLAIM, _deed(user, at, until) | {"lead": lead_id})
        row = cursor.fetchone()
    return None if row is None else _lead(row)


def _who(user: User, at: datetime) -> dict[str, Any]:
    whole_teams = access.works_whole_teams(user)
    return {"teams": list(user.team_ids), "whole_teams": whole_teams, "user": user.pk, "at": at}


def _deed(user: User, at: datetime, until: datetime) -> dict[str, Any]:
    return {"user": user.pk, "at": at, "until": until, "data": json.dumps(noted(until))}


def _lead(row: tuple[Any, ...]) -> Lead:
    pk, external_id, attributes = row
    return Lead.from_db(DEFAULT_DB_ALIAS, _OF_LEAD, (pk, external_id, json.loads(attributes)))
