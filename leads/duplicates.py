"""Leads that may be one person: suggested, never merged unasked.

Two leads of one company with the same first and last name, or two addresses of one mailbox (kim@… and
kim+news@…; the same address twice there is not). Both are looked up by index, for one lead or for a few
thousand, newest first; each lead with the oldest that it may be.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils.translation import gettext as _

from leads import access
from leads.merging.pair import check_two
from leads.models import Lead, NotSame
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

PAIRS = 20
LOOKED_AT = 3_000  # leads for one page
OF_ONE = 5
EMAIL, NAME = "email", "name"


class Pair(NamedTuple):
    """Two leads that may be one, the newer first, and why."""

    newer: int
    older: int
    why: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Some pairs. `next` is the id before which to look on; None at the end."""

    pairs: Sequence[Pair]
    next: int | None


MAILBOX = r"regexp_replace({0}.email, '\+[^@]*@', '@')"
_IS_TAGGED = "{0}.email LIKE '%%+%%'"
# Leads (o) that may be the lead l.
_LIKE = f"""
SELECT o.id, '{NAME}' AS why FROM leads_lead o
 WHERE o.account_id = l.account_id AND o.last_name = l.last_name AND o.first_name = l.first_name
UNION ALL
SELECT o.id, '{EMAIL}' FROM leads_lead o WHERE {_IS_TAGGED.format("l")} AND o.email = {MAILBOX.format("l")}
UNION ALL
SELECT o.id, '{EMAIL}' FROM leads_lead o
 WHERE {_IS_TAGGED.format("o")} AND {MAILBOX.format("o")} = {MAILBOX.format("l")}
"""
_IS_OFFERED = """
o.absorbed_into_id IS NULL AND (%(all)s OR o.team_id IS NULL OR o.team_id = ANY (%(teams)s::bigint[]))
AND NOT EXISTS (SELECT FROM leads_notsame n WHERE n.undone_at IS NULL
                   AND n.first_id = LEAST(l.id, o.id) AND n.second_id = GREATEST(l.id, o.id))
"""
_NEWEST = f"""
WITH looked AS MATERIALIZED (
    SELECT l.id, l.account_id, l.first_name, l.last_name, l.email FROM leads_lead l
     WHERE l.id < %(before)s AND l.absorbed_into_id IS NULL
       AND (%(all)s OR l.team_id IS NULL OR l.team_id = ANY (%(teams)s::bigint[]))
     ORDER BY l.id DESC LIMIT %(most)s
), pairs AS (
    SELECT l.id AS newer, p.older, p.why
      FROM looked l CROSS JOIN LATERAL (
           SELECT o.id AS older, x.why FROM ({_LIKE}) x JOIN leads_lead o ON o.id = x.id
            WHERE o.id < l.id AND {_IS_OFFERED} ORDER BY o.id, x.why LIMIT 1) p
     ORDER BY l.id DESC LIMIT %(pairs)s
)
SELECT newer, older, why, NULL FROM pairs
UNION ALL SELECT NULL, NULL, NULL, min(id) FROM looked HAVING count(*) = %(most)s
"""
_OF_ONE = f"""
SELECT GREATEST(l.id, o.id), LEAST(l.id, o.id), min(x.why)
  FROM leads_lead l CROSS JOIN LATERAL ({_LIKE}) x JOIN leads_lead o ON o.id = x.id
 WHERE l.id = %(lead)s AND o.id <> l.id AND {_IS_OFFERED}
 GROUP BY l.id, o.id ORDER BY o.id LIMIT %(pairs)s
"""


def suggestions(*, user: User, before: int | None = None) -> Suggestions:
    """Pairs among the leads that this person may see, the newest first, from the id `before` on."""
    given = {"before": before or 2**63 - 1, "most": LOOKED_AT, "pairs": PAIRS + 1}
    rows = _run(_NEWEST, user, given)
    pairs = [Pair(newer, older, why) for newer, older, why, _low in rows if newer is not None]
    looked_to = next((row[3] for row in rows if row[0] is None), None)
    if len(pairs) > PAIRS:
        return Suggestions(pairs[:PAIRS], pairs[PAIRS - 1].newer)
    return Suggestions(pairs, looked_to)


def duplicates_of(lead: Lead, *, user: User) -> Sequence[Pair]:
    """The leads that may be this one, as far as this person may see them."""
    return [Pair(*row) for row in _run(_OF_ONE, user, {"lead": lead.pk, "pairs": OF_ONE})]


@transaction.atomic
def say_not_same(*, lead_ids: tuple[int, int], actor: User, at: datetime) -> NotSame:
    """Remember that two leads are different people. Whoever may work both may say so, once or again.

    Raises DomainError: `merge.same`, `lead.not_found`, `lead.not_yours`.
    """
    first, second = _lock(lead_ids, actor, at)
    said, is_new = NotSame.objects.get_or_create(
        first=first, second=second, undone_at=None, defaults={"said_by": actor, "said_at": at}
    )
    if is_new:
        record(action="lead.not_same", target=first, actor=actor, at=at, other=second.pk)
    return said


@transaction.atomic
def take_back_not_same(*, not_same_id: int, actor: User, at: datetime) -> None:
    """Suggest the two again. Raises DomainError: `not_same.not_found`, and as `say_not_same`."""
    said = NotSame.objects.filter(pk=not_same_id, undone_at=None).first()
    if said is None:
        raise DomainError("not_same.not_found", _("That was taken back already."))
    first, second = _lock((said.first_id, said.second_id), actor, at)
    NotSame.objects.filter(pk=said.pk, undone_at=None).update(undone_at=at)
    record(action="lead.maybe_same", target=first, actor=actor, at=at, other=second.pk)


def _lock(lead_ids: tuple[int, int], actor: User, at: datetime) -> tuple[Lead, Lead]:
    check_two(*lead_ids)
    low, high = (access.lock_to_work(actor, lead_id, now=at) for lead_id in sorted(lead_ids))
    return low, high


def _run(sql: str, user: User, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    scope: dict[str, Any] = {"all": access.sees_all(user), "teams": list(user.team_ids)}
    with connection.cursor() as cursor:
        cursor.execute(sql, {**given, **scope})
        return list(cursor.fetchall())
