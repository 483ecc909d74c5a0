"""What you set for yourself and for teams, and taking it back."""

from typing import Any

from rest_framework import serializers

from leads import setting_undo
from leadscoring.api.bodies import PageQuery
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.models import SettingChange


class SettingChangeShown(serializers.Serializer[Any]):
    """Something that you set. Undo it by its id, within a day."""

    id = serializers.IntegerField(source="pk")
    of = serializers.ChoiceField(SettingChange.Of.choices)
    subject = serializers.IntegerField(source="subject_id", help_text="The id of the team, or your own.")
    verb = serializers.ChoiceField(SettingChange.Verb.choices)
    name = serializers.CharField(help_text="Of the team; empty where it is your own.")
    before = serializers.DictField(help_text="What held before, of all that differs.")
    after = serializers.DictField(help_text="What was set, of all that differs.")
    at = serializers.DateTimeField()
    undone_at = serializers.DateTimeField(allow_null=True)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(SettingChangeShown))
def list_own_setting_changes(call: Call) -> Listed:
    """What you set within the day in which it can be undone, the latest first."""
    return newest_first(setting_undo.own_of(call.user, now=call.at), call.query)


@operation(scope=Scope.WORK, gives=SettingChangeShown)
def undo_setting_change(call: Call, change_id: int) -> SettingChange:
    """Have a setting be what it was before you changed it, within a day; unless it was changed since."""
    return setting_undo.undo(change_id=change_id, actor=call.user, at=call.at)


all_ = resource(get=list_own_setting_changes)
undo = resource(post=undo_setting_change)
