"""How fast events come in and count: posted to the app as it is served, until their scores are there."""

import resource
import time
from collections.abc import Callable
from datetime import timedelta
from queue import Empty, SimpleQueue
from uuid import UUID

import psycopg
from django.db import connection
from django.utils import timezone

from leads.ingestion.signal_keys import key_of
from leads.models import EventMapping, SignalType
from leadscoring.api import keys
from leadscoring.api.scopes import Scope
from leadscoring.ops.processes import free_port
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from leadscoring.people.users import invite
from scoring_models import scoring
from scoring_models.bench.dataset import MIX
from scoring_models.bench.figures import in_milliseconds, percentile
from scoring_models.bench.posting import Accepted, Events, Load, post
from scoring_models.bench.served import processor_seconds, served
from scoring_models.evaluation import EVERY_LEAD, split
from scoring_models.rescoring import LEADS_A_SHARD

BATCH, BATCH_CONNECTIONS, BATCH_SECONDS = 1_000, 2, 60.0
SINGLE_CONNECTIONS, SINGLE_SECONDS = 8, 20.0
STEADY_RATE, STEADY_SECONDS = 200.0, 30.0
EVENTS_A_SECOND, SINGLES_A_SECOND, EMPTY_SECONDS, VISIBLE_MS = 3_000.0, 250.0, 5.0, 2_000.0
LONGEST_WAIT = 300.0

_WAITING = """
SELECT (SELECT count(*) FROM leads_intakemessage WHERE state = 0), (SELECT count(*) FROM leads_stale)
"""
# An event counts in the score once its signal is there and its lead has no mark: marks go with the scoring.
_VISIBLE = """
SELECT d.key FROM leads_signaldetail d
 WHERE d.key = ANY (%s::uuid[]) AND NOT EXISTS (SELECT FROM leads_stale s WHERE s.lead_id = d.lead_id)
"""


def measure(
    owner: psycopg.Connection, *, leads: int, rate: float, say: Callable[[str], None]
) -> dict[str, object]:
    """All figures of the intake, with their targets, on a data set of so many leads."""
    key = _prepare()
    owner.execute("ANALYZE")  # as a database has been that is in use for long
    port = free_port()
    with served(port) as roots:
        say(f"served; all was used after {_await_empty():.0f} s")
        figures = _single(port, key, leads, roots)
        say(f"{figures}")
        figures |= _steady(port, key, leads)
        say(f"{figures}")
        return figures | _batched(port, key, leads, rate, roots)


def _prepare() -> str:
    """Score everybody, map every event, and make a write key; its text."""
    for shard in split(EVERY_LEAD, LEADS_A_SHARD):
        scoring.score_range(low=shard.low, high=shard.high)
    types = SignalType.objects.filter(key__in=MIX)
    EventMapping.objects.bulk_create(
        [EventMapping(pattern=one.key, signal_type=one) for one in types], ignore_conflicts=True
    )
    now, admin = timezone.now(), User.objects.system()
    admin = invite(
        email="intake@bench.invalid", name="Intake", roles=[Role.ADMIN, Role.MARKETING], teams=[],
        actor=admin, at=now,
    )  # fmt: skip
    issued = keys.create(
        name="Bench",
        user=admin,
        scopes=[Scope.TRACK],
        expires_at=now + timedelta(days=1),
        actor=admin,
        at=now,
        requests_a_minute=1_000_000,
    )
    return issued.text


def _single(port: int, key: str, leads: int, roots: list[int]) -> dict[str, object]:
    """Events in a request each, as fast as some connections get their answers."""
    start = time.monotonic()
    before = processor_seconds(roots)
    found = post(Load(port, key, Events(leads=leads, name="single"), 1, SINGLE_CONNECTIONS, SINGLE_SECONDS))
    rate = found.accepted / (time.monotonic() - start)
    empty = _await_empty()
    return {
        "single_posts": {
            "a_second": round(rate, 1),
            "target": SINGLES_A_SECOND,
            "reached": rate >= SINGLES_A_SECOND and not found.refused,
            "connections": SINGLE_CONNECTIONS,
            **in_milliseconds(found.seconds),
            "refused": found.refused,
            "empty_after_seconds": round(empty, 2),
            "processor_ms_an_event": _each(processor_seconds(roots) - before, found.accepted),
        }
    }


