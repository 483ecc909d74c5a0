"""Celery's part of leads: short turns of work that PostgreSQL remembers. Any may die, come twice or late."""

import time

from celery import shared_task

from leads.response import refresh

DRAIN_SECONDS = 20.0


@shared_task
def refresh_responses() -> None:
    """Set the response clocks of leads where something happened, until none is left."""
    end = time.monotonic() + DRAIN_SECONDS
    while refresh.refresh() and time.monotonic() < end:
        pass
