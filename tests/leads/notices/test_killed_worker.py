"""Mail and chat with real workers and servers, one killed in the middle: nothing is lost."""

import socketserver
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from threading import Event, Thread

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from leads import tasks
from leads.models import ChatWebhook, Delivery, NoticeKind
from leads.notices.telling import News, tell
from leadscoring.ops.processes import wait_until
from leadscoring.people.models import Team, User
from tests.conftest import WorkerProcess
from tests.web_stub import Stub, say

pytestmark = [pytest.mark.slow]

WAIT = 60
HOW_MANY = 6
STUCK_AT = 3


class Hold:
    """Lets some through and holds the next until it is released."""

    def __init__(self) -> None:
        self.count, self.released = 0, Event()

    def __call__(self) -> None:
        self.count += 1
        if self.count >= STUCK_AT:
            self.released.wait(WAIT)


class Mail(socketserver.ThreadingTCPServer):
    """As much of SMTP as a sender needs; `taken` has each mail's text."""

    daemon_threads = True

    def __init__(self, hold: Hold) -> None:
        taken: list[str] = []

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 here\r\n")
                while line := self.rfile.readline():
                    command = line[:4].upper()
                    if command == b"DATA":
                        self.take()
                    self.wfile.write(b"221 bye\r\n" if command == b"QUIT" else b"250 ok\r\n")

            def take(self) -> None:
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                text = b"".join(lines).decode()
                hold()
                taken.append(text)

        super().__init__(("127.0.0.1", 0), Handler)
        self.taken = taken
        Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


@pytest.fixture
def holds() -> Iterator[list[Hold]]:
    made = [Hold(), Hold()]
    yield made
    for hold in made:
        hold.released.set()


@pytest.fixture
def mail(holds: list[Hold], monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    with Mail(holds[0]) as server:
        monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{server.server_address[1]}")
        yield server
        server.shutdown()


@pytest.fixture
def chat(holds: list[Hold], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stub]:
    def answer(handler: BaseHTTPRequestHandler, _: bytes) -> None:
        holds[1]()
        say(handler, 200)

    monkeypatch.setenv("OUTGOING_ALLOWED_NETWORKS", "127.0.0.1/32")
    monkeypatch.setenv("OUTGOING_PLAIN_HTTP", "1")
    stub = Stub(answer)
    yield stub
    stub.close()


def test_what_a_killed_worker_had_in_hand_is_sent_again(
    celery_worker_process: Callable[..., WorkerProcess], mail: Mail, chat: Stub, holds: list[Hold]
) -> None:
    team = Team.objects.create(name="North")
    person = User.objects.create_user("rita@example.com", name="Rita")
    person.teams.add(team)
    ChatWebhook.objects.create(
        team=team, url=f"http://127.0.0.1:{chat.port}/", kinds=[NoticeKind.REVIEW.value]
    )
    tell(
        [
            News(
                person.pk, NoticeKind.REVIEW, f"version:{n}", "1", f"/models/{n}/", data={"version": f"V{n}"}
            )
            for n in range(HOW_MANY)
        ],
        at=timezone.now(),
    )
    worker = celery_worker_process("--concurrency=2")
    _sweep()
    assert wait_until(lambda: all(hold.count >= STUCK_AT for hold in holds), WAIT), worker.output()
    worker.kill()
    for hold in holds:
        hold.released.set()
    assert Delivery.objects.exclude(sent_at=None).count() == 2 * (STUCK_AT - 1)

    Delivery.objects.filter(sent_at=None).update(due_at=Now() - timedelta(seconds=1))  # the leases run out
    worker.start()
    _sweep()
    assert wait_until(lambda: not Delivery.objects.filter(sent_at=None).exists(), WAIT), worker.output()
    _each_arrived([body.decode() for *_, body in chat.seen])
    _each_arrived(mail.taken)


def _sweep() -> None:
    tasks.send_notices.delay()
    tasks.post_to_chats.delay()


def _each_arrived(texts: list[str]) -> None:
    """All of them; what was in hand may have come twice."""
    counts = [sum(f"/models/{n}/" in text for text in texts) for n in range(HOW_MANY)]
    assert min(counts) == 1 and max(counts) <= 2
