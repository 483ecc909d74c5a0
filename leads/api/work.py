"""Working a lead: claims, what it came to, signals that somebody saw, leaving it for later, and undo."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import access, activities, outcomes
from leads.api.queue import WORKERS
from leads.api.shown import Named
from leads.learned import LONGEST, Budget, BuyingStage, Timing
from leads.models import Activity, Claim, OutcomeReason, SkipReason
from leads.outcomes import CallResult
from leads.queue import claims, skips, snoozes
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Moment, Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError

NOTE = 2_000


class LearnedBody(Body):
    """What a conversation told; rules read it as properties of its signal."""

    buying_stage = serializers.ChoiceField(BuyingStage.choices, required=False)
    budget = serializers.ChoiceField(Budget.choices, required=False)
    timing = serializers.ChoiceField(Timing.choices, required=False)
    pain_points = Text(required=False, allow_blank=True, max_length=LONGEST)
    goals = Text(required=False, allow_blank=True, max_length=LONGEST)


class OutcomeBody(Body):
    result = serializers.ChoiceField(CallResult.choices)
    reason = serializers.ChoiceField(
        OutcomeReason.choices, required=False, help_text="Why, where it was lost or disqualified."
    )
    note = Text(required=False, allow_blank=True, max_length=NOTE)
    learned = LearnedBody(required=False)
    they_began = serializers.BooleanField(
        required=False, help_text="They got in touch with us: asked of who doesn't want to be contacted."
    )


class SeenBody(Body):
    type = Text(min_length=1, max_length=60, help_text="The key of a signal type.")
    occurred_at = Moment(help_text="In the past.")
    note = Text(required=False, allow_blank=True, max_length=NOTE)


class SkipBody(Body):
    reason = serializers.ChoiceField(SkipReason.choices)
    note = Text(required=False, allow_blank=True, max_length=NOTE)


class SnoozeBody(Body):
    until = Moment(help_text="Ahead, and within a year.")
    note = Text(required=False, allow_blank=True, max_length=NOTE)


class ClaimShown(serializers.Serializer[Any]):
    lead = serializers.IntegerField(source="lead_id")
    user = Named()
    taken_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="Then it comes back by itself.")


class ActivityShown(serializers.Serializer[Any]):
    """Something that was done with a lead. Undo it by its id, within a day."""

    id = serializers.IntegerField(source="pk")
    lead = serializers.IntegerField(source="lead_id")
    verb = serializers.CharField()
    actor = Named()
    at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)
    override = serializers.IntegerField(source="override_id", allow_null=True)
    undone_at = serializers.DateTimeField(allow_null=True)


@operation(scope=Scope.READ, gives=ClaimShown)
def show_claim(call: Call, lead_id: int) -> Claim:
    """Who holds a lead, until when."""
    held = claims.current(access.get_lead(call.user, lead_id), now=call.at)
    if held is None:
        raise DomainError("claim.not_found", _("Nobody holds this lead."))
    return held


@operation(scope=Scope.WORK, roles=WORKERS, gives=ClaimShown)
def claim_lead(call: Call, lead_id: int) -> Claim:
    """Hold a lead for half an hour; anew where you hold it already."""
    return claims.claim(lead_id=lead_id, actor=call.user, at=call.at)


@operation(scope=Scope.WORK, roles=WORKERS, gives=ClaimShown)
def extend_claim(call: Call, lead_id: int) -> Claim:
    """Let your claim last half an hour from now on."""
    return claims.extend(lead_id=lead_id, actor=call.user, at=call.at)


@operation(scope=Scope.WORK, roles=WORKERS, statuses=(204,))
def release_lead(call: Call, lead_id: int) -> None:
    """Give a lead back. Its holder may, and a manager of its team."""
    claims.release(lead_id=lead_id, actor=call.user, at=call.at)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=OutcomeBody,
    gives=ActivityShown,
    statuses=(201,),
    examples={
        "A conversation": {"result": "conversation", "note": "Wants an offer in May."},
        "Lost": {"result": "lost", "reason": "price"},
    },
)
def log_outcome(call: Call, lead_id: int) -> Activity:
    """Log what working a lead came to. Some results close it, which undo takes back."""
    given = call.body
    return outcomes.log_call(
        lead_id=lead_id,
        result=CallResult(given["result"]),
        reason=given.get("reason", ""),
        note=given.get("note", ""),
        learned=given.get("learned", {}),
        they_began=given.get("they_began", False),
        actor=call.user,
        at=call.at,
    )


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=SeenBody,
    gives=ActivityShown,
    statuses=(201,),
    examples={"A comment": {"type": "post_comment", "occurred_at": "2026-03-15T14:30:00Z"}},
)
def log_signal(call: Call, lead_id: int) -> Activity:
    """Log a signal that you saw and nobody recorded."""
    given = call.body
    return outcomes.log_signal(
        lead_id=lead_id,
        type_key=given["type"],
        occurred_at=given["occurred_at"],
        note=given.get("note", ""),
        actor=call.user,
        at=call.at,
    )


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=SkipBody,
    gives=ActivityShown,
    statuses=(201,),
    examples={"Not now": {"reason": "bad_time"}},
)
def skip_lead(call: Call, lead_id: int) -> Activity:
    """Take a lead out of your own queue until your next working day."""
    reason = SkipReason(call.body["reason"])
    note = call.body.get("note", "")
    return skips.skip(lead_id=lead_id, reason=reason, note=note, actor=call.user, at=call.at)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=SnoozeBody,
    gives=ActivityShown,
    statuses=(201,),
    examples={"Until May": {"until": "2027-05-03T08:00:00Z"}},
)
def snooze_lead(call: Call, lead_id: int) -> Activity:
    """Take a lead out of all queues until a moment, or until it does something of intent."""
    until, note = call.body["until"], call.body.get("note", "")
    return snoozes.snooze(lead_id=lead_id, until=until, note=note, actor=call.user, at=call.at)


@operation(scope=Scope.WORK, roles=WORKERS, gives=ActivityShown)
def wake_lead(call: Call, lead_id: int) -> Activity:
    """Bring a snoozed lead back before its time."""
    return snoozes.wake(lead_id=lead_id, actor=call.user, at=call.at)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(ActivityShown))
def list_activities(call: Call, lead_id: int) -> Listed:
    """What was done with a lead, undone things included, the latest first."""
    log = activities.log_of(access.get_lead(call.user, lead_id))
    return newest_first(log, call.query)


@operation(scope=Scope.WORK, gives=ActivityShown)
def undo_activity(call: Call, activity_id: int) -> Activity:
    """Take back what was done, within a day. Whoever did it may, and a manager of the lead's team."""
    return activities.undo(activity_id=activity_id, actor=call.user, at=call.at)


claim = resource(get=show_claim, post=claim_lead, patch=extend_claim, delete=release_lead)
outcome = resource(post=log_outcome)
skip = resource(post=skip_lead)
snooze = resource(post=snooze_lead, delete=wake_lead)
log = resource(get=list_activities)
undo = resource(post=undo_activity)
