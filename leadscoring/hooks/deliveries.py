"""Where messages are on their way."""

from django.db import models
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from leadscoring.hooks.models import Delivery, Endpoint


class State(models.TextChoices):
    WAITING = "waiting", _("Waits")
    DELIVERED = "delivered", _("Delivered")
    SET_ASIDE = "set_aside", _("Set aside")


def state_of(delivery: Delivery) -> State:
    if delivery.delivered_at is not None:
        return State.DELIVERED
    return State.WAITING if delivery.dead_at is None else State.SET_ASIDE


def in_state(found: QuerySet[Delivery], state: State) -> QuerySet[Delivery]:
    """Those of these that are there."""
    match state:
        case State.DELIVERED:
            return found.filter(delivered_at__isnull=False)
        case State.SET_ASIDE:
            return found.filter(dead_at__isnull=False)
    return found.filter(delivered_at=None, dead_at=None)


def with_counts(found: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
    """These with how many of their messages wait (`waiting_now`) and are set aside (`dead_now`)."""
    return found.annotate(waiting_now=_count(State.WAITING), dead_now=_count(State.SET_ASIDE))


def _count(state: State) -> Coalesce:
    of_endpoint = in_state(Delivery.objects.filter(endpoint=OuterRef("pk")), state)
    counted = of_endpoint.order_by().values("endpoint").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted), 0)
