"""An objection to profiling: the lead is out of scores and queue at once."""

from leads import privacy
from leads.api.work import ActivityShown
from leads.models import Activity
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope


@operation(scope=Scope.WORK, roles=privacy.MAY, gives=ActivityShown, statuses=(201,))
def note_objection(call: Call, lead_id: int) -> Activity:
    """Note that a person objects to being scored."""
    return privacy.object_to_profiling(lead_id=lead_id, actor=call.user, at=call.at)


@operation(scope=Scope.WORK, roles=privacy.MAY, gives=ActivityShown)
def withdraw_objection(call: Call, lead_id: int) -> Activity:
    """Note that a person agrees to being scored again."""
    return privacy.withdraw_objection(lead_id=lead_id, actor=call.user, at=call.at)


objection = resource(post=note_objection, delete=withdraw_objection)
