"""Sending what is in the outbox: claimed with a lease, tried again later and later, then set aside.

The broker only wakes; whatever it forgets, the next sweep finds. A worker that dies between sending and
noting it sends again after its lease: better twice than never. Each channel is swept by itself, so that a
chat that does not answer keeps no mail waiting.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from leads.models.notice import Channel, Delivery
from leads.notices import chat
from leads.notices.wording import sentence
from leadscoring.errors import DomainError

log = logging.getLogger(__name__)

AT_ONCE = 20
LEASE = timedelta(minutes=5)
# How long after each try that failed the next one is made; after the last it is set aside.
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))


def send_due(channel: Channel, *, now: datetime) -> int:
    """Send what is due through a channel; how much there was."""
    claimed = _claim(channel, now)
    for delivery in claimed:
        _send(delivery, now)
    return len(claimed)


@transaction.atomic
def _claim(channel: Channel, now: datetime) -> Sequence[Delivery]:
    """Take some that are due, for the length of a lease."""
    due = Delivery.objects.filter(channel=channel, due_at__lte=now, sent_at=None, set_aside_at=None)
    claimed = list(due.select_for_update(skip_locked=True).order_by("due_at", "pk")[:AT_ONCE])
    Delivery.objects.filter(pk__in=[one.pk for one in claimed]).update(due_at=now + LEASE)
    ids = [one.pk for one in claimed]
    return list(Delivery.objects.select_related("notice__person", "notice__lead").filter(pk__in=ids))


def _send(delivery: Delivery, now: datetime) -> None:
    delivery.tries += 1
    try:
        if delivery.notice.person.is_active:
            _SENDERS[Channel(delivery.channel)](delivery)
            delivery.sent_at, delivery.reason = now, ""
        else:
            delivery.set_aside_at, delivery.reason = now, "The person may no longer sign in."
    except Exception as error:  # each server fails in its own way, and none may stop what others are sent
        _put_off(delivery, error, now)
    delivery.save(update_fields=("tries", "sent_at", "set_aside_at", "reason", "due_at"))


def _mail(delivery: Delivery) -> None:
    notice = delivery.notice
    said = sentence(notice)
    send_mail(
        " ".join(said.split()),
        f"{said}\n\n{settings.PUBLIC_URL}{notice.link}\n",
        None,
        [notice.person.email],
    )


_SENDERS: Mapping[Channel, Callable[[Delivery], None]] = {Channel.EMAIL: _mail, Channel.CHAT: chat.send}


def _put_off(delivery: Delivery, error: Exception, now: datetime) -> None:
    said = error.sentence if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    delivery.reason = said[:500]
    if delivery.tries > len(WAITS):
        delivery.set_aside_at = now
        log.warning("Notice %s was not sent after %s tries.", delivery.notice_id, delivery.tries)
    else:
        delivery.due_at = now + WAITS[delivery.tries - 1]
