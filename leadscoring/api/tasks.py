"""What runs by itself about the API."""

from celery import shared_task
from django.utils import timezone

from leadscoring.api import idempotency


@shared_task
def forget_answers() -> None:
    """Remove the answers that are kept for repeated requests when their time is over."""
    idempotency.forget(at=timezone.now())
