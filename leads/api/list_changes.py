"""What you did to saved views and segments, and taking it back."""

from typing import Any

from rest_framework import serializers

from leads import list_undo
from leads.models import ListChange
from leadscoring.api.bodies import PageQuery
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope


class DeedOnListShown(serializers.Serializer[Any]):
    """Something that you did to a list under a name. Undo it by its id, within a day."""

    id = serializers.IntegerField(source="pk")
    of = serializers.ChoiceField(ListChange.Of.choices)
    list = serializers.IntegerField(source="list_id", help_text="The id of the view or segment.")
    verb = serializers.ChoiceField(ListChange.Verb.choices)
    name = serializers.CharField()
    at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(DeedOnListShown))
def list_own_list_changes(call: Call) -> Listed:
    """What you did to saved views and segments within the day in which it can be undone, the latest first."""
    return newest_first(list_undo.own_of(call.user, now=call.at), call.query)


@operation(scope=Scope.WORK, gives=DeedOnListShown)
def undo_list_change(call: Call, change_id: int) -> ListChange:
    """Make a view or segment what it was, a deleted one too, within a day; unless it was changed since."""
    return list_undo.undo(change_id=change_id, actor=call.user, at=call.at)


all_ = resource(get=list_own_list_changes)
undo = resource(post=undo_list_change)
