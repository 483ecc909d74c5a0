"""/api/v1/queue/: what to work now, in order, and the next lead of it. /nurture/: marketing's list."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework import serializers

from leads.api.leads import visible_lead
from leads.api.shown import LeadShown, Named, ShownLead, shown
from leads.contact_sql import REFUSALS
from leads.queue import ranking
from leads.queue.claims import next_lead
from leads.queue.criteria import Sort
from leads.queue.filters import QueueFilters
from leads.queue.nurture import nurture
from leads.queue.ranking import MARKETING, SALES, Page, Row
from leads.scorer import scorer
from leads.segments import saved as segments
from leads.segments.narrowing import narrowed
from leads.segments.reading import read_all
from leads.segments.saved import WHERE
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import GREATEST_ID, Digits, Text
from leadscoring.api.lists import Listed, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User
from leadscoring.people.roles import Role

WORKERS = (Role.REP, Role.MANAGER)
MARKETERS = (Role.MARKETING, Role.ADMIN)
STAGES = ("decision", "consideration", "awareness", "none")
ONLY = ("now", "claimed", "snoozed", "back", "overdue", "today", "overridden")


class Filters(Body):
    """What the page's address says, too: a value that isn't among the choices is refused."""

    band = Text(required=False, max_length=200, help_text="Keys of bands, with commas between them.")
    owner = Text(required=False, max_length=20, help_text="`me`, `none` or a person's id.")
    team = Text(required=False, max_length=20, help_text="A team's id; 0 for none.")
    source = Text(required=False, max_length=200)  # type: ignore[assignment]  # not the attribute of fields
    country = Text(required=False, max_length=200)
    industry = Text(required=False, max_length=200)
    inbound = serializers.ChoiceField(["true", "false"], required=False)
    model = Text(required=False, max_length=20, help_text="A live model's id, where several are live.")
    stage = serializers.ChoiceField(STAGES, required=False, help_text="How far the lead has come.")
    only = serializers.ChoiceField(ONLY, required=False, help_text="Only those; else what is to be worked.")


class QueueQuery(PageQuery, Filters):
    sort = serializers.ChoiceField([each.value for each in Sort], required=False)


class NurtureQuery(PageQuery, Filters):
    """Which part of the list is wanted."""

    segment = Digits(
        required=False, min_value=1, max_value=GREATEST_ID, help_text="What this segment asks for, too."
    )


class ReasonShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    sentence = serializers.CharField()
    points = serializers.IntegerField()


class RowShown(serializers.Serializer[Any]):
    """A lead of a ranking. `total` and `band` count an override in; the model's own are beside them."""

    lead = serializers.IntegerField(source="row.lead.pk")
    external_id = serializers.CharField(source="row.lead.external_id", allow_null=True)
    name = serializers.CharField(source="row.name")
    title = serializers.CharField(source="row.title", allow_blank=True)
    company = serializers.CharField(source="row.company", allow_blank=True)
    owner = Named(source="row.lead.owner", allow_null=True)
    total = serializers.IntegerField(source="row.score")
    band = serializers.CharField(source="row.band.key")
    model_total = serializers.IntegerField(source="row.model_score")
    model_band = serializers.CharField(source="row.model_band.key")
    override = serializers.IntegerField(source="override_id", allow_null=True)
    claimed_until = serializers.DateTimeField(allow_null=True, help_text="Where you hold it.")
    refuses_contact = serializers.ChoiceField(
        REFUSALS, allow_null=True, help_text="They don't want to be written to or called."
    )
    moved_since_yesterday = serializers.IntegerField(
        allow_null=True, help_text="Points of the model; null where the lead came since."
    )
    reasons = ReasonShown(many=True, help_text="The strongest first.")


class NextShown(serializers.Serializer[Any]):
    lead = LeadShown(allow_null=True, help_text="Null where nothing waits for you.")
    claimed_until = serializers.DateTimeField(allow_null=True)


