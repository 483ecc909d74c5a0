"""Hints to workers: once a transaction, after it, and never in its way."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from leads.models import Stale
from leads.scorer import scorer
from leads.stale import mark_stale
from leadscoring import hints
from leadscoring.celery import app
from leadscoring.hints import Hint
from leadscoring.ops.processes import free_port, wait_until
from scoring_models import wake


class Sent(list[tuple[str, tuple[int, ...]]]):
    def __call__(self, task: str, arguments: tuple[int, ...], **options: object) -> None:
        self.append((task, arguments))


@pytest.fixture(autouse=True)
def broker_that_answers() -> Iterator[None]:
    hints.broker.silent_until = 0.0
    hints.broker.planned.clear()
    yield
    hints.broker.silent_until = 0.0


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    for late in threading.enumerate():
        if isinstance(late, threading.Timer):  # a hint of the test before
            late.join()
    sent = Sent()
    monkeypatch.setattr(app, "send_task", sent)
    return sent


def test_many_nudges_in_a_transaction_are_one_hint_after_it(committed_db: None, sent: Sent) -> None:
    with transaction.atomic():
        for lead_id in range(3):
            mark_stale([lead_id])
        with transaction.atomic():
            mark_stale([3])
        assert sent == []
    assert sent == [("scoring_models.tasks.score_stale", ())]


def test_what_is_rolled_back_wakes_nobody(committed_db: None, sent: Sent) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        mark_stale([1])
        raise ZeroDivisionError
    assert sent == []


def test_a_savepoint_that_is_rolled_back_takes_no_later_hint_with_it(committed_db: None, sent: Sent) -> None:
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            mark_stale([1])
            raise ZeroDivisionError
        mark_stale([2])
    assert len(sent) == 1


def test_a_run_wakes_two_workers(committed_db: None, sent: Sent) -> None:
    with transaction.atomic():
        wake.rescore(7)
        wake.rescore(8)
        wake.rescore(7)
    assert sent == [("scoring_models.tasks.rescore_version", (run,)) for run in (7, 7, 8, 8)]


def test_of_many_equal_hints_in_quick_succession_the_last_goes_out_after_a_pause() -> None:
    broker, hint = hints.Broker(), Hint("some.task")
    assert broker.plan(hint, 10.0) == 0
    assert broker.plan(hint, 10.04) == pytest.approx(hints.PAUSE_SECONDS - 0.04)
    assert broker.plan(hint, 10.06) is None
    assert broker.plan(Hint("another.task"), 10.06) == 0
    assert broker.plan(hint, 10.5) == 0


def test_what_was_written_a_moment_after_a_hint_wakes_somebody_too(committed_db: None, sent: Sent) -> None:
    mark_stale([1])
    mark_stale([2])
    assert wait_until(lambda: len(sent) == 2, 60)


def test_each_task_that_is_named_exists() -> None:
    app.loader.import_default_modules()
    for task in ("score_stale", "score_due", "rescore_version", "resume_rescores", "begin_scheduled"):
        assert f"scoring_models.tasks.{task}" in app.tasks


def test_a_broker_that_cannot_be_reached_costs_a_write_no_time(
    committed_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app.conf, "broker_write_url", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setattr(app.amqp, "_producer_pool", None)
    monkeypatch.setattr(hints, "SILENCE_SECONDS", 600.0)  # longer than the writes take on any machine
    send_task, tried = app.send_task, Sent()

    def send(task: str, arguments: tuple[int, ...], **options: Any) -> None:
        tried(task, arguments)
        send_task(task, arguments, **options)

    monkeypatch.setattr(app, "send_task", send)
    for lead_id in range(20):
        mark_stale([lead_id])
    assert len(tried) == 1
    assert hints.broker.silent_until > time.monotonic()
    assert Stale.objects.count() == 20


def test_a_nudge_goes_through_the_scorer(committed_db: None, sent: Sent) -> None:
    scorer().nudge()
    assert sent == [("scoring_models.tasks.score_stale", ())]
