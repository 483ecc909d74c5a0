"""Larkfield's CRM, which is told of overrides and versions. Nothing is ever sent: in the end it is off."""

from datetime import datetime, timedelta

from leads.webhooks import telling
from leadscoring.hooks import endpoints, sending
from leadscoring.hooks.models import Delivery, Endpoint, EventKind
from leadscoring.hooks.sending import Answered
from leadscoring.people.models import User

WHERE = {
    "url": "https://crm.larkfield.example/hooks/scores",
    "description": "Larkfield CRM",
    "events": (EventKind.BAND, EventKind.OVERRIDE_SET, EventKind.OVERRIDE_ENDED, EventKind.ACTIVATED),
}
ANSWERS = (Answered(183, 204), Answered(96, 200, "ok"))
REFUSED = {"status": 503, "ms": 1_204, "answer": "Down for maintenance"}


def register(*, now: datetime) -> None:
    """Register it before what it is told of."""
    system = User.objects.system()
    endpoints.create(**WHERE, actor=system, at=now)  # type: ignore[arg-type]


def answer(*, now: datetime) -> None:
    """Write the log of what it would have answered, and switch it off before any worker runs."""
    telling.tell(now=now)
    while batch := sending.claim(now):
        for place, one in enumerate(batch):
            sending.note(one, ANSWERS[place % len(ANSWERS)], at=now + timedelta(seconds=place))
    for refused in Delivery.objects.order_by("-pk")[:1]:
        refused.attempts.update(**REFUSED)
        refused.delivered_at, refused.dead_at, refused.reason = None, now, "HTTP 503"
        refused.save(update_fields=("delivered_at", "dead_at", "reason"))
    endpoint = Endpoint.objects.get()
    endpoints.change(
        endpoint_id=endpoint.pk,
        **WHERE,  # type: ignore[arg-type]
        threshold=endpoint.threshold,
        is_on=False,
        actor=User.objects.system(),
        at=now,
    )
