"""A real worker that is killed while a message is on its way: it is sent again under the same id."""

import threading
from collections.abc import Callable

import pytest
from django.utils import timezone

from leadscoring.celery import app
from leadscoring.hooks.emitting import News, emit
from leadscoring.hooks.models import Delivery, EventKind
from leadscoring.ops.processes import wait_until
from leadscoring.people.roles import Role
from tests.conftest import WorkerProcess
from tests.hooks.conftest import Receiver, register
from tests.leads.work.conftest import person

pytestmark = [pytest.mark.slow]


def hold(until: threading.Event) -> None:
    """Let the sender wait for an answer."""
    until.wait(30)


def test_what_a_killed_worker_was_sending_is_sent_again(
    celery_worker_process: Callable[..., WorkerProcess],
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OUTGOING_ALLOWED_NETWORKS", "127.0.0.0/8")
    monkeypatch.setenv("OUTGOING_PLAIN_HTTP", "1")
    register(receiver.url, person("Adam", Role.ADMIN))
    now, held = timezone.now(), threading.Event()
    emit([News(EventKind.BAND, now, {"score": 1}, lead_id=1)], now=now)
    receiver.before = lambda: hold(held)
    worker = celery_worker_process("--concurrency=1")
    app.send_task("leadscoring.hooks.tasks.send_webhooks")
    assert wait_until(lambda: len(receiver.received) == 1, 30), worker.output()
    worker.kill()
    held.set()
    message = Delivery.objects.get()
    assert (message.delivered_at, message.tries) == (None, 0)
    assert message.due_at > timezone.now(), "its lease runs on"
    Delivery.objects.update(due_at=timezone.now())
    worker.start()
    app.send_task("leadscoring.hooks.tasks.send_webhooks")
    assert wait_until(lambda: Delivery.objects.exclude(delivered_at=None).exists(), 30), worker.output()
    first, second = receiver.received
    assert (first.id, first.body) == (second.id, second.body)
    assert Delivery.objects.get().tries == 1
