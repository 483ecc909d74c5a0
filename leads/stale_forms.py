"""Forms that were opened before somebody else changed the lead: they aren't applied silently.

A form carries, signed, what of the lead it was opened on. What has changed since is found under the lead's
lock, in the transaction that would carry the form out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.core import signing
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from leads import access
from leads.models import Assignment, Lead, Outcome, Override, Snooze
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

SALT = "leads.state"


# Of each of these a lead has one at a time, by constraint.
_STATE = """
SELECT l.owner_id, c.user_id, x.id, o.id, z.id
  FROM leads_lead l
  LEFT JOIN leads_claim c ON c.lead_id = l.id AND c.expires_at > %(now)s::timestamptz
  LEFT JOIN leads_outcome x ON x.lead_id = l.id AND x.voided_at IS NULL
  LEFT JOIN leads_override o
         ON o.lead_id = l.id AND o.starts_at <= %(now)s::timestamptz AND o.ends_at > %(now)s::timestamptz
  LEFT JOIN leads_snooze z ON z.lead_id = l.id AND z.ended_at IS NULL AND z.until > %(now)s::timestamptz
 WHERE l.id = %(lead)s::bigint
"""


class State(NamedTuple):
    """What of a lead decides about working it, as ids; None where there is no such thing."""

    owner: int | None
    holder: int | None
    outcome: int | None
    override: int | None
    snooze: int | None


@dataclass(frozen=True, slots=True)
class Change:
    """What it was when the form was opened, and what it is; `by` is "" where that isn't known."""

    what: str
    seen: str
    now: str
    by: str


class Moved(DomainError):
    """Somebody else changed the lead since the form was opened; `changes` says what."""

    def __init__(self, changes: list[Change]) -> None:
        super().__init__("lead.moved", _("This lead was changed since you opened the form."))
        self.changes = changes


def state_of(lead_id: int, *, now: datetime) -> State:
    """What the lead is at that moment. One query."""
    with prepared_cursor() as cursor:
        cursor.execute(_STATE, {"lead": lead_id, "now": now})
        [row] = cursor.fetchall()
    return State(*row)


def sealed(state: State) -> str:
    """The state as a form carries it."""
    return signing.dumps(list(state), salt=SALT)


def unsealed(word: str) -> State | None:
    """The state that a form was opened on; None where it says none that we wrote."""
    try:
        return State(*signing.loads(word, salt=SALT))
    except (signing.BadSignature, TypeError):
        return None


def check_unmoved(*, lead_id: int, seen: State | None, actor: User, at: datetime) -> None:
    """Lock the lead and raise `Moved` where somebody else changed it since. Call it in a transaction.

    What has ended by itself, a claim or a snooze, is no change, and neither is what the actor holds.
    Raises DomainError `lead.not_found`.
    """
    lead = access.lock_to_see(actor, lead_id)
    if seen is None:
        return
    changes = list(_changes(lead, seen, state_of(lead_id, now=at), actor))
    if changes:
        raise Moved(changes)


def _changes(lead: Lead, seen: State, now: State, actor: User) -> Iterator[Change]:
    if seen.owner != now.owner:
        yield Change(_("Owner"), _person(seen.owner), _person(now.owner), _assigned_by(lead))
    if now.holder not in (None, actor.pk, seen.holder):
        yield Change(_("Who works it"), _person(seen.holder), _person(now.holder), _person(now.holder))
    if seen.outcome != now.outcome:
        yield Change(_("Outcome"), _outcome(seen.outcome), _outcome(now.outcome), _closed_by(now.outcome))
    if seen.override != now.override:
        last = now.override or seen.override
        by = "" if last is None else _overridden_by(last, ended=now.override is None)
        if now.override is not None or by:
            yield Change(_("Override"), _override(seen.override), _override(now.override), by)
    if now.snooze not in (None, seen.snooze):
        snooze = Snooze.objects.select_related("user").get(pk=now.snooze)
        until = date_format(localtime(snooze.until), "j M, H:i")
        yield Change(_("Snoozed until"), _("not snoozed"), until, str(snooze.user))


def _person(pk: int | None) -> str:
    return _("nobody") if pk is None else str(User.objects.get(pk=pk))


def _assigned_by(lead: Lead) -> str:
    last = Assignment.objects.filter(lead=lead).select_related("by").order_by("-pk").first()
    return str(last.by) if last is not None and last.by is not None else ""


def _outcome(pk: int | None) -> str:
    return _("open") if pk is None else str(Outcome.objects.get(pk=pk).get_kind_display())


def _closed_by(pk: int | None) -> str:
    outcome = None if pk is None else Outcome.objects.select_related("recorded_by").get(pk=pk)
    return str(outcome.recorded_by) if outcome is not None and outcome.recorded_by is not None else ""


def _override(pk: int | None) -> str:
    if pk is None:
        return _("none")
    override = Override.objects.get(pk=pk)
    value = override.band if override.points is None else str(override.points)
    return f"{override.get_kind_display()} {value}".strip()


def _overridden_by(pk: int, *, ended: bool) -> str:
    """Who set an override, or ended it; "" where it ended by itself."""
    override = Override.objects.select_related("author", "ended_by").get(pk=pk)
    person = override.ended_by if ended else override.author
    return "" if person is None else str(person)
