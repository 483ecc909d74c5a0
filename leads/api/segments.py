"""/api/v1/segments/: filters and conditions of marketing's list under a name."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.http import QueryDict
from rest_framework import serializers

from leads.api.queue import MARKETERS, Filters, asked_of, checked_filters
from leads.api.shown import Named
from leads.models import Segment
from leads.queue import nurture
from leads.queue.ranking import MARKETING
from leads.segments import saved
from leads.segments.narrowing import narrowed
from leads.segments.reading import read_all
from leads.segments.saved import WHERE
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Text, YesNo
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.problems import Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError

FAR_ENOUGH = 1_000_000
MOST_CONDITIONS = 20


class AskedFor(Filters):
    conditions = serializers.ListField(
        child=Text(max_length=500),
        required=False,
        max_length=MOST_CONDITIONS,
        help_text="As the list's address has them after `where=`, such as `attribute:country:is:DE`.",
    )


class SegmentBody(Body):
    name = Text(max_length=saved.LONGEST_NAME)
    shared = YesNo(default=False, help_text="All of marketing sees it.")
    asks = AskedFor(help_text="As for `/nurture/`, and conditions; at least one.")


class SegmentChange(Body):
    name = Text(required=False, max_length=saved.LONGEST_NAME)
    shared = YesNo(required=False)
    asks = AskedFor(required=False)


class SegmentShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField(help_text="Its page is at /nurture/segments/{slug}/.")
    name = serializers.CharField()
    query = serializers.CharField(help_text="What it asks for, as it stands in the list's address.")
    owner = Named()
    shared = serializers.BooleanField()


class CountedSegment(SegmentShown):
    leads = serializers.IntegerField(
        allow_null=True, help_text="Now; null where what it asks for isn't there any more."
    )


@operation(scope=Scope.READ, roles=MARKETERS, query=PageQuery, gives=page_of(SegmentShown))
def list_segments(call: Call) -> Listed:
    """Your segments, and those that marketing shares."""
    return newest_first(saved.visible(call.user).select_related("owner"), call.query)


@operation(
    scope=Scope.WORK,
    roles=MARKETERS,
    takes=SegmentBody,
    gives=CountedSegment,
    statuses=(201,),
    examples={"Germans": {"name": "Germans", "asks": {"country": "DE"}}},
)
def save_segment(call: Call) -> Given:
    """Keep filters and conditions of marketing's list under a name."""
    given = call.body
    query = _query(call, given["asks"])
    segment = saved.save(name=given["name"], query=query, shared=given["shared"], actor=call.user, at=call.at)
    return _given(call, segment.pk)


@operation(scope=Scope.READ, roles=MARKETERS, gives=CountedSegment)
def show_segment(call: Call, segment_id: int) -> Given:
    """One segment, with how many leads are in it now. `/nurture/?segment=` lists them."""
    return _given(call, segment_id)


@operation(
    scope=Scope.WORK,
    roles=MARKETERS,
    takes=SegmentChange,
    gives=CountedSegment,
    matches=True,
    examples={"Shared": {"shared": True}},
)
def change_segment(call: Call, segment_id: int) -> Given:
    """Change your own segment; what isn't said stays as it is."""
    with transaction.atomic():
        saved.one_at_a_time()
        segment = saved.find(segment_id=segment_id, user=call.user)
        check_match(call.request, _tag(segment))
        _change(call, segment)
    return _given(call, segment_id)


@operation(scope=Scope.WORK, roles=MARKETERS, statuses=(204,))
def delete_segment(call: Call, segment_id: int) -> None:
    """Delete your own segment. Its leads stay as they are."""
    saved.delete(slug=saved.find(segment_id=segment_id, user=call.user).slug, actor=call.user, at=call.at)


def _change(call: Call, segment: Segment) -> None:
    given: Mapping[str, Any] = call.body
    if "asks" in given:
        query = _query(call, given["asks"])
        saved.replace_list(slug=segment.slug, query=query, actor=call.user, at=call.at)
    if "name" in given or "shared" in given:
        saved.change(
            slug=segment.slug,
            name=given.get("name", segment.name),
            shared=given.get("shared", segment.shared),
            actor=call.user,
            at=call.at,
        )


def _query(call: Call, asks: Mapping[str, Any]) -> str:
    """What is asked for as an address has it. Raises Problem where a value isn't among its choices."""
    asked = asked_of({name: value for name, value in asks.items() if name != "conditions"})
    checked_filters(asked, user=call.user, worked_by=MARKETING, at="/asks/")
    asked.setlist(WHERE, asks.get("conditions", []))
    return asked.urlencode()


def _count(call: Call, segment: Segment) -> int | None:
    query = QueryDict(segment.query)
    try:
        within = narrowed(read_all(query.getlist(WHERE)))
        criteria = checked_filters(query, user=call.user, worked_by=MARKETING).criteria
    except (DomainError, Problem):
        return None
    return nurture.how_many(user=call.user, now=call.at, criteria=criteria, within=within, limit=FAR_ENOUGH)


def _given(call: Call, segment_id: int) -> Given:
    segment = saved.find(segment_id=segment_id, user=call.user)
    segment.leads = _count(call, segment)  # type: ignore[attr-defined]
    return Given(segment, headers={"ETag": _tag(segment)})


def _tag(segment: Segment) -> str:
    return etag_of([segment.pk, segment.name, segment.query, segment.shared])


all_ = resource(get=list_segments, post=save_segment)
one = resource(get=show_segment, patch=change_segment, delete=delete_segment)
