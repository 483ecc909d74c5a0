"""A task for the tests of real workers: it leaves a row behind, and may die on its first try."""

import os
import signal
import time

from celery import shared_task
from django.contrib.contenttypes.models import ContentType


@shared_task
def note(name: str) -> None:
    """Leave a row."""
    ContentType.objects.create(app_label="tasks", model=name)


@shared_task
def die_once(name: str) -> None:
    """Die as by a power cut on the first try; leave a row on the second."""
    _, first = ContentType.objects.get_or_create(app_label="tries", model=name)
    if first:
        os.kill(os.getpid(), signal.SIGKILL)
    note(name)


@shared_task
def hang_once(name: str) -> None:
    """Never end on the first try; leave a row on the second."""
    _, first = ContentType.objects.get_or_create(app_label="tries", model=name)
    if first:
        time.sleep(600)
    note(name)
