"""Sending again what was set aside, and sending a test."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.hooks.emitting import News, event_of
from leadscoring.hooks.endpoints import locked
from leadscoring.hooks.models import Delivery, Endpoint, EventKind
from leadscoring.hooks.schedule import TRIED_FOR
from leadscoring.people.models import User
from leadscoring.people.users import check_may_administer


@transaction.atomic
def send_test(*, endpoint_id: int, actor: User, at: datetime) -> Delivery:
    """Send a test event to this endpoint alone.

    Raises DomainError: `not_an_admin`, `endpoint.not_found`, `endpoint.off`.
    """
    check_may_administer(actor)
    endpoint = _switched_on(endpoint_id)
    event = event_of(News(EventKind.TEST, at, {"endpoint": endpoint.description}))
    event.save()
    record(action="endpoint.tested", target=endpoint, actor=actor, at=at, event=event.pk)
    return Delivery.objects.create(event=event, endpoint=endpoint, due_at=at, give_up_at=at + TRIED_FOR)


@transaction.atomic
def replay(*, delivery_id: int, actor: User, at: datetime) -> Delivery:
    """Send a message again, under the `webhook-id` that it had.

    Raises DomainError: `not_an_admin`, `message.not_found`, `message.waiting`, `endpoint.off`.
    """
    check_may_administer(actor)
    found = Delivery.objects.filter(pk=delivery_id).first()
    if found is None:
        raise DomainError("message.not_found", _("There is no such message."))
    endpoint = _switched_on(found.endpoint_id)
    if not _again(Delivery.objects.filter(pk=delivery_id), at=at):
        raise DomainError("message.waiting", _("This message is on its way already."))
    record(action="endpoint.replayed", target=endpoint, actor=actor, at=at, message=delivery_id)
    return Delivery.objects.select_related("event", "endpoint").get(pk=delivery_id)


@transaction.atomic
def replay_all(
    *,
    endpoint_id: int,
    actor: User,
    at: datetime,
    since: datetime | None = None,
    delivered_too: bool = False,
) -> int:
    """Send again what was set aside, of events since a moment (None: ever); how many messages.

    `delivered_too` is for a receiver that lost what it had. Raises DomainError: `not_an_admin`,
    `endpoint.not_found`, `endpoint.off`.
    """
    check_may_administer(actor)
    endpoint = _switched_on(endpoint_id)
    chosen = Delivery.objects.filter(endpoint=endpoint)
    if not delivered_too:
        chosen = chosen.exclude(dead_at=None)
    if since is not None:
        chosen = chosen.filter(event__at__gte=since)
    count = _again(chosen, at=at)
    told = {"since": since and since.isoformat(), "delivered_too": delivered_too, "messages": count}
    record(action="endpoint.replayed", target=endpoint, actor=actor, at=at, **told)
    return count


def _again(chosen: QuerySet[Delivery], *, at: datetime) -> int:
    over = Q(delivered_at__isnull=False) | Q(dead_at__isnull=False)
    return chosen.filter(over).update(
        due_at=at, give_up_at=at + TRIED_FOR, tries=0, delivered_at=None, dead_at=None, reason=""
    )


def _switched_on(endpoint_id: int) -> Endpoint:
    endpoint = locked(endpoint_id)
    if not endpoint.is_on:
        raise DomainError("endpoint.off", _("The endpoint is off. Switch it on first."))
    return endpoint
