"""Giving up on messages whose time is over, and removing the log of what is long past."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from leadscoring.hooks.models import Delivery

AT_ONCE = 5_000


def give_up(*, now: datetime) -> int:
    """Set aside what waited for three days for an endpoint that fails or is off; how many messages.

    Where nothing was tried because no worker ran, the first try comes before this.
    """
    waiting = Delivery.objects.filter(delivered_at=None, dead_at=None, give_up_at__lte=now, due_at__lte=now)
    ids = waiting.filter(Q(endpoint__is_on=False) | Q(endpoint__failures__gt=0)).values("pk")
    reason = _("The endpoint gave no good answer for three days.")
    return Delivery.objects.filter(pk__in=ids).update(dead_at=now, reason=reason)


_FORGET = """
WITH old AS (
    SELECT e.id FROM hooks_event e
     WHERE e.recorded_at < %(before)s
       AND NOT EXISTS (SELECT FROM hooks_delivery d WHERE d.event_id = e.id
                          AND (d.delivered_at IS NULL AND d.dead_at IS NULL
                               OR GREATEST(d.delivered_at, d.dead_at) >= %(before)s))
     ORDER BY e.recorded_at LIMIT %(limit)s
), tries AS (
    DELETE FROM hooks_attempt WHERE delivery_id IN
        (SELECT id FROM hooks_delivery WHERE event_id IN (SELECT id FROM old))
), messages AS (
    DELETE FROM hooks_delivery WHERE event_id IN (SELECT id FROM old)
)
DELETE FROM hooks_event WHERE id IN (SELECT id FROM old)
"""


def forget(*, now: datetime) -> int:
    """Remove the events of which nothing happened for as long as the log is kept; how many there were."""
    before = now - timedelta(days=settings.WEBHOOK_LOG_DAYS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FORGET, {"before": before, "limit": AT_ONCE})
        return int(cursor.rowcount)
