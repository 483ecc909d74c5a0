"""What runs by itself about webhooks. Any turn may die, come twice or late."""

from celery import shared_task
from django.utils import timezone

from leadscoring.hooks import forgetting, sending

SEND_SECONDS = 20.0


@shared_task
def send_webhooks() -> None:
    """Send what is due, for a short turn."""
    sending.send_due(clock=timezone.now, seconds=SEND_SECONDS)


@shared_task
def tidy_webhooks() -> None:
    """Give up on what is over, and remove what is long past."""
    forgetting.give_up(now=timezone.now())
    forgetting.forget(now=timezone.now())
