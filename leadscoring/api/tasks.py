"""What runs by itself about the API."""

from celery import shared_task
from django.utils import timezone

from leadscoring.api import idempotency, rate_limit


@shared_task
def forget_answers() -> None:
    """Remove the answers that are kept for repeated requests when their time is over, and full buckets."""
    now = timezone.now()
    idempotency.forget(at=now)
    rate_limit.forget(at=now)
