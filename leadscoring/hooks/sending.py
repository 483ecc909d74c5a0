"""Sending what is due: claimed with a lease, in fair shares, and tried again later and later.

A worker that dies between claiming and noting the answer loses its lease, and the message is sent again with
the same `webhook-id`: better twice than never. One turn has a few messages of each endpoint on their way at
once, so whoever answers slowly holds up nobody else; the database is only spoken to by the turn's own thread.
"""

import logging
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from leadscoring.errors import DomainError
from leadscoring.hooks import schedule, secrets_of, signing
from leadscoring.hooks.endpoints import switch_off
from leadscoring.hooks.models import Attempt, Delivery, Endpoint, Off
from leadscoring.outgoing import OutgoingError, post

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
ANSWER_SECONDS = 10.0
AN_ENDPOINT = 4  # messages to one endpoint that are on their way at once; one while it fails
THREADS = 64
KEPT_OF_ANSWER = 1_000
GONE = 410
# Any number that nobody else uses: who holds this lock sends.
_LOCK = 7_305_514

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message to be sent now, by who holds its lease: as long as its `due_at` is this one."""

    delivery_id: int
    endpoint_id: int
    leased_until: datetime
    url: str
    webhook_id: str
    body: bytes
    secrets: Sequence[str]
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a try."""

    ms: int
    status: int | None = None
    answer: str = ""
    error: str = ""
    wish: timedelta | None = None

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def send_due(*, clock: Clock, seconds: float) -> int:
    """Send what is due for so long, and wait for what is on its way then; how many messages were tried.

    Only one does so at a time: another one returns at once.
    """
    with _alone() as alone:
        return _turn(clock, time.monotonic() + seconds) if alone else 0


def _turn(clock: Clock, end: float) -> int:
    tried = 0
    under_way: dict[Future[Answered], Claimed] = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while True:
            if time.monotonic() < end:
                for one in claim(clock(), under_way=[each.endpoint_id for each in under_way.values()]):
                    under_way[pool.submit(call, one, clock)] = one
            if not under_way:
                return tried
            done, _waiting = wait(under_way, timeout=1.0, return_when=FIRST_COMPLETED)
            for future in done:
                note(under_way.pop(future), future.result(), at=clock())
                tried += 1


_CLAIM = """
WITH free AS (
    SELECT e.id, CASE WHEN e.failures > 0 THEN 1 ELSE %(most)s END
                 - (SELECT count(*) FROM unnest(%(under_way)s::bigint[]) u WHERE u = e.id) AS room
      FROM hooks_endpoint e
     WHERE e.is_on AND (e.rests_until IS NULL OR e.rests_until <= %(now)s)
), taken AS (
    SELECT d.id FROM free f CROSS JOIN LATERAL (
        SELECT id FROM hooks_delivery
         WHERE endpoint_id = f.id AND delivered_at IS NULL AND dead_at IS NULL AND due_at <= %(now)s
         ORDER BY id LIMIT GREATEST(f.room, 0) FOR UPDATE SKIP LOCKED) d
     ORDER BY d.id LIMIT %(threads)s - cardinality(%(under_way)s::bigint[])
)
UPDATE hooks_delivery SET due_at = %(until)s WHERE id IN (SELECT id FROM taken) RETURNING id
"""


def claim(now: datetime, *, under_way: Sequence[int] = ()) -> list[Claimed]:
    """Take some that are due, for the length of a lease, the oldest of each endpoint first.

    `under_way` are the endpoints of the messages that this turn is waiting for.
    """
    until = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "now": now,
                "until": until,
                "most": AN_ENDPOINT,
                "threads": THREADS,
                "under_way": list(under_way),
            },
        )
        ids = [delivery_id for (delivery_id,) in cursor.fetchall()]
    found = Delivery.objects.filter(pk__in=ids).select_related("event", "endpoint").order_by("pk")
    return [_claimed(delivery, until, now) for delivery in found]


