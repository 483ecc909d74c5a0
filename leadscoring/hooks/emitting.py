"""Noting what happened for the endpoints that asked for it, in the transaction of its cause."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from leadscoring.hooks.models import Delivery, Endpoint, Event, EventKind
from leadscoring.hooks.schedule import TRIED_FOR


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened at `at`. `data` is what is told, without what every message has.

    `sequence` is given where the order is older than this writing; `points` is by how many a score changed.
    """

    kind: EventKind
    at: datetime
    data: Mapping[str, Any]
    lead_id: int | None = None
    sequence: int | None = None
    points: int = 0


def wanted(*kinds: EventKind) -> bool:
    """Whether an endpoint that is on asked for one of these."""
    return Endpoint.objects.filter(is_on=True, events__overlap=list(kinds)).exists()


@transaction.atomic
def emit(news: Sequence[News], *, now: datetime) -> int:
    """Write events and their deliveries; how many messages will go out. What nobody asked for is left out."""
    endpoints = list(Endpoint.objects.filter(is_on=True)) if news else []
    told = [(one, to) for one in news if (to := [each for each in endpoints if _wants(each, one)])]
    events = Event.objects.bulk_create(event_of(one) for one, _ in told)
    deliveries = [
        Delivery(event=event, endpoint=endpoint, due_at=now, give_up_at=now + TRIED_FOR)
        for event, (_, to) in zip(events, told, strict=True)
        for endpoint in to
    ]
    Delivery.objects.bulk_create(deliveries)
    return len(deliveries)


def event_of(one: News) -> Event:
    """The event with its bytes, not yet stored."""
    sequence = one.sequence or _next_number()
    body = {
        "type": one.kind.value,
        "timestamp": moment(one.at),
        "data": {"format": 1, "sequence": sequence, **one.data},
    }
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return Event(kind=one.kind, lead_id=one.lead_id, sequence=sequence, at=one.at, body=text)


def moment(at: datetime) -> str:
    """A moment in UTC as RFC 3339 writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _wants(endpoint: Endpoint, one: News) -> bool:
    if one.kind not in endpoint.events:
        return False
    return one.kind is not EventKind.SCORE or abs(one.points) >= endpoint.threshold


def _next_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('hooks_sequence')")
        return int(cursor.fetchone()[0])
