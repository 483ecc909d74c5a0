"""/api/v1/webhooks/: endpoints of other programs, and the messages to them."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.urls import path
from django.utils.translation import gettext as _
from rest_framework import serializers

from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.etags import check_match, etag_of
from leadscoring.api.fields import Moment, Text, Whole, YesNo
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import Call, Given, operation
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError
from leadscoring.hooks import endpoints, replaying
from leadscoring.hooks.deliveries import State, in_state, state_of, with_counts
from leadscoring.hooks.endpoints import Issued
from leadscoring.hooks.models import CHOSEN, FIRST_THRESHOLD, Delivery, Endpoint, EventKind, Off
from leadscoring.people.roles import Role

ADMINS = (Role.ADMIN,)
CHOICES = [(kind.value, str(kind.label)) for kind in CHOSEN]
EDITABLE = ("url", "description", "events", "threshold", "is_on")
EXAMPLE = {
    "url": "https://crm.example.com/hooks/leads",
    "description": "CRM",
    "events": ["lead.band_changed", "version.activated"],
}


class EndpointBody(Body):
    url = Text(max_length=2_000, help_text="Where messages are sent: https, on the internet.")
    description = Text(max_length=200, help_text="What it is for.")
    events = serializers.ListField(
        child=serializers.ChoiceField(CHOICES), min_length=1, max_length=len(CHOICES)
    )
    threshold = Whole(
        default=FIRST_THRESHOLD,
        min_value=1,
        max_value=1_000_000,
        help_text="The least change of a score that it is told of, in points.",
    )


class ChangedEndpointBody(Body):
    url = Text(required=False, max_length=2_000)
    description = Text(required=False, max_length=200)
    events = serializers.ListField(
        child=serializers.ChoiceField(CHOICES), required=False, min_length=1, max_length=len(CHOICES)
    )
    threshold = Whole(required=False, min_value=1, max_value=1_000_000)
    is_on = YesNo(required=False, help_text="Off, nothing is sent; what waits is kept for three days.")


class RotationBody(Body):
    overlap_hours = Whole(
        default=24, min_value=0, max_value=24 * 30, help_text="For how long the old secret signs, too."
    )


class ReplayBody(Body):
    since = Moment(required=False, help_text="Of events since then; else all.")
    delivered_too = YesNo(default=False, help_text="Those that were delivered, too.")


class MessagesQuery(PageQuery):
    state = serializers.ChoiceField(State.choices, required=False)


class EndpointShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    url = serializers.CharField()
    description = serializers.CharField()
    events = serializers.ListField(child=serializers.ChoiceField(choices=EventKind.values))
    threshold = serializers.IntegerField()
    is_on = serializers.BooleanField()
    off_because = serializers.ChoiceField(choices=Off.values, allow_blank=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    answered_at = serializers.DateTimeField(allow_null=True, help_text="Its last good answer.")
    previous_secret_until = serializers.DateTimeField(source="previous_until", allow_null=True)
    waiting = serializers.IntegerField(source="waiting_now", help_text="Messages that wait.")
    set_aside = serializers.IntegerField(source="dead_now", help_text="Messages that weren't delivered.")
    created_at = serializers.DateTimeField()


class IssuedShown(EndpointShown):
    secret = serializers.CharField(
        allow_null=True, help_text="`whsec_…`, which nobody sees again: null where a request was repeated."
    )


class AttemptShown(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    ms = serializers.IntegerField()
    answer = serializers.CharField(allow_blank=True, help_text="How it began.")
    error = serializers.CharField(allow_blank=True)


class MessageShown(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    endpoint = serializers.IntegerField(source="endpoint_id")
    webhook_id = serializers.CharField(source="event.webhook_id")
    type = serializers.ChoiceField(choices=EventKind.values, source="event.kind")
    lead = serializers.IntegerField(source="event.lead_id", allow_null=True)
    sequence = serializers.IntegerField(source="event.sequence")
    at = serializers.DateTimeField(source="event.at")
    state = serializers.SerializerMethodField()
    tries = serializers.IntegerField()
    due_at = serializers.DateTimeField(help_text="The next try of one that waits.")
    delivered_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)

    def get_state(self, delivery: Delivery) -> str:
        return state_of(delivery).value


class LoggedMessageShown(MessageShown):
    body = serializers.CharField(source="event.body", help_text="The bytes that are signed.")
    attempts = AttemptShown(many=True, source="latest_first")


class ReplayedShown(serializers.Serializer[Any]):
    messages = serializers.IntegerField(help_text="How many go out again.")


@operation(scope=Scope.READ, roles=ADMINS, query=PageQuery, gives=page_of(EndpointShown))
def list_webhooks(call: Call) -> Listed:
    """The endpoints."""
    return newest_first(with_counts(Endpoint.objects.all()), call.query)


@operation(scope=Scope.READ, roles=ADMINS, gives=EndpointShown)
def show_webhook(call: Call, endpoint_id: int) -> Given:
    """One endpoint, with the ETag that a change needs."""
    return _tagged(_endpoint(endpoint_id))


@operation(
    scope=Scope.WEBHOOKS,
    roles=ADMINS,
    takes=EndpointBody,
    gives=IssuedShown,
    statuses=(201,),
    shown_once="secret",
    examples={"A CRM": EXAMPLE},
)
def create_webhook(call: Call) -> Endpoint:
    """Register an endpoint. The answer has its secret, which is shown this once."""
    events = [EventKind(kind) for kind in call.body["events"]]
    given = {name: call.body[name] for name in ("url", "description", "threshold")}
    return _issued(endpoints.create(**given, events=events, actor=call.user, at=call.at))


@operation(
    scope=Scope.WEBHOOKS,
    roles=ADMINS,
    takes=ChangedEndpointBody,
    gives=EndpointShown,
    matches=True,
    examples={"Switched off": {"is_on": False}},
)
def change_webhook(call: Call, endpoint_id: int) -> Given:
    """Change an endpoint, or switch it on or off. What isn't said stays as it is."""
    with transaction.atomic():
        now = endpoints.locked(endpoint_id)
        check_match(call.request, _tag(now))
        given = {name: call.body.get(name, getattr(now, name)) for name in EDITABLE}
        given["events"] = [EventKind(kind) for kind in given["events"]]
        endpoints.change(endpoint_id=endpoint_id, **given, actor=call.user, at=call.at)
    return _tagged(_endpoint(endpoint_id))