def _claimed(delivery: Delivery, until: datetime, now: datetime) -> Claimed:
    endpoint, event, refusal = delivery.endpoint, delivery.event, ""
    secrets: list[str] = []
    try:
        secrets = secrets_of.signing(endpoint, at=now)
    except DomainError as lost:
        refusal = lost.sentence
    body = event.body.encode()
    return Claimed(delivery.pk, endpoint.pk, until, endpoint.url, event.webhook_id, body, secrets, refusal)


def call(one: Claimed, clock: Clock) -> Answered:
    """Send one message and say what came back. Touches no database, raises nothing."""
    if one.refusal:
        return Answered(0, error=one.refusal)
    headers = {
        "content-type": "application/json",
        "user-agent": "leadscoring-webhooks/1",
        **signing.headers(one.webhook_id, one.body, one.secrets, at=clock()),
    }
    begun = time.monotonic()
    try:
        answer = post(one.url, one.body, headers, total_s=ANSWER_SECONDS)
    except OutgoingError as refused:
        return Answered(_ms(begun), error=refused.sentence[:500])
    except Exception as error:  # one address must not stop the messages to all others
        log.exception("A webhook could not be sent")
        return Answered(_ms(begun), error=type(error).__name__)
    text = answer.body[:KEPT_OF_ANSWER].decode(errors="replace").replace("\0", "�")
    wish = None if answer.retry_after_s is None else timedelta(seconds=answer.retry_after_s)
    return Answered(_ms(begun), answer.status, text, wish=wish)


@transaction.atomic
def note(one: Claimed, answered: Answered, *, at: datetime, luck: float | None = None) -> None:
    """Write down what became of a try. Where the lease was lost meanwhile only the try is kept."""
    luck = random.random() if luck is None else luck
    endpoint = Endpoint.objects.select_for_update().filter(pk=one.endpoint_id).first()
    if endpoint is None:
        return  # it was removed, and its messages with it
    _keep_try(one, answered, at)
    mine = Delivery.objects.filter(
        pk=one.delivery_id, due_at=one.leased_until, delivered_at=None, dead_at=None
    )
    delivery = mine.select_for_update().first()
    if delivery is not None:
        delivery.tries += 1
        if answered.is_good:
            delivery.delivered_at, delivery.reason = at, ""
        else:
            _put_off(delivery, answered, at=at, luck=luck)
        delivery.save(update_fields=("tries", "delivered_at", "dead_at", "due_at", "reason"))
    _note_health(endpoint, answered, at=at, luck=luck)


def _keep_try(one: Claimed, answered: Answered, at: datetime) -> None:
    Attempt.objects.create(
        delivery_id=one.delivery_id,
        at=at,
        status=answered.status,
        ms=answered.ms,
        answer=answered.answer,
        error=answered.error,
    )


def _put_off(delivery: Delivery, answered: Answered, *, at: datetime, luck: float) -> None:
    delivery.reason = answered.error or f"HTTP {answered.status}"
    again = schedule.next_try(
        delivery.tries, at=at, give_up_at=delivery.give_up_at, luck=luck, wish=answered.wish
    )
    if again is None or answered.status == GONE:
        delivery.dead_at = at
    else:
        delivery.due_at = again


def _note_health(endpoint: Endpoint, answered: Answered, *, at: datetime, luck: float) -> None:
    if answered.is_good:
        endpoint.failures, endpoint.failing_since, endpoint.rests_until = 0, None, None
        endpoint.answered_at = at
    else:
        endpoint.failures += 1
        endpoint.failing_since = endpoint.failing_since or at
        endpoint.rests_until = at + schedule.rest(endpoint.failures, luck=luck, wish=answered.wish)
    endpoint.save(update_fields=("failures", "failing_since", "rests_until", "answered_at"))
    if not endpoint.is_on:
        return
    if answered.status == GONE:
        switch_off(endpoint, Off.GONE, at=at)
    elif endpoint.failing_since is not None and endpoint.failing_since <= at - schedule.OFF_AFTER:
        switch_off(endpoint, Off.FAILING, at=at)


@contextmanager
def _alone() -> Iterator[bool]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        (got,) = cursor.fetchone()
    try:
        yield bool(got)
    finally:
        if got:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _ms(begun: float) -> int:
    return round((time.monotonic() - begun) * 1_000)
