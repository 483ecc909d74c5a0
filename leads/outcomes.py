"""What working a lead came to, and signals that a person saw: logged by hand, each with a line in its log.

A conversation and a booked meeting become signals. The others end the lead: it is closed, with that outcome,
until that is undone. A wrong person ends it, too, since whoever answers there isn't the lead: past outcomes
that models are tested on leave it out.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads import access
from leads.contact import check_may_contact
from leads.ingestion.signals import add_signal
from leads.learned import checked
from leads.models import REASONS_OF, Activity, Lead, Outcome, OutcomeKind, OutcomeReason, SignalType
from leads.queue import claims
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

SOURCE = "person"
NOTHING: Mapping[str, str] = {}


class CallResult(models.TextChoices):
    """What it came to: the choices of the form, in its order."""

    NO_ANSWER = "no_answer", gettext_lazy("No answer")
    CONVERSATION = "conversation", gettext_lazy("Conversation")
    MEETING = "meeting", gettext_lazy("Meeting booked")
    WON = "won", gettext_lazy("Converted")
    LOST = "lost", gettext_lazy("Lost")
    DISQUALIFIED = "disqualified", gettext_lazy("Disqualified")
    WRONG_PERSON = "wrong_person", gettext_lazy("Wrong person")


SIGNAL_OF = {CallResult.CONVERSATION: "sales_conversation", CallResult.MEETING: "meeting_booked"}
OUTCOME_OF = {
    CallResult.WON: OutcomeKind.CONVERTED,
    CallResult.LOST: OutcomeKind.LOST,
    CallResult.DISQUALIFIED: OutcomeKind.DISQUALIFIED,
    CallResult.WRONG_PERSON: OutcomeKind.WRONG_PERSON,
}
VERB_OF = {
    CallResult.NO_ANSWER: Activity.Verb.NO_ANSWER,
    CallResult.CONVERSATION: Activity.Verb.CONVERSATION,
    CallResult.MEETING: Activity.Verb.MEETING,
}


def reasons_of(result: CallResult) -> tuple[OutcomeReason, ...]:
    """The reasons of which one is to be given; empty where none is asked for."""
    return REASONS_OF.get(OUTCOME_OF.get(result, ""), ())


@transaction.atomic
def log_call(
    *,
    lead_id: int,
    result: CallResult,
    actor: User,
    at: datetime,
    reason: str = "",
    note: str = "",
    learned: Mapping[str, str] = NOTHING,
    they_began: bool = False,
) -> Activity:
    """Log what working a lead came to. What ends the lead closes it and gives its claim back.

    `reason` is one of `reasons_of` the result, "" where that has none.
    `learned` is what a conversation told (`leads.learned`): it becomes properties of its signal.
    `they_began` says that the lead got in touch with us: all that may be logged of who doesn't want to be
    contacted, but for what ends the lead.
    Raises DomainError: `lead.not_found`, `lead.not_yours`, `lead.closed`, `outcome.reason`,
    `outcome.learned`, `contact.refused`.
    """
    lead = access.lock_to_work(actor, lead_id, now=at)
    access.check_open(lead)
    _check_reason(result, reason)
    heard = checked(learned)
    if heard and result is not CallResult.CONVERSATION:
        raise DomainError("outcome.learned", _("Only a conversation tells something."))
    if result in OUTCOME_OF:
        return _close(lead, OUTCOME_OF[result], reason, actor=actor, at=at, note=note)
    check_may_contact(lead, they_began=they_began and result in SIGNAL_OF, now=at)
    key = None
    if result in SIGNAL_OF:
        key = _signal(lead, SIGNAL_OF[result], occurred_at=at, at=at, properties=heard)
    said = {"signal": key and str(key), **({"they_began": True} if they_began else {})}
    record(action=f"call.{result}", target=lead, actor=actor, at=at, **said)
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


def _signal(
    lead: Lead, type_key: str, *, occurred_at: datetime, at: datetime, properties: Mapping[str, str] = NOTHING
) -> UUID | None:
    # A message id of its own: two calls in one moment are two conversations.
    return add_signal(
        lead_id=lead.pk,
        type_key=type_key,
        occurred_at=occurred_at,
        received_at=at,
        source=SOURCE,
        message_id=str(uuid4()),
        properties=properties,
    )


def undo_outcome(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Void an outcome, open the lead again and give back the claim that it ended.

    Raises DomainError: `activity.over`, `claim.held`.
    """
    outcome = activity.outcome
    if outcome is None or outcome.voided_at is not None:
        raise DomainError("activity.over", _("This outcome no longer stands."))
    outcome.voided_at = at
    outcome.save(update_fields=("voided_at",))
    lead.is_open = True
    lead.save(update_fields=("is_open",))
    claims.put_back(lead, activity.before, actor=actor, at=at)


def _check_reason(result: CallResult, reason: str) -> None:
    wanted = reasons_of(result)
    if wanted and reason not in wanted:
        raise DomainError("outcome.reason", _("Choose why."))
    if reason and not wanted:
        raise DomainError("outcome.reason", _("This outcome takes no reason."))


def _close(lead: Lead, kind: OutcomeKind, reason: str, *, actor: User, at: datetime, note: str) -> Activity:
    outcome = Outcome.objects.create(
        lead=lead,
        kind=kind,
        reason=reason,
        at=at,
        note=note,
        source=SOURCE,
        recorded_by=actor,
        recorded_at=at,
    )
    lead.is_open = False
    lead.save(update_fields=("is_open",))
    held = claims.current(lead, now=at)
    before = claims.remembered(held)
    if held is not None:
        claims.drop(held, actor=actor, at=at)
    record(
        action="lead.closed", target=lead, actor=actor, at=at, outcome=outcome.pk, kind=kind, reason=reason
    )
    return Activity.objects.create(
        lead=lead,
        actor=actor,
        verb=Activity.Verb.OUTCOME,
        at=at,
        note=note,
        outcome=outcome,
        before=before,
    )
