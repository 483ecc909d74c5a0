"""Giving leads to other people: some, or all open ones that a person has; looked at first, and taken back."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from rest_framework import serializers

from leads import reassigning
from leads.api.shown import Named
from leads.dealing import Deal, Way
from leads.models import Reassignment
from leads.reassigning import MOST_SELECTED, Preview, Selection
from leads.scorer import scorer
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import GREATEST_ID, Digits, Id, Ids, Whole
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

WHO = (Role.MANAGER, Role.ADMIN)
WAYS = "`people`: to those of `to` in turn; `routing`: the reps of each lead's team in turn; `nobody`."


class ReassignQuery(Body):
    leads = Ids(required=False, help_text="Ids of leads with commas between; or `book_of`.")
    book_of = Digits(required=False, min_value=1, max_value=GREATEST_ID, help_text="All that a person has.")
    way = serializers.ChoiceField(Way.values, help_text=WAYS)
    to = Ids(required=False, help_text="Ids of people with commas between.")


class ReassignBody(Body):
    leads = serializers.ListField(child=Id(), required=False, max_length=MOST_SELECTED)
    book_of = Id(required=False, help_text="All open leads that this person has.")
    way = serializers.ChoiceField(Way.values, help_text=WAYS)
    to = serializers.ListField(child=Id(), required=False, max_length=100)
    expected = Whole(
        min_value=1, max_value=10**9, help_text="How many would change hands, as the preview said."
    )


class ShareShown(serializers.Serializer[Any]):
    person = Named(allow_null=True, help_text="Null: nobody.")
    leads = serializers.IntegerField()
    by_band = serializers.DictField(child=serializers.IntegerField())


class DealShown(serializers.Serializer[Any]):
    """What would happen, exactly."""

    changing = serializers.IntegerField(help_text="How many leads would change hands.")
    staying = serializers.IntegerField(help_text="How many would stay where they are.")
    elsewhere = serializers.IntegerField(help_text="Leads of the book that you may not give away.")
    claims_ended = serializers.IntegerField()
    shares = ShareShown(many=True)


class GivenShown(serializers.Serializer[Any]):
    person = Named(allow_null=True, help_text="Null: nobody.")
    leads = serializers.IntegerField()


class ReassignmentShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="act.pk")
    way = serializers.ChoiceField(choices=Way.values, source="act.way")
    book_of = Named(source="act.book_of", allow_null=True)
    leads = serializers.IntegerField(source="act.leads", help_text="How many changed hands.")
    actor = Named(source="act.actor")
    at = serializers.DateTimeField(source="act.at")
    undone_at = serializers.DateTimeField(source="act.undone_at", allow_null=True)
    shares = GivenShown(many=True)


@operation(scope=Scope.READ, roles=WHO, query=ReassignQuery, gives=DealShown, refusals=(422,))
def preview_reassignment(call: Call) -> Mapping[str, Any]:
    """Who would get how many leads, of which bands. Changes nothing."""
    found: Preview = reassigning.preview(
        selection=_selection(call.query),
        way=Way(call.query["way"]),
        to=_people(call.query.get("to", ())),
        actor=call.user,
        at=call.at,
    )
    return {
        "changing": len(found.deal.changed),
        "staying": len(found.deal.leads) - len(found.deal.changed),
        "elsewhere": found.elsewhere,
        "claims_ended": found.claims,
        "shares": _shares(found.deal),
    }


@operation(
    scope=Scope.WORK,
    roles=WHO,
    takes=ReassignBody,
    gives=ReassignmentShown,
    statuses=(201,),
    examples={
        "Two leads": {"leads": [1042, 1043], "way": "people", "to": [7], "expected": 2},
        "A leaver's book": {"book_of": 9, "way": "routing", "expected": 212},
    },
)
def reassign_leads(call: Call) -> Mapping[str, Any]:
    """Give leads to other people. Refused where the number isn't as expected."""
    act = reassigning.reassign(
        selection=_selection(call.body),
        way=Way(call.body["way"]),
        to=_people(call.body.get("to", ())),
        expected=call.body["expected"],
        actor=call.user,
        at=call.at,
    )
    return _shown(act)


