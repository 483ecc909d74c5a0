"""Leaving a lead for later: it is out of one person's queue until their next working day begins."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from leads import access
from leads.models import Activity, Lead, Skip, SkipReason
from leads.queue import claims
from leads.queue.mornings import mornings_of
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User


@transaction.atomic
def skip(*, lead_id: int, reason: SkipReason, actor: User, at: datetime, note: str = "") -> Activity:
    """Take a lead out of the actor's own queue; others still see it, and a claim of the actor's ends.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `lead.closed`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    access.check_open(lead)
    until = mornings_of(actor).after(1, now=at)
    made = Skip.objects.create(lead=lead, user=actor, at=at, until=until, reason=reason, note=note)
    before = claims.give_back(lead, actor, at=at)
    record(
        action="lead.skipped", target=lead, actor=actor, at=at, reason=reason, until=made.until.isoformat()
    )
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.SKIPPED, at=at, note=note, skip=made, before=before
    )


def undo_skip(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """End a skip, and bring back the claim that it ended.

    Raises DomainError: `activity.over`, `claim.held`.
    """
    made = activity.skip
    if made is None or made.ended_at is not None or made.until <= at:
        raise DomainError("activity.over", _("This lead is back in the queue already."))
    made.ended_at = at
    made.save(update_fields=("ended_at",))
    claims.put_back(lead, activity.before, actor=actor, at=at)
