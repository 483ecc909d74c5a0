"""Waking workers through the broker, after commit. Only hints: what they miss, the sweeps find."""

import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock, Timer

from django.db import connection, transaction

from leadscoring.celery import app

log = logging.getLogger(__name__)

# A broker that did not answer is left alone until the sweep comes round; a write never waits for it twice.
SILENCE_SECONDS = 2.0
# With no worker at all, hints must not pile up in the broker.
EXPIRES_SECONDS = 30
# Between two equal hints of one process. Many small writes in a row are one task, which takes all there is.
PAUSE_SECONDS = 0.2
# Of hints at what is swept every two seconds: one that is older would only stand in the way of other tasks.
SWEPT_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Hint:
    """A task to be sent by its name. Two equal hints in one transaction are one."""

    task: str
    arguments: tuple[int, ...] = ()
    times: int = 1
    expires: int = EXPIRES_SECONDS  # seconds

    def after_commit(self) -> None:
        """Send it when what is being written is there for a worker to see."""
        if self not in [function for _, function, *_ in connection.run_on_commit]:
            transaction.on_commit(self)

    def __call__(self) -> None:
        """Send it now, or soon where it was sent a moment ago: that covers what is written meanwhile."""
        now = time.monotonic()
        if now < broker.silent_until:
            return
        wait = broker.plan(self, now)
        if wait == 0:
            self._send()
        elif wait is not None:
            later = Timer(wait, self._send)
            later.daemon = True
            later.start()

    def _send(self) -> None:
        try:
            for _ in range(self.times):
                app.send_task(self.task, self.arguments, expires=self.expires)
        except Exception as error:  # each transport raises its own; none may fail what is committed
            log.info("No worker was woken for %s; a sweep will find the work. %s", self.task, error)
            broker.silent_until = time.monotonic() + SILENCE_SECONDS


@dataclass(slots=True)
class Broker:
    """What this process knows of it: until when it is left alone, and when each hint goes out last."""

    silent_until: float = 0.0
    planned: dict[Hint, float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def plan(self, hint: Hint, now: float) -> float | None:
        """In how many seconds to send a hint; None where one that is still to go out says the same."""
        with self.lock:
            last = self.planned.get(hint, -math.inf)
            if last > now:
                return None
            at = self.planned[hint] = max(now, last + PAUSE_SECONDS)
            return at - now


broker = Broker()


def in_turns(work: Callable[[], object], seconds: float, *, again: Callable[[], None]) -> None:
    """Work until nothing is left. Once a turn is over, the rest queues up behind what else is to be done."""
    end = time.monotonic() + seconds
    while work():
        if time.monotonic() > end:
            again()
            return


@contextmanager
def nobody() -> Iterator[None]:
    """Send no hints meanwhile: for bulk work that scores what it wrote by itself."""
    broker.silent_until = math.inf
    try:
        yield
    finally:
        broker.silent_until = 0.0
