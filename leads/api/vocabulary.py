"""What this installation speaks of: attributes and signal types, teams and people."""

from typing import Any

from django.db.models import Q
from rest_framework import serializers

from leads import access
from leads.admin.vocabulary import AttributeForm, SignalTypeForm
from leads.api.by_form import write
from leads.models import Attribute, Entity, Kind, SignalClass, SignalType, Stage
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Text, YesNo
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role

# What the forms of the admin call otherwise.
NAMES = {"label": "name", "entity": "describes"}


class AttributeBody(Body):
    key = Text(max_length=60, help_text="Small letters, digits and _, a letter first. It stays.")
    name = Text(max_length=100)
    kind = serializers.ChoiceField(choices=Kind.values)
    describes = serializers.ChoiceField(choices=Entity.values, default=Entity.LEAD.value)
    choices = serializers.ListField(
        child=Text(max_length=200),
        default=list,
        max_length=500,
        help_text="Of a choice: the values it may have. Empty: any.",
    )


class SignalTypeBody(Body):
    key = Text(max_length=60, help_text="Small letters, digits and _, a letter first. It stays.")
    name = Text(max_length=100, help_text="What the lead did.")
    is_engagement = YesNo(default=False, help_text="An inactivity rule counts from the latest of these.")
    signal_class = serializers.ChoiceField(choices=SignalClass.values, default=SignalClass.OTHER.value)
    stage = serializers.ChoiceField(choices=Stage.values, default="", allow_blank=True)


class AttributeShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField(source="label")
    kind = serializers.ChoiceField(choices=Kind.values)
    describes = serializers.ChoiceField(choices=Entity.values, source="entity")
    choices = serializers.ListField(child=serializers.CharField())
    derived = serializers.BooleanField(help_text="Computed from signals unless somebody says otherwise.")


class SignalTypeShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField(source="label")
    is_engagement = serializers.BooleanField()
    signal_class = serializers.ChoiceField(choices=SignalClass.values)
    stage = serializers.ChoiceField(choices=Stage.values, allow_blank=True)


class TeamShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    is_default = serializers.BooleanField()


class PersonShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    email = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField(), source="role_names")
    teams = serializers.ListField(child=serializers.IntegerField(), source="team_numbers")


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(AttributeShown))
def list_attributes(call: Call) -> Listed:
    """What can be known about a lead or its company."""
    return newest_first(Attribute.objects.all(), call.query)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(SignalTypeShown))
def list_signal_types(call: Call) -> Listed:
    """The types of signals."""
    return newest_first(SignalType.objects.all(), call.query)


@operation(
    scope=Scope.LEADS_WRITE,
    roles=(Role.MARKETING,),
    takes=AttributeBody,
    gives=AttributeShown,
    statuses=(201,),
    examples={"A choice": {"key": "plan", "name": "Plan", "kind": "choice", "choices": ["Free", "Pro"]}},
)
def add_attribute(call: Call) -> Attribute:
    """Say that something more can be known about leads or companies."""
    given = call.body
    said = {"key": given["key"], "label": given["name"], "kind": given["kind"], "entity": given["describes"]}
    form = AttributeForm({**said, "choices": "\n".join(given["choices"])})
    return write(form, call, "added", NAMES)


@operation(
    scope=Scope.SIGNALS_WRITE,
    roles=(Role.MARKETING,),
    takes=SignalTypeBody,
    gives=SignalTypeShown,
    statuses=(201,),
    examples={"A webinar": {"key": "webinar_attended", "name": "Attended a webinar", "is_engagement": True}},
)
def add_signal_type(call: Call) -> SignalType:
    """Say that leads can do something more. It counts for no rule until one uses it."""
    return write(SignalTypeForm({**call.body, "label": call.body["name"]}), call, "added", NAMES)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(TeamShown))
def list_teams(call: Call) -> Listed:
    """The teams whose leads you may see."""
    teams = Team.objects.all()
    if not access.sees_all(call.user):
        teams = teams.filter(pk__in=call.user.team_ids)
    return newest_first(teams, call.query)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(PersonShown))
def list_people(call: Call) -> Listed:
    """The people of those teams, yourself among them; of all where you see all leads."""
    people = User.objects.people().filter(is_active=True)
    if not access.sees_all(call.user):
        people = people.filter(Q(memberships__team__in=call.user.team_ids) | Q(pk=call.user.pk)).distinct()
    page = newest_first(people.prefetch_related("groups", "memberships"), call.query)
    return Listed([_person(user) for user in page.results], page.next)


def _person(user: User) -> dict[str, object]:
    return {
        "pk": user.pk,
        "name": str(user),
        "email": user.email,
        "role_names": sorted(group.name for group in user.groups.all()),
        "team_numbers": sorted(membership.team_id for membership in user.memberships.all()),
    }


attributes = resource(get=list_attributes, post=add_attribute)
signal_types = resource(get=list_signal_types, post=add_signal_type)
teams = resource(get=list_teams)
people = resource(get=list_people)
