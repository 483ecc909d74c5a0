"""Real workers, a real broker and a real beat, some of which are killed."""

import time
from collections.abc import Callable

import celery
import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from kombu.exceptions import OperationalError
from redis import Redis

from leadscoring.celery import app
from leadscoring.ops.beat import BeatLock
from leadscoring.ops.processes import free_port, wait_until
from tests.conftest import WorkerProcess
from tests.ops import tasks

StartWorker = Callable[..., WorkerProcess]
WAIT = 60  # seconds, which a busy machine may need
ARGUMENTS = ("--concurrency=1", "--include=tests.ops.tasks")


def noted(app_label: str = "tasks") -> list[str]:
    return list(ContentType.objects.filter(app_label=app_label).values_list("model", flat=True))


def test_a_worker_does_what_it_is_told(celery_worker_process: StartWorker) -> None:
    celery_worker_process(*ARGUMENTS)
    tasks.note.delay("a")
    assert wait_until(lambda: noted() == ["a"], WAIT)


def test_a_task_waits_for_a_worker(celery_worker_process: StartWorker) -> None:
    tasks.note.delay("early")
    celery_worker_process(*ARGUMENTS)
    assert wait_until(lambda: noted() == ["early"], WAIT)


def test_a_task_whose_process_dies_is_done_by_another(celery_worker_process: StartWorker) -> None:
    celery_worker_process(*ARGUMENTS)
    tasks.die_once.delay("b")
    assert wait_until(lambda: noted() == ["b"], WAIT)


def test_a_task_of_a_killed_worker_is_done_after_the_restart(
    celery_worker_process: StartWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROKER_VISIBILITY_TIMEOUT", "1")
    worker = celery_worker_process(*ARGUMENTS)
    tasks.hang_once.delay("c")
    assert wait_until(lambda: noted("tries") == ["c"], WAIT)
    worker.kill()
    worker.start()
    assert wait_until(lambda: noted() == ["c"], WAIT)


def test_a_worker_stops_when_asked(celery_worker_process: StartWorker) -> None:
    worker = celery_worker_process(*ARGUMENTS)
    assert worker.stop() == 0


def test_a_nudge_that_does_not_reach_the_broker_fails_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    app = celery.Celery("elsewhere", set_as_current=False)
    app.config_from_object(settings, namespace="CELERY")
    app.conf.update(broker_url=f"redis://127.0.0.1:{free_port()}/0")
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr("kombu.utils.functional.sleep", pauses.append)
    with pytest.raises(OperationalError):
        app.send_task("anything")
    assert pauses == []


def test_who_lost_the_broker_is_told_so(valkey: Redis) -> None:
    """A worker then connects again; what it does not expect ends it."""
    link = app.connection_for_read()
    channel = link.channel()
    link.collect()
    with pytest.raises(link.connection_errors):
        channel.qos.ack("what it was at")  # type: ignore[attr-defined]  # of virtual channels


def test_one_beat_sends_and_another_takes_over(celery_worker_process: StartWorker, valkey: Redis) -> None:
    first = celery_worker_process(beat=True)
    assert wait_until(lambda: "this one sends" in first.output(), WAIT)
    second = celery_worker_process(beat=True)
    time.sleep(1.5)
    assert "this one sends" not in second.output()
    first.kill()
    assert wait_until(lambda: "this one sends" in second.output(), WAIT)
    valkey.delete("leadscoring")
    assert wait_until(lambda: valkey.llen("leadscoring") > 0, WAIT)


def test_the_lock_of_beat_is_taken_again_after_the_connection_broke(committed_db: None) -> None:
    lock, other = BeatLock(), BeatLock()
    assert lock.held()
    assert not other.held()
    lock.release()
    assert other.held()
    other._link.connection.close()  # type: ignore[union-attr]
    assert not other.held()
    assert other.held()
    other.release()
