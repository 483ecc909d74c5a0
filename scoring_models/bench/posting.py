"""Load for the inbox: threads that post events over kept connections, at a pace or as fast as they can."""

import base64
import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from queue import SimpleQueue
from random import Random
from threading import Lock, Thread

from leadscoring.ops.processes import LOCALHOST
from scoring_models.bench.dataset import MIX

SECONDS = 30  # to wait for an answer
_PATHS = ("/", "/pricing", "/blog/lead-scoring", "/product/tour", "/customers")


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that was answered 200, with when (as `time.time()`)."""

    message_id: str
    at: float


class Events:
    """Messages as trackers send them, of people chosen by chance, each of the moment at which it is made."""

    def __init__(self, *, leads: int, name: str) -> None:
        self._leads, self._name = leads, name
        self._random, self._numbers, self._lock = Random(7), count(), Lock()
        self._types, self._weights = list(MIX), list(MIX.values())

    def take(self, number: int) -> list[dict[str, object]]:
        """So many, with ids that nobody had."""
        with self._lock:
            types = self._random.choices(self._types, self._weights, k=number)
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            return [self._event(one, at) for one in types]

    def _event(self, type_key: str, at: str) -> dict[str, object]:
        return {
            "type": "track",
            "messageId": f"{self._name}-{next(self._numbers)}",
            "timestamp": at,
            "userId": f"B{self._random.randrange(1, self._leads + 1)}",
            "event": type_key,
            "properties": {"path": self._random.choice(_PATHS), "campaign": "spring"},
        }


@dataclass
class Posted:
    """What the threads saw: seconds from request to answer, what was accepted, and what was not."""

    seconds: list[float] = field(default_factory=list)
    accepted: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    def add(self, other: "Posted") -> None:
        self.seconds += other.seconds
        self.accepted += other.accepted
        for status, times in other.refused.items():
            self.refused[status] = self.refused.get(status, 0) + times


@dataclass(frozen=True)
class Load:
    """How to post: `size` events a request (1: each in a request of its own), on so many connections.

    `rate` is events a second over all connections, None for as fast as they go. `heard`, if given, hears of
    every accepted event.
    """

    port: int
    key: str
    events: Events
    size: int
    connections: int
    seconds: float
    rate: float | None = None
    heard: "SimpleQueue[Accepted] | None" = None


def post(load: Load, *, meanwhile: Callable[[], object] = lambda: None) -> Posted:
    """Post for so long, `meanwhile` being called over and over."""
    sums = [Posted() for _ in range(load.connections)]
    begun = time.monotonic()
    threads = [
        Thread(target=_post, args=(load, begun, place, mine), daemon=True) for place, mine in enumerate(sums)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meanwhile()
        time.sleep(0.02)
    total = Posted()
    for one in sums:
        total.add(one)
    return total


def _post(load: Load, begun: float, place: int, mine: Posted) -> None:
    wire = http.client.HTTPConnection(LOCALHOST, load.port, timeout=SECONDS)
    path = "/v1/track" if load.size == 1 else "/v1/batch"
    coded = base64.b64encode(f"{load.key}:".encode()).decode()
    headers = {"Authorization": f"Basic {coded}", "Content-Type": "application/json"}
    for due in _moments(load, begun, place):
        time.sleep(max(0.0, due - time.monotonic()))
        events = load.events.take(load.size)
        said = events[0] if load.size == 1 else {"batch": events}
        body = json.dumps(said, separators=(",", ":"))
        start = time.monotonic()
        try:
            wire.request("POST", path, body, headers)
            answer = wire.getresponse()
            answer.read()
            status = str(answer.status)
        except OSError as error:
            wire.close()
            status = type(error).__name__
        mine.seconds.append(time.monotonic() - start)
        _note(load, mine, status, events)


def _note(load: Load, mine: Posted, status: str, events: Sequence[dict[str, object]]) -> None:
    if status != "200":
        mine.refused[status] = mine.refused.get(status, 0) + 1
        return
    mine.accepted += len(events)
    if load.heard is not None:
        now = time.time()
        for one in events:
            load.heard.put(Accepted(str(one["messageId"]), now))


def _moments(load: Load, begun: float, place: int) -> Iterator[float]:
    """When this connection's requests are due; those that are late are sent at once."""
    end = begun + load.seconds
    if load.rate is None:
        while (now := time.monotonic()) < end:
            yield now
        return
    for number in count(place, load.connections):
        due = begun + number * load.size / load.rate
        if due >= end:
            return
        yield due
