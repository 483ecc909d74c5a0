"""What one was told, and what one wants to be told."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from rest_framework import serializers

from leads.models.notice import Channel, Notice, NoticeKind
from leads.notices import reading
from leads.notices.wording import sentence
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Id
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User


class ReadBody(Body):
    up_to = Id(help_text="The newest notice that was seen; what came since stays new.")


class WantedBody(Body):
    kind = serializers.ChoiceField(NoticeKind.choices)
    channels = serializers.ListField(child=serializers.ChoiceField(Channel.choices), max_length=10)


class SettingsBody(Body):
    wanted = WantedBody(many=True, help_text="A kind that isn't named is not wanted at all.")


class NoticeShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=NoticeKind.values)
    sentence = serializers.SerializerMethodField()
    lead = serializers.IntegerField(source="lead_id", allow_null=True)
    link = serializers.CharField(help_text="The page that it is about.")
    at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)

    def get_sentence(self, notice: Notice) -> str:
        return sentence(notice)


class ReadShown(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text="How many are left; counted up to 100.")


class WantedShown(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=NoticeKind.values)
    channels = serializers.ListField(child=serializers.ChoiceField(choices=Channel.values))


class SettingsShown(serializers.Serializer[Any]):
    wanted = WantedShown(many=True)


@operation(scope=Scope.READ, query=PageQuery, gives=page_of(NoticeShown))
def list_notices(call: Call) -> Listed:
    """What you were told, the latest first."""
    return newest_first(reading.notices_of(call.user), call.query)


@operation(scope=Scope.WORK, takes=ReadBody, gives=ReadShown, examples={"All up to this one": {"up_to": 812}})
def mark_notices_read(call: Call) -> Mapping[str, int]:
    """Note that you have read what you were told."""
    reading.mark_read(actor=call.user, up_to=call.body["up_to"], at=call.at)
    return {"unread": reading.unread(call.user)}


@operation(scope=Scope.READ, gives=SettingsShown)
def show_notice_settings(call: Call) -> Given:
    """What you are told, and how."""
    return _settings(call.user)


@operation(
    scope=Scope.WORK,
    takes=SettingsBody,
    gives=SettingsShown,
    matches=True,
    examples={"Only what is overdue": {"wanted": [{"kind": "overdue", "channels": ["app"]}]}},
)
def choose_notices(call: Call) -> Given:
    """Choose what you are told, and how."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=call.user.pk)
        check_match(call.request, _settings(call.user).headers["ETag"])
        wanted = {
            (NoticeKind(each["kind"]), Channel(channel))
            for each in call.body["wanted"]
            for channel in each["channels"]
        }
        reading.choose(actor=call.user, wanted=wanted, at=call.at)
        return _settings(call.user)


def _settings(user: User) -> Given:
    unwanted = reading.unwanted_by(user)
    wanted: Sequence[Mapping[str, Any]] = [
        {
            "kind": kind.value,
            "channels": [channel.value for channel in Channel if (kind, channel) not in unwanted],
        }
        for kind in NoticeKind
    ]
    return Given({"wanted": wanted}, headers={"ETag": etag_of([user.pk, wanted])})


all_ = resource(get=list_notices)
read = resource(post=mark_notices_read)
settings = resource(get=show_notice_settings, put=choose_notices)
