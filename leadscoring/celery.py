"""The Celery app. Its tasks are found in each app's `tasks` module, its settings are Django's CELERY_*."""

import logging.config
import os
from typing import Any

from celery import Celery, signals
from django.conf import settings

from leadscoring import broker
from leadscoring.ops import embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadscoring.settings")

# Loaded by Django, the servers are somebody's already; loaded by `celery -A leadscoring`, they are ours.
if not settings.configured:
    embedded.enter(broker=True, only_if_asked_for=True)

broker.use()
app = Celery("leadscoring")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.setup_logging.connect
def set_up_logging(**_kwargs: Any) -> None:
    """Log as the rest does; Celery would add handlers and formats of its own."""
    logging.config.dictConfig(settings.LOGGING)
