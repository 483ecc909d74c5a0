"""Which leads are out of a queue for a while: snoozed and returned ones of everybody's, skipped ones of one
person's.

The queue's SQL (`ranking_sql`) says the same; whoever holds a lead sees it nevertheless.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, Exists, F, OuterRef, QuerySet, When

from leads import overrides
from leads.effective import effective
from leads.models import Activity, Lead, Score, Skip, Snooze
from leads.scorer import scorer
from leadscoring.people.models import User


def is_snoozed(lead: Lead, *, now: datetime) -> bool:
    """A snooze ends by itself to the microsecond, and early with an intent signal that happened after it
    began."""
    if lead.snoozed_at is None or lead.snoozed_until is None or lead.snoozed_until <= now:
        return False
    return not Score.objects.filter(lead=lead, last_intent_at__gt=lead.snoozed_at).exists()


def is_returned(lead: Lead, *, now: datetime) -> bool:
    """Whether marketing has the lead back: it counts for no higher band than that it was returned from."""
    score = None if lead.returned_rank is None else Score.objects.filter(lead=lead).first()
    if lead.returned_rank is None or score is None:
        return False
    override = overrides.active(at=now).filter(lead=lead).first()
    counted = effective(score, override, scorer().scales().of(score.version_id))
    return counted.band.rank <= lead.returned_rank


def snooze_of(lead: Lead, *, now: datetime) -> Snooze | None:
    """The snooze that keeps the lead away at that moment, with its user."""
    if not is_snoozed(lead, now=now):
        return None
    return Snooze.objects.select_related("user").filter(lead=lead, ended_at=None).first()


def back_from_snooze(leads: Iterable[Lead], *, now: datetime) -> dict[int, Snooze]:
    """The snoozes that brought these leads back, by lead, until somebody does something with the lead.

    `back_at` of each says when. No query where none of the leads was snoozed.
    """
    snoozed = [lead.pk for lead in leads if lead.snoozed_at is not None]
    if not snoozed:
        return {}
    signalled = F("lead__score__last_intent_at")
    came_back = Case(
        When(until__lte=now, then="until"), When(lead__score__last_intent_at__gt=F("at"), then=signalled)
    )
    since = Activity.objects.filter(lead=OuterRef("lead"), at__gte=OuterRef("back_at"), undone_at=None)
    snoozes = Snooze.objects.filter(lead__in=snoozed, ended_at=None).select_related("user")
    back = snoozes.annotate(back_at=came_back).filter(~Exists(since), back_at__isnull=False)
    return {snooze.lead_id: snooze for snooze in back}


def running_skips(user: User, *, now: datetime) -> QuerySet[Skip]:
    """This person's skips that still hold."""
    return Skip.objects.filter(user=user, until__gt=now, ended_at=None)
