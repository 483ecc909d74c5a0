"""/api/v1/overrides/: a person's judgement beside the score."""

from typing import Any

from rest_framework import serializers

from leads import override_reviews, overrides
from leads.api.queue import WORKERS
from leads.api.shown import Named
from leads.models import Override, OverrideKind, OverrideReason
from leads.override_reviews import Verdict
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Moment, Text, Whole
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role


class OverrideBody(Body):
    lead = Whole(min_value=1, max_value=10**18 - 1)
    kind = serializers.ChoiceField(OverrideKind.choices)
    points = Whole(
        required=False,
        min_value=-overrides.GREATEST_POINTS,
        max_value=overrides.GREATEST_POINTS,
        help_text="The score to set, or the points to add; below 0: take.",
    )
    band = Text(required=False, min_length=1, max_length=60, help_text="The key of the band to set.")
    reason = serializers.ChoiceField(OverrideReason.choices)
    note = Text(required=False, allow_blank=True)
    ends_at = Moment(required=False, help_text="At most 90 days ahead; else in 14 days.")


class ReviewBody(Body):
    verdict = serializers.ChoiceField(Verdict.choices)
    comment = Text(required=False, allow_blank=True, help_text="Why, where it ends.")


class ReviewsQuery(PageQuery):
    state = serializers.ChoiceField(["waiting", "reviewed"], default="waiting")


class OverrideShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    lead = serializers.IntegerField(source="lead_id")
    kind = serializers.ChoiceField(choices=OverrideKind.values)
    points = serializers.IntegerField(allow_null=True)
    band = serializers.CharField(allow_blank=True)
    reason = serializers.ChoiceField(choices=OverrideReason.values)
    note = serializers.CharField(allow_blank=True)
    author = Named()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    is_large = serializers.BooleanField(help_text="A manager looks at it afterwards.")


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(OverrideShown))
def list_overrides(call: Call) -> Listed:
    """The overrides that count now, of the leads that you may see, the latest first."""
    return newest_first(overrides.running(user=call.user, now=call.at), call.query)


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=OverrideBody,
    gives=OverrideShown,
    statuses=(201,),
    examples={
        "Ten points more": {"lead": 1042, "kind": "points", "points": 10, "reason": "met"},
        "Held back": {"lead": 1042, "kind": "hold", "reason": "not_now", "ends_at": "2027-01-10T00:00:00Z"},
    },
)
def set_override(call: Call) -> Override:
    """Override a lead's score. One that counts already ends in the same step."""
    given = call.body
    return overrides.set_override(
        lead_id=given["lead"],
        kind=OverrideKind(given["kind"]),
        reason=OverrideReason(given["reason"]),
        points=given.get("points"),
        band=given.get("band", ""),
        note=given.get("note", ""),
        ends_at=given.get("ends_at"),
        actor=call.user,
        at=call.at,
    )


@operation(scope=Scope.WORK, roles=WORKERS, gives=OverrideShown)
def end_override(call: Call, override_id: int) -> Override:
    """End an override; the model's score counts again. Whoever may work the lead may."""
    return overrides.end_override(override_id=override_id, actor=call.user, at=call.at)


@operation(
    scope=Scope.WORK,
    roles=(Role.MANAGER,),
    takes=ReviewBody,
    gives=OverrideShown,
    examples={"Kept": {"verdict": Verdict.KEEP}},
)
def review_override(call: Call, override_id: int) -> Override:
    """Keep a large override as seen, or end it. Nobody reviews their own."""
    verdict, comment = Verdict(call.body["verdict"]), call.body.get("comment", "")
    said = override_reviews.review(
        override_id=override_id, verdict=verdict, comment=comment, actor=call.user, at=call.at
    )
    return Override.objects.select_related("author").get(pk=said.override_id)


@operation(scope=Scope.READ, roles=(Role.MANAGER,), query=ReviewsQuery, gives=page_of(OverrideShown))
def list_large_overrides(call: Call) -> Listed:
    """The large overrides of your teams: those that wait for a review, or that somebody has seen."""
    lists = {"waiting": override_reviews.waiting, "reviewed": override_reviews.reviewed}
    found = lists[call.query["state"]](call.user).select_related("author")
    return newest_first(found, call.query)


large = resource(get=list_large_overrides)
all_ = resource(get=list_overrides, post=set_override)
end = resource(post=end_override)
review = resource(post=review_override)