@operation(scope=Scope.WEBHOOKS, roles=ADMINS, statuses=(204,))
def remove_webhook(call: Call, endpoint_id: int) -> None:
    """Remove an endpoint and its messages, for good."""
    endpoints.remove(endpoint_id=endpoint_id, actor=call.user, at=call.at)


@operation(
    scope=Scope.WEBHOOKS,
    roles=ADMINS,
    takes=RotationBody,
    gives=IssuedShown,
    shown_once="secret",
    examples={"Both sign for two days": {"overlap_hours": 48}},
)
def rotate_webhook_secret(call: Call, endpoint_id: int) -> Endpoint:
    """Give an endpoint a new secret, which is shown this once."""
    overlap = timedelta(hours=call.body["overlap_hours"])
    return _issued(endpoints.rotate(endpoint_id=endpoint_id, overlap=overlap, actor=call.user, at=call.at))


@operation(scope=Scope.WEBHOOKS, roles=ADMINS, gives=MessageShown, statuses=(202,))
def test_webhook(call: Call, endpoint_id: int) -> Delivery:
    """Send a test event to an endpoint. What comes back is in the log of the message."""
    return replaying.send_test(endpoint_id=endpoint_id, actor=call.user, at=call.at)


@operation(
    scope=Scope.WEBHOOKS,
    roles=ADMINS,
    takes=ReplayBody,
    gives=ReplayedShown,
    statuses=(202,),
    examples={"Since a moment": {"since": "2026-03-02T12:00:00Z"}},
)
def replay_webhook(call: Call, endpoint_id: int) -> dict[str, int]:
    """Send again what was set aside, with the `webhook-id` that each message had."""
    given = call.body
    count = replaying.replay_all(
        endpoint_id=endpoint_id,
        since=given.get("since"),
        delivered_too=given["delivered_too"],
        actor=call.user,
        at=call.at,
    )
    return {"messages": count}


@operation(scope=Scope.READ, roles=ADMINS, query=MessagesQuery, gives=page_of(MessageShown))
def list_webhook_messages(call: Call, endpoint_id: int) -> Listed:
    """The messages to an endpoint, the latest first."""
    found = _endpoint(endpoint_id).deliveries.select_related("event")
    if state := call.query.get("state"):
        found = in_state(found, State(state))
    return newest_first(found, call.query)


@operation(scope=Scope.READ, roles=ADMINS, gives=LoggedMessageShown)
def show_webhook_message(call: Call, message_id: int) -> Delivery:
    """One message with all its tries."""
    found = Delivery.objects.select_related("event").filter(pk=message_id).first()
    if found is None:
        raise DomainError("message.not_found", _("There is no such message."))
    return found


@operation(scope=Scope.WEBHOOKS, roles=ADMINS, gives=MessageShown, statuses=(202,))
def replay_webhook_message(call: Call, message_id: int) -> Delivery:
    """Send one message again, with the `webhook-id` that it had."""
    return replaying.replay(delivery_id=message_id, actor=call.user, at=call.at)


def _endpoint(endpoint_id: int) -> Endpoint:
    found = with_counts(Endpoint.objects.filter(pk=endpoint_id)).first()
    if found is None:
        raise DomainError("endpoint.not_found", _("There is no such endpoint."))
    return found


def _tag(endpoint: Endpoint) -> str:
    return etag_of([endpoint.pk, *(getattr(endpoint, name) for name in EDITABLE)])


def _tagged(endpoint: Endpoint) -> Given:
    return Given(endpoint, headers={"ETag": _tag(endpoint)})


def _issued(issued: Issued) -> Endpoint:
    endpoint = _endpoint(issued.endpoint.pk)
    endpoint.secret = issued.secret  # type: ignore[attr-defined]
    return endpoint


urlpatterns = [
    path("webhooks/", resource(get=list_webhooks, post=create_webhook), name="webhooks"),
    path(
        "webhooks/<id:endpoint_id>/",
        resource(get=show_webhook, patch=change_webhook, delete=remove_webhook),
        name="webhook",
    ),
    path("webhooks/<id:endpoint_id>/secret/", resource(post=rotate_webhook_secret), name="webhook_secret"),
    path("webhooks/<id:endpoint_id>/test/", resource(post=test_webhook), name="webhook_test"),
    path("webhooks/<id:endpoint_id>/replay/", resource(post=replay_webhook), name="webhook_replay"),
    path("webhooks/<id:endpoint_id>/messages/", resource(get=list_webhook_messages), name="webhook_messages"),
    path("webhook-messages/<id:message_id>/", resource(get=show_webhook_message), name="webhook_message"),
    path(
        "webhook-messages/<id:message_id>/replay/",
        resource(post=replay_webhook_message),
        name="webhook_message_replay",
    ),
]
