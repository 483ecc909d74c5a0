"""Claims: leases on leads, so that two people never work the same one.

A claim lasts `LEASE` and comes back by itself. Taking the next lead leaves the claims that its holder
already has as they are, until they expire or are released: somebody who calls one lead back while
dialling the next needs both.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads import access, overrides
from leads.models import Activity, Claim, Lead, OverrideKind
from leads.queue import ranking
from leads.queue.criteria import ALL, Criteria
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

LEASE = timedelta(minutes=30)


@transaction.atomic
def next_lead(*, user: User, now: datetime, criteria: Criteria = ALL) -> Lead | None:
    """Claim the best free lead of this person's queue and return it; None when there is none.

    Two people who ask at once never get the same one: each candidate is locked, or skipped where somebody
    else has it locked, and looked at again under the lock.
    """
    for lead_id in ranking.free_lead_ids(user=user, now=now, criteria=criteria):
        lead = _lock_if_free(user, lead_id, now=now)
        if lead is not None:
            take(lead, user, at=now)
            _log(lead, user, at=now)
            return access.get_lead(user, lead.pk)
    return None


@transaction.atomic
def claim(*, lead_id: int, actor: User, at: datetime) -> Claim:
    """Hold a lead for `LEASE`. Claiming what one already holds begins the lease anew.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `lead.closed`, and `claim.held`, whose sentence
    says who holds it until when.
    """
    lead = access.lock_to_see(actor, lead_id)
    check_claimable(lead, actor, at=at)
    taken = take(lead, actor, at=at)
    _log(lead, actor, at=at)
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
    drop(held, actor=actor, at=at)
    Activity.objects.create(lead=lead, actor=actor, verb=Activity.Verb.RELEASED, at=at)


@transaction.atomic
def extend(*, lead_id: int, actor: User, at: datetime) -> Claim:
    """Let one's claim last `LEASE` from now on.

    Raises DomainError: `lead.not_found`, `claim.none`, `claim.held`.
    """
    lead = access.lock_to_see(actor, lead_id)
    held = _running(lead, at=at)
    if held.user_id != actor.pk:
        raise DomainError("claim.held", _held(held))
    held.expires_at = at + LEASE
    held.save(update_fields=("expires_at",))
    record(action="lead.claim_extended", target=lead, actor=actor, at=at)
    return held


def current(lead: Lead, *, now: datetime) -> Claim | None:
    """The claim that is running on a lead, with its user."""
    return Claim.objects.select_related("user").filter(lead=lead, expires_at__gt=now).first()


def drop(held: Claim, *, actor: User, at: datetime) -> None:
    """End a claim, under the lead's lock and with a line in the audit."""
    record(action="lead.released", target=held.lead, actor=actor, at=at, holder=held.user_id)
    held.delete()


def check_claimable(lead: Lead, user: User, *, at: datetime) -> None:
    """Raises DomainError as `claim` does. Lock the lead first."""
    held = current(lead, now=at)
    if held is not None and held.user_id != user.pk:
        raise DomainError("claim.held", _held(held))
    access.check_may_work(user, lead, now=at)
    if not lead.is_open:
        raise DomainError("lead.closed", _("This lead is closed. Undo its outcome first."))


def take(lead: Lead, user: User, *, at: datetime) -> Claim:
    """Begin a lease, in place of one that ran out. Lock the lead and check first."""
    taken, _created = Claim.objects.update_or_create(
        lead=lead, defaults={"user": user, "taken_at": at, "expires_at": at + LEASE}
    )
    expires_at = taken.expires_at.isoformat()
    record(action="lead.claimed", target=lead, actor=user, at=at, expires_at=expires_at)
    return taken


def _log(lead: Lead, user: User, *, at: datetime) -> None:
    Activity.objects.create(lead=lead, actor=user, verb=Activity.Verb.CLAIMED, at=at)


def _lock_if_free(user: User, lead_id: int, *, now: datetime) -> Lead | None:
    """The lead, locked, if nobody else has it locked and it is still there to be taken."""
    lead = (
        Lead.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=lead_id, is_open=True).first()
    )
    if lead is None or not access.may_work(user, lead, now=now) or current(lead, now=now) is not None:
        return None
    held_back = overrides.active(at=now).filter(Q(lead=lead, kind=OverrideKind.HOLD))
    return None if held_back.exists() else lead


def _running(lead: Lead, *, at: datetime) -> Claim:
    held = current(lead, now=at)
    if held is None:
        raise DomainError("claim.none", _("Nobody holds this lead."))
    return held


def _held(held: Claim) -> str:
    until = date_format(timezone.localtime(held.expires_at), "H:i")
    return _("%(person)s holds this lead until %(time)s.") % {"person": held.user, "time": until}