@operation(scope=Scope.READ, roles=WORKERS, query=QueueQuery, gives=page_of(RowShown), refusals=(422,))
def show_queue(call: Call) -> Listed:
    """The leads that you may work now, ranked as on the page."""
    filters = _filters(call, SALES)
    page = ranking.ranked(
        user=call.user,
        now=call.at,
        criteria=filters.criteria,
        after=call.query.get("cursor"),
        size=call.query["limit"],
        sort=filters.order,
    )
    return _listed(page)


@operation(scope=Scope.READ, roles=MARKETERS, query=NurtureQuery, gives=page_of(RowShown), refusals=(422,))
def show_nurture(call: Call) -> Listed:
    """The leads of the bands that marketing works, ranked."""
    query = _asked_of_nurture(call)
    criteria = checked_filters(query, user=call.user, worked_by=MARKETING).criteria
    page = nurture(
        user=call.user,
        now=call.at,
        criteria=criteria,
        within=narrowed(read_all(query.getlist(WHERE))),
        after=call.query.get("cursor"),
        size=call.query["limit"],
    )
    return _listed(page)


def _asked_of_nurture(call: Call) -> QueryDict:
    """What a segment asks for, with what else is. Raises DomainError `segment.not_found`."""
    asked = asked_of({name: value for name, value in call.query.items() if name != "segment"})
    if "segment" in call.query:
        segment = segments.find(segment_id=call.query["segment"], user=call.user)
        for name, values in QueryDict(segment.query).lists():
            asked.setlist(name, values)
    return asked


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=Filters,
    gives=NextShown,
    examples={"Any": {}, "Hot": {"band": "hot"}},
)
def take_next(call: Call) -> dict[str, object]:
    """Claim the best free lead of your queue. Two people who ask at once never get the same one."""
    criteria = _filters(call, SALES).criteria
    lead = next_lead(user=call.user, now=call.at, criteria=criteria)
    if lead is None:
        return {"lead": None, "claimed_until": None}
    one: ShownLead = shown([visible_lead(call.user, lead.pk)], at=call.at)[0]
    return {"lead": one, "claimed_until": one.lead.claim.expires_at}


def asked_of(given: Mapping[str, Any]) -> QueryDict:
    """What is asked for, as the address of the queue's page says it."""
    asked = QueryDict(mutable=True)
    for name, value in given.items():
        if name == "band":
            asked.setlist(name, str(value).split(","))
        elif name not in ("limit", "cursor"):
            asked[name] = value
    return asked


def checked_filters(asked: QueryDict, *, user: User, worked_by: str, at: str = "") -> QueueFilters:
    """The page's own filters. Raises Problem for a value that is no choice; `at` comes before its name."""
    filters = QueueFilters(asked, user=user, worked_by=worked_by)
    filters.form.is_valid()
    faults = [Fault(f"{at}{name}", str(errors[0])) for name, errors in filters.form.errors.items()]
    if faults:
        raise Problem(422, "filter.refused", faults[0].detail, faults)
    return filters


def _filters(call: Call, worked_by: str) -> QueueFilters:
    return checked_filters(asked_of({**call.query, **call.body}), user=call.user, worked_by=worked_by)


def _listed(page: Page) -> Listed:
    reasons = scorer().reasons([row.lead.pk for row in page.rows])
    rows = [_row(row, reasons.get(row.lead.pk, ())) for row in page.rows]
    return Listed(rows, page.next, page.previous)


def _row(row: Row, reasons: Any) -> dict[str, object]:
    return {
        "row": row,
        "override_id": row.override.pk if row.override else None,
        "claimed_until": row.claim.expires_at if row.claim else None,
        "refuses_contact": row.refusal or None,
        "moved_since_yesterday": row.moved.points if row.moved else 0,
        "reasons": reasons,
    }


queue = resource(get=show_queue)
next_ = resource(post=take_next)
nurtured = resource(get=show_nurture)
