"""/api/v1/quarantine/: what came in and could not be used, and trying it again."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.intake import quarantine
from leads.models import IntakeMessage
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Id, Text
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError

MOST = 1_000


class OfReasonQuery(PageQuery):
    code = Text(required=False, max_length=40, help_text="Of this code only.")
    reason = Text(required=False, help_text="Of this reason only.")


class TryAgainBody(Body):
    """Either some messages, or all of a reason."""

    messages = serializers.ListField(child=Id(), required=False, min_length=1, max_length=MOST)
    code = Text(required=False, max_length=40)
    reason = Text(required=False, help_text="With its code.")


class CauseOfQuarantine(serializers.Serializer[Any]):
    code = serializers.CharField()
    reason = serializers.CharField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class CausesOfQuarantine(serializers.Serializer[Any]):
    """The most frequent first."""

    results = CauseOfQuarantine(many=True)


class SetAsideShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    source = serializers.CharField()  # type: ignore[assignment]  # not the attribute of fields
    message_id = serializers.CharField()
    received_at = serializers.DateTimeField()
    code = serializers.CharField()
    reason = serializers.CharField()
    raw = serializers.CharField(help_text="The message, as JSON.")


class TriedAgainShown(serializers.Serializer[Any]):
    messages = serializers.IntegerField(
        help_text="How many are tried again; what still can't be used is back soon."
    )


@operation(scope=Scope.READ, roles=quarantine.MAY, gives=CausesOfQuarantine)
def list_reasons(call: Call) -> dict[str, Any]:
    """Why messages could not be used, and how many of each reason there are."""
    return {"results": quarantine.groups()}


@operation(scope=Scope.READ, roles=quarantine.MAY, query=OfReasonQuery, gives=page_of(SetAsideShown))
def list_quarantine(call: Call) -> Listed:
    """Messages that could not be used, the latest first."""
    asked = {name: call.query[name] for name in ("code", "reason") if name in call.query}
    found = IntakeMessage.objects.filter(state=IntakeMessage.State.QUARANTINED, **asked)
    return newest_first(found, call.query)


@operation(
    scope=Scope.SIGNALS_WRITE,
    roles=quarantine.MAY,
    takes=TryAgainBody,
    gives=TriedAgainShown,
    examples={"Two messages": {"messages": [17, 18]}},
)
def replay_quarantine(call: Call) -> dict[str, int]:
    """Let messages be tried again, after what was wrong has been mended."""
    ids, code, reason = (call.body.get(name) for name in ("messages", "code", "reason"))
    if ids is not None and code is None and reason is None:
        return {"messages": quarantine.replay(ids=ids, actor=call.user, at=call.at)}
    if ids is None and code is not None and reason is not None:
        count = quarantine.replay_reason(code=code, reason=reason, actor=call.user, at=call.at)
        return {"messages": count}
    raise DomainError("quarantine.unclear", _("Name either messages, or a code with its reason."))


reasons = resource(get=list_reasons)
messages = resource(get=list_quarantine)
replay = resource(post=replay_quarantine)
