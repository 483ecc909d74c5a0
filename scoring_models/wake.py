"""Waking workers through the broker, after commit. Only hints: what they miss, the sweeps in `tasks` find."""

import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from leadscoring.celery import app

log = logging.getLogger(__name__)

# A broker that did not answer is left alone until the sweep comes round; a write never waits for it twice.
SILENCE_SECONDS = 2.0
# With no worker at all, hints must not pile up in the broker.
EXPIRES_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Hint:
    """A task to be sent by its name. Two equal hints in one transaction are one."""

    task: str
    arguments: tuple[int, ...] = ()
    times: int = 1

    def after_commit(self) -> None:
        """Send it when what is being written is there for a worker to see."""
        if self not in [function for _, function, *_ in connection.run_on_commit]:
            transaction.on_commit(self)

    def __call__(self) -> None:
        if time.monotonic() < _broker.silent_until:
            return
        try:
            for _ in range(self.times):
                app.send_task(self.task, self.arguments, expires=EXPIRES_SECONDS)
        except Exception as error:  # each transport raises its own; none may fail what is committed
            log.info("No worker was woken for %s; a sweep will find the work. %s", self.task, error)
            _broker.silent_until = time.monotonic() + SILENCE_SECONDS


@dataclass(slots=True)
class Broker:
    silent_until: float = 0.0


_broker = Broker()


@contextmanager
def nobody() -> Iterator[None]:
    """Send no hints meanwhile: for bulk work that scores what it wrote by itself."""
    _broker.silent_until = math.inf
    try:
        yield
    finally:
        _broker.silent_until = 0.0


def score_stale() -> None:
    """Have stale leads scored."""
    Hint("scoring_models.tasks.score_stale").after_commit()


def rescore(run_id: int, *, workers: int = 2) -> None:
    """Have a rescore run worked on. More than two at once would only wait for the same database."""
    Hint("scoring_models.tasks.rescore_version", (run_id,), times=workers).after_commit()


def evidence(evidence_id: int) -> None:
    """Have the evidence of a version computed."""
    Hint("scoring_models.tasks.compute_evidence", (evidence_id,)).after_commit()
