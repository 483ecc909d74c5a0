"""/api/v1/models/: scoring models, who looks after them, and that somebody did."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import serializers

from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Id, Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import drafts, upkeep
from scoring_models.api.finding import ShownModel, find_model, find_version, shown_model, shown_version
from scoring_models.api.shown import ModelShown, VersionShown
from scoring_models.api.versions import AUTHORS
from scoring_models.beginnings import beginnings as possible_beginnings
from scoring_models.beginnings import spec_to_begin_with
from scoring_models.models import ScoringModel
from scoring_models.order import arrange, in_order

MANAGERS = (Role.MANAGER,)


class ModelBody(Body):
    name = Text(max_length=100)
    start = Text(max_length=100, help_text="Where its rules come from: the key of a beginning.")


class OrderBody(Body):
    models = serializers.ListField(child=Id(), min_length=1, max_length=200, help_text="All, in their order.")


class BeginningShown(serializers.Serializer[Any]):
    key = serializers.CharField()
    name = serializers.CharField()


class BeginningsShown(serializers.Serializer[Any]):
    results = BeginningShown(many=True)


class OrderShown(serializers.Serializer[Any]):
    models = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="A lead is scored by the first of them whose audience it matches.",
    )


class OwnerBody(Body):
    owner = Id(help_text="A person's id.")


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(ModelShown))
def list_models(call: Call) -> Listed:
    """The scoring models, the newest first."""
    page = newest_first(ScoringModel.objects.select_related("owner"), call.query)
    return Listed([shown_model(model, at=call.at) for model in page.results], page.next)


@operation(
    scope=Scope.MODELS_WRITE,
    roles=AUTHORS,
    takes=ModelBody,
    gives=VersionShown,
    statuses=(201,),
    examples={"From a template": {"name": "Partners", "start": "consumer"}},
)
def begin_model(call: Call) -> Given:
    """Begin another model: its first draft, from a template or from what is live."""
    spec = spec_to_begin_with(call.body["start"], at=call.at)
    draft = drafts.new_model(name=call.body["name"], spec=spec, actor=call.user, at=call.at)
    one = shown_version(find_version(draft.pk), at=call.at)
    return Given(one, headers={"Location": f"/api/v1/versions/{draft.pk}/"})


@operation(scope=Scope.READ, gives=BeginningsShown)
def list_beginnings(call: Call) -> dict[str, list[dict[str, str]]]:
    """What another model can start from."""
    return {"results": [{"key": key, "name": name} for key, name in possible_beginnings(at=call.at)]}


@operation(scope=Scope.READ, gives=OrderShown)
def show_order(call: Call) -> Given:
    """In which order models are asked."""
    return _order([model.pk for model in in_order()])


@operation(
    scope=Scope.MODELS_ACTIVATE,
    roles=MANAGERS,
    takes=OrderBody,
    gives=OrderShown,
    matches=True,
    examples={"The second first": {"models": [2, 1]}},
)
def arrange_models(call: Call) -> Given:
    """Have models asked in another order, and begin to score all leads anew."""
    seen = [model.pk for model in in_order()]
    check_match(call.request, _order(seen).headers["ETag"])
    arrange(models=call.body["models"], seen=seen, actor=call.user, at=call.at)
    return _order(call.body["models"])


@operation(scope=Scope.READ, gives=ModelShown)
def show_model(call: Call, model_id: int) -> Given:
    """One model, with the version that is live and the one that is planned.

    The ETag covers who looks after it.
    """
    return _given(call, find_model(model_id))


@operation(scope=Scope.MODELS_ACTIVATE, roles=MANAGERS, gives=ModelShown)
def keep_model(call: Call, model_id: int) -> ShownModel:
    """Note that somebody looked at the live version and keeps it."""
    upkeep.keep_as_is(model=find_model(model_id), actor=call.user, at=call.at)
    return shown_model(find_model(model_id), at=call.at)


@operation(
    scope=Scope.MODELS_ACTIVATE,
    roles=MANAGERS,
    takes=OwnerBody,
    gives=ModelShown,
    matches=True,
    examples={"Person 7 looks after it": {"owner": 7}},
)
def set_model_owner(call: Call, model_id: int) -> Given:
    """Say who looks after a model."""
    owner = User.objects.people().filter(pk=call.body["owner"], is_active=True).first()
    if owner is None:
        raise DomainError("no_owner", _("There is no such active person."))
    find_model(model_id)
    with transaction.atomic():
        model = ScoringModel.objects.select_for_update().get(pk=model_id)
        check_match(call.request, _tag(model))
        upkeep.set_owner(model=model, owner=owner, actor=call.user, at=call.at)
    return _given(call, find_model(model_id))


def _given(call: Call, model: ScoringModel) -> Given:
    return Given(shown_model(model, at=call.at), headers={"ETag": _tag(model)})


def _tag(model: ScoringModel) -> str:
    return etag_of([model.pk, model.owner_id])


def _order(ids: Sequence[int]) -> Given:
    return Given({"models": list(ids)}, headers={"ETag": etag_of(list(ids))})


models = resource(get=list_models, post=begin_model)
model = resource(get=show_model)
keep = resource(post=keep_model)
owner = resource(put=set_model_owner)
order = resource(get=show_order, put=arrange_models)
beginnings = resource(get=list_beginnings)
