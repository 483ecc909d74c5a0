"""What waits for one person: the day's work, second looks, and what can still be undone."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import serializers

from leads import activities, second_looks
from leads.api.queue import WORKERS
from leads.api.work import ActivityShown
from leads.models import SecondLook
from leads.today import Section, today
from leadscoring.api.bodies import PageQuery
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope


class DayLineShown(serializers.Serializer[Any]):
    lead = serializers.IntegerField(source="lead.pk")
    name = serializers.CharField(source="lead.name")
    at = serializers.DateTimeField(allow_null=True, help_text="The moment that matters, such as an end.")
    due_at = serializers.DateTimeField(source="waiting.first.due_at", default=None, allow_null=True)


class SectionShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    heading = serializers.CharField()
    count = serializers.IntegerField(help_text="Up to 100.")
    lines = DayLineShown(many=True, help_text="The first of them.")


class TodayShown(serializers.Serializer[Any]):
    sections = SectionShown(many=True, help_text="Those that aren't empty, the most urgent first.")


class SecondLookShown(serializers.Serializer[Any]):
    """A lead that was drawn at random. Its odds were `drawn` of `size`."""

    lead = serializers.IntegerField(source="lead_id")
    name = serializers.CharField(source="lead.name")
    band = serializers.CharField(help_text="When it was drawn.")
    total = serializers.IntegerField(help_text="When it was drawn.")
    place = serializers.IntegerField()
    size = serializers.IntegerField()
    drawn = serializers.IntegerField()


class SecondLooksShown(serializers.Serializer[Any]):
    results = SecondLookShown(many=True)


@operation(scope=Scope.READ, roles=WORKERS, gives=TodayShown)
def show_today(call: Call) -> Mapping[str, Sequence[Section]]:
    """What is due today for you: answers, new hot leads, what comes back or ends, claims, reviews."""
    return {"sections": today(call.user, now=call.at)}


@operation(scope=Scope.READ, roles=WORKERS, gives=SecondLooksShown)
def list_second_looks(call: Call) -> Mapping[str, Sequence[SecondLook]]:
    """Today's leads of lower bands that were drawn for your teams and nobody has dealt with."""
    return {"results": second_looks.shown(user=call.user, now=call.at)}


@operation(scope=Scope.READ, roles=WORKERS, query=PageQuery, gives=page_of(ActivityShown))
def list_own_activities(call: Call) -> Listed:
    """What you did within the day in which it can be undone, the latest first."""
    return newest_first(activities.own_of(call.user, now=call.at), call.query)


day = resource(get=show_today)
looks = resource(get=list_second_looks)
own = resource(get=list_own_activities)
