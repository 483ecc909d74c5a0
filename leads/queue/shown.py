"""The leads of a page as its rows show them: one query of just that."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Model

from leads.contact_sql import REFUSAL_OF_LEADS
from leads.loading import loaded
from leads.models import Account, Claim, Lead, Override
from leads.queue.back_sql import BACK_AT
from leads.queue.yesterday import YESTERDAY, YESTERDAY_COLUMNS, Before
from leads.response.clocks import CLOCK_COLUMNS, HOURS_OF_TEAMS, Waiting, waiting_of
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

_QUERY = f"""
WITH {HOURS_OF_TEAMS}
SELECT l.id, l.external_id, l.account_id, l.team_id, l.owner_id, l.attributes,
       a.attributes, a.company_domain, u.email, u.name,
       c.user_id, c.taken_at, c.expires_at,
       o.id, o.kind, o.points, o.band, o.reason, o.note, o.starts_at, o.ends_at, o.author_id, w.email, w.name,
       {BACK_AT}, contact.refusal, {YESTERDAY_COLUMNS}, {CLOCK_COLUMNS}
  FROM leads_lead l
  LEFT JOIN leads_score s ON s.lead_id = l.id
  LEFT JOIN leads_account a ON a.id = l.account_id
  LEFT JOIN people_user u ON u.id = l.owner_id
  LEFT JOIN leads_claim c ON c.lead_id = l.id AND c.expires_at > %(now)s
  LEFT JOIN leads_override o ON o.lead_id = l.id AND o.starts_at <= %(now)s AND o.ends_at > %(now)s
  LEFT JOIN people_user w ON w.id = o.author_id
  LEFT JOIN leads_response r ON r.lead_id = l.id
  LEFT JOIN hours h ON h.team_id = r.team_id
 {REFUSAL_OF_LEADS}
  {YESTERDAY}
 WHERE l.id = ANY (%(leads)s::bigint[])
"""
_OF_LEAD = ("id", "external_id", "account_id", "team_id", "owner_id", "attributes")
_OF_ACCOUNT = ("id", "attributes", "company_domain")
_OF_USER = ("id", "email", "name")
_OF_CLAIM = ("lead_id", "user_id", "taken_at", "expires_at")
_OF_OVERRIDE = (
    *("id", "lead_id", "kind", "points", "band", "reason", "note", "author_id", "starts_at", "ends_at"),
)


_DECODER = json.JSONDecoder()


class Shown(NamedTuple):
    """A lead with its account and owner, the claim on it, its override with the author, and its clocks.

    `back_at` says since when it is back from a snooze, until somebody does something with it; `refusal` how
    it said that it doesn't want to be contacted, else ""; `before` what its score was yesterday.
    """

    lead: Lead
    claim: Claim | None
    override: Override | None
    back_at: datetime | None
    refusal: str
    before: Before
    waiting: Waiting | None


def leads_of(lead_ids: Sequence[int], *, now: datetime) -> dict[int, Shown]:
    """The leads that there are, by id, as they are at that moment. What no row shows loads when asked for.

    Django's own query of the leads alone takes nearly twice as long, most of that to build.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, {"leads": list(lead_ids), "now": now})
        return {
            row[0]: Shown(
                _lead(*row[:10]),
                _claim(row[0], *row[10:13]),
                _override(row[0], *row[13:24]),
                row[24],
                row[25] or "",
                Before(*row[26:32]),
                waiting_of(*row[32:], now=now),
            )
            for row in cursor.fetchall()
        }


def _claim(lead_id: int, user_id: int | None, taken_at: datetime, expires_at: datetime) -> Claim | None:
    if user_id is None:
        return None
    return loaded(Claim, _OF_CLAIM, (lead_id, user_id, taken_at, expires_at))


def _override(lead_id: int, pk: int | None, *rest: Any) -> Override | None:
    if pk is None:
        return None
    kind, points, band, reason, note, starts_at, ends_at, author_id, email, name = rest
    values = (pk, lead_id, kind, points, band, reason, note, author_id, starts_at, ends_at)
    return loaded(Override, _OF_OVERRIDE, values, author=loaded(User, _OF_USER, (author_id, email, name)))


def _lead(
    pk: int,
    external_id: str | None,
    account_id: int | None,
    team_id: int | None,
    owner_id: int | None,
    attributes: str,
    of_account: str | None,
    company_domain: str | None,
    email: str | None,
    name: str | None,
) -> Lead:
    related: dict[str, Model] = {}
    if of_account is not None:
        values = (account_id, _json(of_account), company_domain)
        related["account"] = loaded(Account, _OF_ACCOUNT, values)
    if name is not None:
        related["owner"] = loaded(User, _OF_USER, (owner_id, email, name))
    own = (pk, external_id, account_id, team_id, owner_id, _json(attributes))
    return loaded(Lead, _OF_LEAD, own, **related)


def _json(text: str) -> Any:
    return _DECODER.raw_decode(text)[0]
