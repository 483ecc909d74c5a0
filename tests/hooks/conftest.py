"""An Admin with endpoints, and a real web server on this machine that they lead to."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from typing import Any

import pytest
from pytest_django import Settings

from leadscoring.hooks import endpoints
from leadscoring.hooks.endpoints import Issued
from leadscoring.hooks.models import CHOSEN, Endpoint, EventKind
from leadscoring.ops.state import BASE_DIR
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import person

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
GUIDE = (BASE_DIR / "docs" / "webhooks.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What an endpoint's own program does: it keeps what it gets and gives the answers of `says`."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    says: Callable[[int], tuple[int, dict[str, str], bytes]] = lambda _count: (204, {}, b"")
    before: Callable[[], None] = lambda: None

    @property
    def types(self) -> list[str]:
        return [one.json["type"] for one in self.received]

    def answer(self, status: int, **headers: str) -> None:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.says = lambda _count: (status, sent, b"" if status == 204 else b"what it says")


@pytest.fixture
def receive(settings: Settings) -> Iterator[Callable[[], Receiver]]:
    """Starts receivers: `receive()`. Calls to this machine are allowed."""
    settings.OUTGOING_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]
    settings.OUTGOING_PLAIN_HTTP = True
    servers: list[ThreadingHTTPServer] = []

    def start() -> Receiver:
        receiver = Receiver()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.append(
                    Received({name.lower(): value for name, value in self.headers.items()}, body)
                )
                receiver.before()
                status, headers, said = receiver.says(len(receiver.received))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
        return receiver

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver(receive: Callable[[], Receiver]) -> Receiver:
    return receive()


@pytest.fixture
def verified() -> Callable[..., bytes]:
    """The function that receivers are told to copy."""
    names: dict[str, Any] = {}
    (snippet,) = blocks("python")
    exec(snippet, names)
    found: Callable[..., bytes] = names["verified"]
    return found


@pytest.fixture
def admin(db: None) -> User:
    return person("Adam", Role.ADMIN)


def register(
    url: str, admin: User, *events: EventKind, threshold: int = 10, description: str = "CRM"
) -> Issued:
    return endpoints.create(
        url=url,
        description=description,
        events=events or CHOSEN,
        threshold=threshold,
        actor=admin,
        at=NOW,
    )


def switch(endpoint: Endpoint, actor: User, *, is_on: bool, at: datetime) -> None:
    endpoints.change(
        endpoint_id=endpoint.pk,
        url=endpoint.url,
        description=endpoint.description,
        events=[EventKind(kind) for kind in endpoint.events],
        threshold=endpoint.threshold,
        is_on=is_on,
        actor=actor,
        at=at,
    )
