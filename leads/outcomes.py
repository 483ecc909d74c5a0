"""What a call came to, and signals that a person saw: logged by hand, each with a line in the lead's log."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads import access
from leads.ingestion.signals import add_signal
from leads.models import Activity, Lead, Outcome, OutcomeKind, SignalType
from leads.queue import claims
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

SOURCE = "person"


class CallResult(models.TextChoices):
    """How a call ended: the choices of the form, in its order."""

    NO_ANSWER = "no_answer", gettext_lazy("No answer")
    CONVERSATION = "conversation", gettext_lazy("Conversation")
    MEETING = "meeting", gettext_lazy("Meeting booked")
    WON = "won", gettext_lazy("Won")
    LOST = "lost", gettext_lazy("Lost")
    DISQUALIFIED = "disqualified", gettext_lazy("Disqualified")


SIGNAL_OF = {CallResult.CONVERSATION: "sales_conversation", CallResult.MEETING: "meeting_booked"}
OUTCOME_OF = {
    CallResult.WON: OutcomeKind.CONVERTED,
    CallResult.LOST: OutcomeKind.LOST,
    CallResult.DISQUALIFIED: OutcomeKind.DISQUALIFIED,
}
VERB_OF = {
    CallResult.NO_ANSWER: Activity.Verb.NO_ANSWER,
    CallResult.CONVERSATION: Activity.Verb.CONVERSATION,
    CallResult.MEETING: Activity.Verb.MEETING,
}


@transaction.atomic
def log_call(*, lead_id: int, result: CallResult, actor: User, at: datetime, note: str = "") -> Activity:
    """Log how a call ended. A conversation and a booked meeting are signals; won, lost and disqualified
    close the lead and give its claim back.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `lead.closed`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    if not lead.is_open:
        raise DomainError("lead.closed", _("This lead is closed. Undo its outcome first."))
    if result in OUTCOME_OF:
        return _close(lead, OUTCOME_OF[result], actor=actor, at=at, note=note)
    key = _signal(lead, SIGNAL_OF[result], occurred_at=at, at=at) if result in SIGNAL_OF else None
    record(action=f"call.{result}", target=lead, actor=actor, at=at, signal=key and str(key))
    return Activity.objects.create(
        lead=lead, actor=actor, verb=VERB_OF[result], at=at, note=note, signal_key=key
    )


@transaction.atomic
def log_signal(
    *, lead_id: int, type_key: str, occurred_at: datetime, actor: User, at: datetime, note: str = ""
) -> Activity:
    """Log a signal that a person saw. It may be of the past, not of the future.

    Raises DomainError: `lead.not_found`, `lead.not_yours`, `signal.type`, `signal.future`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    if not SignalType.objects.filter(key=type_key).exists():
        raise DomainError("signal.type", _("There is no such type of signal."))
    if occurred_at > at:
        raise DomainError("signal.future", _("That time has not come yet."))
    key = _signal(lead, type_key, occurred_at=occurred_at, at=at)
    record(action="signal.logged", target=lead, actor=actor, at=at, type=type_key, signal=str(key))
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.SIGNAL, at=at, note=note, signal_key=key
    )


def _signal(lead: Lead, type_key: str, *, occurred_at: datetime, at: datetime) -> UUID | None:
    # A message id of its own: two calls in one moment are two conversations.
    return add_signal(
        lead_id=lead.pk,
        type_key=type_key,
        occurred_at=occurred_at,
        received_at=at,
        source=SOURCE,
        message_id=str(uuid4()),
    )


def _close(lead: Lead, kind: OutcomeKind, *, actor: User, at: datetime, note: str) -> Activity:
    outcome = Outcome.objects.create(
        lead=lead, kind=kind, at=at, note=note, source=SOURCE, recorded_by=actor, recorded_at=at
    )
    lead.is_open = False
    lead.save(update_fields=("is_open",))
    held = claims.current(lead, now=at)
    if held is not None:
        claims.drop(held, actor=actor, at=at)
    record(action="lead.closed", target=lead, actor=actor, at=at, outcome=outcome.pk, kind=kind)
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.OUTCOME, at=at, note=note, outcome=outcome
    )