def _steady(port: int, key: str, leads: int) -> dict[str, object]:
    """Events in a request each at an even rate: from the answer to the score that has seen them."""
    heard: SimpleQueue[Accepted] = SimpleQueue()
    watch = _Watch(key, heard)
    events = Events(leads=leads, name="steady")
    load = Load(port, key, events, 1, SINGLE_CONNECTIONS, STEADY_SECONDS, STEADY_RATE, heard)
    found = post(load, meanwhile=watch.look)
    end = time.monotonic() + LONGEST_WAIT
    while watch.look() and time.monotonic() < end:
        time.sleep(0.02)
    return {
        "accepted_to_rank": {
            **in_milliseconds(watch.seconds, VISIBLE_MS),
            "most_ms": round(max(watch.seconds) * 1000),
            "events": len(watch.seconds),
            "a_second": round(found.accepted / STEADY_SECONDS, 1),
            "refused": found.refused,
            "never": len(watch.waiting),
        }
    }


class _Watch:
    """Looks which accepted events count by now, and how long that took; to about 30 ms."""

    def __init__(self, key: str, heard: "SimpleQueue[Accepted]") -> None:
        self.source = f"segment:{keys.prefix_of(key)}"
        self.heard = heard
        self.waiting: dict[UUID, float] = {}
        self.seconds: list[float] = []

    def look(self) -> bool:
        """Whether some don't count yet."""
        try:
            while True:
                one = self.heard.get_nowait()
                self.waiting[key_of(self.source, one.message_id)] = one.at
        except Empty:
            pass
        if self.waiting:
            with connection.cursor() as cursor:
                cursor.execute(_VISIBLE, [list(self.waiting)])
                now = time.time()
                self.seconds += [max(0.0, now - self.waiting.pop(key)) for (key,) in cursor.fetchall()]
        return bool(self.waiting)


def _batched(port: int, key: str, leads: int, rate: float, roots: list[int]) -> dict[str, object]:
    """Batches at an even rate, for a minute, and how long until all that waited has been used."""
    own, before, start = _own_seconds(), processor_seconds(roots), time.monotonic()
    events = Events(leads=leads, name="batch")
    found = post(Load(port, key, events, BATCH, BATCH_CONNECTIONS, BATCH_SECONDS, rate))
    took = time.monotonic() - start
    a_second = found.accepted / max(took, BATCH_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        waiting = cursor.fetchone()
    empty = _await_empty()
    app = processor_seconds(roots) - before
    return {
        "batched": {
            "a_second": round(a_second),
            "target": EVENTS_A_SECOND,
            "asked_for": rate,
            "seconds": round(took, 1),
            "empty_after_seconds": round(empty, 2),
            "target_empty_after_seconds": EMPTY_SECONDS,
            "reached": a_second >= EVENTS_A_SECOND * 0.999 and empty <= EMPTY_SECONDS and not found.refused,
            "waiting_at_the_end": {"messages": waiting[0], "marks": waiting[1]},
            "request_p95_ms": round(percentile(found.seconds, 0.95) * 1000),
            "refused": found.refused,
            "processor_ms_an_event": _each(app, found.accepted),
            "of_the_load_ms_an_event": _each(_own_seconds() - own, found.accepted),
        }
    }


def _await_empty() -> float:
    """Wait until nothing waits in the inbox and no lead for its score; how long that took."""
    start = time.monotonic()
    while time.monotonic() - start < LONGEST_WAIT:
        with connection.cursor() as cursor:
            cursor.execute(_WAITING)
            if cursor.fetchone() == (0, 0):
                break
        time.sleep(0.1)
    return time.monotonic() - start


def _own_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _each(seconds: float, number: int) -> float:
    return round(seconds * 1000 / max(number, 1), 4)
