"""Claims: leases on leads, so that two people never work the same one.

A claim lasts `LEASE` and comes back by itself. Taking the next lead leaves the claims that its holder
already has as they are, until they expire or are released: somebody who calls one lead back while
dialling the next needs both.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads import access
from leads.loading import loaded
from leads.models import Activity, Claim, Lead
from leads.queue import ranking, ranking_sql
from leads.queue.criteria import ALL, Criteria
from leads.queue.next_sql import CLAIMED, claim_first, claim_kept, noted
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

LEASE = timedelta(minutes=30)

_CURRENT = """
SELECT c.lead_id, c.user_id, c.taken_at, c.expires_at, u.email, u.name
  FROM leads_claim c JOIN people_user u ON u.id = c.user_id
 WHERE c.lead_id = %(lead)s::bigint AND c.expires_at > %(now)s::timestamptz
"""


@transaction.atomic
def next_lead(*, user: User, now: datetime, criteria: Criteria = ALL) -> Lead | None:
    """Claim the best free lead of this person's queue and return it; None when there is none.

    Two people who ask at once never get the same one: a candidate that somebody else has locked is passed
    over, and what is locked is looked at again under the lock (`next_sql`).
    """
    free, until = ranking.free_of(user, criteria), now + LEASE
    if free is None:
        return None
    keeping = ranking_sql.keeping(*free, now=now, size=ranking.CANDIDATES)
    lead = claim_kept(user, keeping, at=now, until=until)
    if lead is not None:
        return lead
    batches = ranking.free_lead_ids(user=user, now=now, criteria=criteria)
    claimed = (claim_first(user, lead_ids, at=now, until=until) for lead_ids in batches)
    return next(filter(None, claimed), None)


@transaction.atomic
def claim(*, lead_id: int, actor: User, at: datetime) -> Claim:
    """Hold a lead for `LEASE`. Claiming what one already holds begins the lease anew.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `lead.closed`, and `claim.held`, whose sentence
    says who holds it until when.
    """
    lead = access.lock_to_see(actor, lead_id)
    held = current(lead, now=at)
    _check_claimable(lead, actor, held, at=at)
    taken = _take(lead, actor, at=at)
    before = remembered(held)
    Activity.objects.create(lead=lead, actor=actor, verb=Activity.Verb.CLAIMED, at=at, before=before)
    return taken


@transaction.atomic
def release(*, lead_id: int, actor: User, at: datetime) -> None:
    """Give a claimed lead back. Its holder may do it, and a manager of the lead's team.

    Raises DomainError: `lead.not_found`, `claim.none`, `claim.held`.
    """
    lead = access.lock_to_see(actor, lead_id)
    held = _running(lead, at=at)
    if held.user_id != actor.pk and not access.manages(actor, lead):
        raise DomainError("claim.held", _held(held))
    before = remembered(held)
    drop(held, actor=actor, at=at)
    Activity.objects.create(lead=lead, actor=actor, verb=Activity.Verb.RELEASED, at=at, before=before)


@transaction.atomic
def extend(*, lead_id: int, actor: User, at: datetime) -> Claim:
    """Let one's claim last `LEASE` from now on.

    Raises DomainError: `lead.not_found`, `claim.none`, `claim.held`.
    """
    lead = access.lock_to_see(actor, lead_id)
    held = _running(lead, at=at)
    if held.user_id != actor.pk:
        raise DomainError("claim.held", _held(held))
    before = remembered(held)
    held.expires_at = at + LEASE
    held.save(update_fields=("expires_at",))
    record(action="lead.claim_extended", target=lead, actor=actor, at=at)
    Activity.objects.create(lead=lead, actor=actor, verb=Activity.Verb.EXTENDED, at=at, before=before)
    return held


def current(lead: Lead, *, now: datetime) -> Claim | None:
    """The claim that is running on a lead, with its user."""
    with prepared_cursor() as cursor:
        cursor.execute(_CURRENT, {"lead": lead.pk, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    lead_id, user_id, taken_at, expires_at, email, name = row
    user = loaded(User, ("id", "email", "name"), (user_id, email, name))
    values = (lead_id, user_id, taken_at, expires_at)
    return loaded(Claim, ("lead_id", "user_id", "taken_at", "expires_at"), values, lead=lead, user=user)


def give_back(lead: Lead, user: User, *, at: datetime) -> dict[str, Any]:
    """End this person's claim, if they have one, as part of another deed; what `put_back` needs."""
    held = current(lead, now=at)
    if held is None or held.user_id != user.pk:
        return {}
    before = remembered(held)
    drop(held, actor=user, at=at)
    return before