@operation(scope=Scope.READ, roles=WHO, query=PageQuery, gives=page_of(ReassignmentShown))
def list_reassignments(call: Call) -> Listed:
    """What you gave to other people, the latest first."""
    mine = Reassignment.objects.filter(actor=call.user).select_related("actor", "book_of")
    page = newest_first(mine, call.query)
    return Listed([_shown(act) for act in page.results], page.next)


@operation(scope=Scope.READ, roles=WHO, gives=ReassignmentShown)
def show_reassignment(call: Call, reassignment_id: int) -> Mapping[str, Any]:
    """What one act gave to whom."""
    return _shown(_find(call, reassignment_id))


@operation(scope=Scope.WORK, roles=WHO, gives=ReassignmentShown)
def undo_reassignment(call: Call, reassignment_id: int) -> Mapping[str, Any]:
    """Give the leads back, within a day. What somebody moved on since stays."""
    _find(call, reassignment_id)
    reassigning.undo(reassignment_id=reassignment_id, actor=call.user, at=call.at)
    return _shown(_find(call, reassignment_id))


def _selection(given: Mapping[str, Any]) -> Selection:
    """Raises Problem where it isn't said which leads, or said twice; DomainError for nobody's book."""
    if ("leads" in given) == ("book_of" in given):
        said = _("Say which leads by one of leads and book_of.")
        raise Problem(422, "reassign.refused", said, (Fault("/leads", said, "required"),))
    if "leads" in given:
        return Selection(lead_ids=tuple(given["leads"]))
    person = User.objects.people().filter(pk=given["book_of"]).first()
    if person is None:
        raise DomainError("reassign.not_found", _("There is no such person."))
    return Selection(book_of=person)


def _people(ids: Sequence[int]) -> list[User]:
    """In the order given. Raises Problem for an id that is nobody's."""
    found = User.objects.people().in_bulk(ids)
    strange = [pk for pk in ids if pk not in found]
    if strange:
        said = _("There is no person %(id)s.") % {"id": strange[0]}
        raise Problem(422, "reassign.refused", said, (Fault("/to", said, "not_found"),))
    return [found[pk] for pk in dict.fromkeys(ids)]


def _shares(deal: Deal) -> list[dict[str, Any]]:
    """By name, nobody last."""
    scales, bands = scorer().scales(), defaultdict[int | None, Counter[str]](Counter)
    for lead in deal.changed:
        if lead.rung and scales.all:
            bands[lead.to_owner][scales.of(lead.rung[0]).band_at(lead.rung[1]).key] += 1
    people = User.objects.in_bulk([pk for pk in deal.shares() if pk is not None])
    shares = [
        {"person": people.get(pk) if pk else None, "leads": leads, "by_band": bands[pk]}
        for pk, leads in deal.shares().items()
    ]
    return sorted(shares, key=lambda share: (share["person"] is None, str(share["person"])))


def _find(call: Call, reassignment_id: int) -> Reassignment:
    act = Reassignment.objects.select_related("actor", "book_of").filter(pk=reassignment_id).first()
    if act is None or not reassigning.may_see(act, user=call.user):
        raise DomainError("reassign.not_found", _("There is no such reassignment."))
    return act


def _shown(act: Reassignment) -> Mapping[str, Any]:
    counts = (
        act.moves.values_list("to_owner_id").annotate(leads=Count("pk")).order_by("-leads", "to_owner_id")
    )
    people = User.objects.in_bulk([owner for owner, _leads in counts if owner is not None])
    shares = [{"person": people.get(owner) if owner else None, "leads": leads} for owner, leads in counts]
    return {"act": act, "shares": shares}


preview = resource(get=preview_reassignment)
all_ = resource(get=list_reassignments, post=reassign_leads)
one = resource(get=show_reassignment)
undo = resource(post=undo_reassignment)
