"""What marketing hands over to sales: accepted, returned, handed over again, and how much of it."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from leads import acceptance, handoffs
from leads.api.queue import MARKETERS, WORKERS
from leads.api.shown import Named
from leads.api.work import NOTE, ActivityShown
from leads.models import Activity, ReturnReason
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role

READERS = (Role.MARKETING, Role.MANAGER, Role.ADMIN)


class AcceptBody(Body):
    note = Text(required=False, allow_blank=True, max_length=NOTE)


class ReturnBody(Body):
    reason = serializers.ChoiceField(ReturnReason.choices)
    note = Text(required=False, allow_blank=True, max_length=NOTE, help_text="What marketing should know.")


class HandoffsQuery(PageQuery):
    band = Text(required=False, max_length=60, help_text="Of leads that counted for this band then.")
    source = Text(  # type: ignore[assignment]  # not the attribute of fields
        required=False, allow_blank=True, max_length=200, help_text="In normal form; empty: without one."
    )


class HandoffShown(serializers.Serializer[Any]):
    """What sales said to a lead. Band and source are those of then."""

    id = serializers.IntegerField(source="pk")
    lead = serializers.IntegerField(source="lead_id")
    by = Named()
    at = serializers.DateTimeField()
    accepted = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="Why it was returned.")
    note = serializers.CharField(allow_blank=True)
    band = serializers.CharField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]


class IntervalShown(serializers.Serializer[Any]):
    low = serializers.FloatField()
    high = serializers.FloatField()


class RateShown(serializers.Serializer[Any]):
    value = serializers.CharField(allow_blank=True, help_text="The band's key, or the source.")
    decided = serializers.IntegerField()
    accepted = serializers.IntegerField()
    share = serializers.FloatField()
    interval = IntervalShown(allow_null=True, help_text="95 %.")


class RatesShown(serializers.Serializer[Any]):
    """Of the last 90 days."""

    by_band = RateShown(many=True)
    by_source = RateShown(many=True)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=AcceptBody,
    gives=ActivityShown,
    statuses=(201,),
    examples={"Taken": {}},
)
def accept_lead(call: Call, lead_id: int) -> Activity:
    """Take a lead over from marketing: its owner, whoever holds it, or a manager of its team."""
    note = call.body.get("note", "")
    return handoffs.accept(lead_id=lead_id, note=note, actor=call.user, at=call.at)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=ReturnBody,
    gives=ActivityShown,
    statuses=(201,),
    examples={"Too early": {"reason": "too_early", "note": "Budget comes in May."}},
)
def return_lead(call: Call, lead_id: int) -> Activity:
    """Return a lead to marketing, with a reason."""
    reason, note = ReturnReason(call.body["reason"]), call.body.get("note", "")
    return handoffs.send_back(lead_id=lead_id, reason=reason, note=note, actor=call.user, at=call.at)


@operation(scope=Scope.WORK, roles=MARKETERS, gives=ActivityShown, statuses=(201,))
def hand_over_lead(call: Call, lead_id: int) -> Activity:
    """Give a returned lead to sales once more."""
    return handoffs.hand_over(lead_id=lead_id, actor=call.user, at=call.at)


@operation(scope=Scope.READ, roles=READERS, query=HandoffsQuery, gives=page_of(HandoffShown))
def list_handoffs(call: Call) -> Listed:
    """What sales said in the last 90 days to the leads that you may see, the latest first."""
    chosen = {name: call.query[name] for name in ("band", "source") if name in call.query}
    found = acceptance.decided(call.user, now=call.at).filter(**chosen).select_related("by")
    return newest_first(found, call.query)


@operation(scope=Scope.READ, roles=READERS, gives=RatesShown)
def show_acceptance(call: Call) -> Mapping[str, Any]:
    """How much of what marketing hands over sales accepts, by band and by source."""
    found = acceptance.decided(call.user, now=call.at)
    return {
        f"by_{name}": [_rate(one) for one in acceptance.rates(found, by=name)] for name in ("band", "source")
    }


def _rate(one: acceptance.Rate) -> Mapping[str, Any]:
    interval = one.interval
    return {
        "value": one.value,
        "decided": one.decided,
        "accepted": one.accepted,
        "share": one.share,
        "interval": interval and {"low": interval.low, "high": interval.high},
    }


accept = resource(post=accept_lead)
return_ = resource(post=return_lead)
hand_over = resource(post=hand_over_lead)
all_ = resource(get=list_handoffs)
rates = resource(get=show_acceptance)