def remembered(held: Claim | None) -> dict[str, Any]:
    """A claim as an activity keeps it in `before`."""
    if held is None:
        return {}
    moments = {"taken_at": held.taken_at.isoformat(), "expires_at": held.expires_at.isoformat()}
    return {"claim": {"user": held.user_id, **moments}}


def put_back(lead: Lead, before: Mapping[str, Any], *, actor: User, at: datetime) -> Claim | None:
    """Have the claim again that a deed ended, until its own end; None where there was none, or it is over.

    Lock the lead first. Raises DomainError `claim.held` where somebody else took the lead meanwhile.
    """
    was = before.get("claim")
    if was is None or datetime.fromisoformat(was["expires_at"]) <= at:
        return None
    check_not_held(lead, was["user"], at=at)
    moments = {key: datetime.fromisoformat(was[key]) for key in ("taken_at", "expires_at")}
    held, _created = Claim.objects.update_or_create(lead=lead, defaults={"user_id": was["user"], **moments})
    record(action="lead.claim_resumed", target=lead, actor=actor, at=at, holder=was["user"])
    return held


def check_not_held(lead: Lead, user_id: int, *, at: datetime) -> None:
    """Raises DomainError `claim.held` where somebody other than this person holds the lead."""
    _check_own(current(lead, now=at), user_id)


def _check_own(held: Claim | None, user_id: int) -> None:
    if held is not None and held.user_id != user_id:
        raise DomainError("claim.held", _held(held))


def undo_claim(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """End the claim that was taken; one that it renewed returns. Raises DomainError `activity.over`."""
    held = current(lead, now=at)
    if held is None or (held.user_id, held.taken_at) != (activity.actor_id, activity.at):
        raise DomainError("activity.over", _("This claim has ended already, or was renewed since."))
    drop(held, actor=actor, at=at)
    put_back(lead, activity.before, actor=actor, at=at)


def undo_extension(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Let a claim end when it would have. Raises DomainError `activity.over`."""
    held = current(lead, now=at)
    if held is None or (held.user_id, held.expires_at) != (activity.actor_id, activity.at + LEASE):
        raise DomainError("activity.over", _("This claim has ended already, or was renewed since."))
    drop(held, actor=actor, at=at)
    put_back(lead, activity.before, actor=actor, at=at)


def undo_release(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Have the claim again that was released. Raises DomainError: `activity.over`, `claim.held`."""
    access.check_open(lead)
    if put_back(lead, activity.before, actor=actor, at=at) is None:
        raise DomainError("activity.over", _("This claim would have ended by now."))


def drop(held: Claim, *, actor: User, at: datetime) -> None:
    """End a claim, under the lead's lock and with a line in the audit."""
    record(action="lead.released", target=held.lead, actor=actor, at=at, holder=held.user_id)
    held.delete()


def _check_claimable(lead: Lead, user: User, held: Claim | None, *, at: datetime) -> None:
    _check_own(held, user.pk)
    if not access.may_work_held(user, lead, held):
        raise access.not_yours(user, lead, now=at)
    access.check_open(lead)


def _take(lead: Lead, user: User, *, at: datetime) -> Claim:
    """Begin a lease, in place of one that ran out or is begun anew, under the lead's lock."""
    taken = Claim(lead=lead, user=user, taken_at=at, expires_at=at + LEASE)
    terms = ("user", "taken_at", "expires_at")
    Claim.objects.bulk_create([taken], update_conflicts=True, unique_fields=("lead",), update_fields=terms)
    record(action=CLAIMED, target=lead, actor=user, at=at, **noted(taken.expires_at))
    return taken


def _running(lead: Lead, *, at: datetime) -> Claim:
    held = current(lead, now=at)
    if held is None:
        raise DomainError("claim.none", _("Nobody holds this lead."))
    return held


def _held(held: Claim) -> str:
    until = date_format(timezone.localtime(held.expires_at), "H:i")
    return _("%(person)s holds this lead until %(time)s.") % {"person": held.user, "time": until}
