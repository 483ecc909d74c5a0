"""/api/v1/models/: scoring models, who looks after them, and that somebody did."""

from django.utils.translation import gettext as _

from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Whole
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import upkeep
from scoring_models.api.finding import ShownModel, find_model, shown_model
from scoring_models.api.shown import ModelShown
from scoring_models.models import ScoringModel

MANAGERS = (Role.MANAGER,)


class OwnerBody(Body):
    owner = Whole(min_value=1, max_value=10**18 - 1, help_text="A person's id.")


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(ModelShown))
def list_models(call: Call) -> Listed:
    """The scoring models, the newest first."""
    page = newest_first(ScoringModel.objects.select_related("owner"), call.query)
    return Listed([shown_model(model, at=call.at) for model in page.results], page.next)


@operation(scope=Scope.READ, gives=ModelShown)
def show_model(call: Call, model_id: int) -> ShownModel:
    """One model, with the version that is live and the one that is planned."""
    return shown_model(find_model(model_id), at=call.at)


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
    examples={"Person 7 looks after it": {"owner": 7}},
)
def set_model_owner(call: Call, model_id: int) -> ShownModel:
    """Say who looks after a model."""
    owner = User.objects.people().filter(pk=call.body["owner"], is_active=True).first()
    if owner is None:
        raise DomainError("no_owner", _("There is no such active person."))
    upkeep.set_owner(model=find_model(model_id), owner=owner, actor=call.user, at=call.at)
    return shown_model(find_model(model_id), at=call.at)


models = resource(get=list_models)
model = resource(get=show_model)
keep = resource(post=keep_model)
owner = resource(put=set_model_owner)
