"""Snoozing: a lead is out of all queues until a moment, and comes back by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from leads import access
from leads.models import Activity, Lead, Snooze
from leads.queue import away, claims
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

GREATEST_LENGTH = timedelta(days=365)


@transaction.atomic
def snooze(*, lead_id: int, until: datetime, actor: User, at: datetime, note: str = "") -> Activity:
    """Take a lead out of all queues until `until`, at most 365 days ahead; a claim of the actor's ends.

    An intent signal that happens after `at` brings it back early. Snoozing again begins anew.
    Raises DomainError: `lead.not_found`, `lead.not_yours`, `lead.closed`, `claim.held`, `snooze.until`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    access.check_open(lead)
    claims.check_not_held(lead, actor.pk, at=at)
    if not at < until <= at + GREATEST_LENGTH:
        raise DomainError("snooze.until", _("Choose a moment that is ahead, and within a year."))
    before = claims.give_back(lead, actor, at=at) | _end_last(lead, at=at)
    made = Snooze.objects.create(lead=lead, user=actor, at=at, until=until, note=note)
    _say(lead, made)
    record(action="lead.snoozed", target=lead, actor=actor, at=at, until=until.isoformat())
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.SNOOZED, at=at, note=note, snooze=made, before=before
    )


@transaction.atomic
def wake(*, lead_id: int, actor: User, at: datetime) -> Activity:
    """Bring a snoozed lead back before its time.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `snooze.none`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    running = away.snooze_of(lead, now=at)
    if running is None:
        raise DomainError("snooze.none", _("This lead isn't snoozed."))
    _end_last(lead, at=at)
    _say(lead, None)
    record(action="lead.woken", target=lead, actor=actor, at=at)
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.WOKEN, at=at, snooze=running, before={"snooze": running.pk}
    )


def undo_snooze(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """End a snooze, and let that count again which counted before; give back the claim that it ended.

    Raises DomainError: `activity.over`, `claim.held`.
    """
    made = activity.snooze
    if made is None or made.ended_at is not None or made.until <= at:
        raise DomainError("activity.over", _("This lead is back in the queue already, or was snoozed anew."))
    _end_last(lead, at=at)
    _resume(lead, activity.before.get("snooze"))
    claims.put_back(lead, activity.before, actor=actor, at=at)
    record(action="lead.woken", target=lead, actor=actor, at=at)


def undo_wake(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Let a snooze count again that somebody ended. Raises DomainError `activity.over`."""
    if activity.snooze is None or activity.snooze.until <= at:
        raise DomainError("activity.over", _("This snooze would have ended by now."))
    if Snooze.objects.filter(lead=lead, ended_at=None).exists():
        raise DomainError("activity.over", _("This lead was snoozed anew."))
    _resume(lead, activity.snooze.pk)
    record(action="lead.snoozed", target=lead, actor=actor, at=at, until=activity.snooze.until.isoformat())


def _end_last(lead: Lead, *, at: datetime) -> dict[str, int]:
    """End the snooze that counts or counted last; what an activity keeps of it in `before`."""
    last = Snooze.objects.filter(lead=lead, ended_at=None).first()
    if last is None:
        return {}
    last.ended_at = at
    last.save(update_fields=("ended_at",))
    return {"snooze": last.pk}


def _resume(lead: Lead, snooze_id: int | None) -> None:
    last = None if snooze_id is None else Snooze.objects.get(pk=snooze_id)
    if last is not None:
        last.ended_at = None
        last.save(update_fields=("ended_at",))
    _say(lead, last)


def _say(lead: Lead, last: Snooze | None) -> None:
    """Have the lead say the same, for the queue."""
    lead.snoozed_at, lead.snoozed_until = (None, None) if last is None else (last.at, last.until)
    lead.save(update_fields=("snoozed_at", "snoozed_until"))
