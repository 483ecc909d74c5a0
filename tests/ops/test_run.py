"""`make run` as a whole: it serves, restarts what dies, stops without leaving anything, and starts again."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree
from unittest.mock import create_autospec

import pytest

from leadscoring.ops.embedded import Lease
from leadscoring.ops.postgres import PostgresServer
from leadscoring.ops.processes import ServerError, free_port, is_gone, wait_until
from leadscoring.ops.run import SERVER_FAILURES, failures_after
from leadscoring.ops.state import BASE_DIR, State
from leadscoring.ops.valkey import ValkeyServer
from tests.faults.books import NOTHING, Books
from tests.faults.sending import Address, Tally, send
from tests.faults.story import TYPES, mixed, story
from tests.faults.verdicts import DRAINED_SECONDS

EVENTS, A_BATCH = 600, 20
# One process runs them all, so that one installation serves them.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("run")]


class App:
    """The supervisor, on a state folder and a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.state = State(folder)
        self.port = free_port()
        self.log = folder.with_suffix(".log")
        self.environment = {**os.environ, "LEADSCORING_STATE": str(folder), "PORT": str(self.port)}
        self.environment |= {"LEADSCORING_DEMO": "0", "LEADSCORING_ENV_FILE": "", "PYTHONUNBUFFERED": "1"}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL", "STATIC_ROOT", "STATIC_PLAIN"):
            self.environment.pop(name, None)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "leadscoring.ops.run"],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=BASE_DIR,
                process_group=0,
            )

    def await_serving(self) -> None:
        process = self.process
        assert process is not None
        wait_until(lambda: "Serving at" in self.output() or process.poll() is not None, 240)
        assert process.poll() is None and "Serving at" in self.output(), self.output()

    def end(self, number: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    def kill(self, part: str) -> None:
        """SIGKILL one of its parts; of the broker its files are gone, too."""
        if part == "postgres":
            pid = PostgresServer(self.state)._pid()
        elif part == "broker":
            pid = ValkeyServer(self.state)._pid()
            # Out of the way first, or the one that starts next may find half of it.
            wiped = (self.state.folder / "valkey").rename(self.state.folder / "valkey.wiped")
        else:
            # The oldest is the one that we started; a pool's processes go with it.
            pid = min(self.processes(part))
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        if part == "broker":
            rmtree(wiped)

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def left(self) -> list[str]:
        """What still runs, in words, for an assertion to show."""
        return [f"{pid} {command_of(pid)}" for pid in self.processes()]

    def processes(self, word: str = "") -> list[int]:
        """All living processes that know our state folder, and whose command contains the word."""
        return [
            pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if self._is_ours(pid, word)
        ]

    def _is_ours(self, pid: int, word: str) -> bool:
        try:
            command = command_of(pid)
            environment = Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace")
        except OSError:
            return False
        folder = str(self.state.folder)
        return (folder in environment or folder in command) and word in command and not is_gone(pid)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return "(gone)"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One installation for all tests of this module; each starts it and stops it."""
    app = App(tmp_path_factory.mktemp("run") / "state")
    yield app
    ValkeyServer(app.state).stop()
    PostgresServer(app.state).stop()


@pytest.fixture(autouse=True)
def stopped_afterwards(app: App) -> Iterator[None]:
    """A test that fails leaves nothing running, so that the next one finds the port free."""
    yield
    if app.process is not None and app.process.poll() is None:
        app.end(signal.SIGKILL)
    assert wait_until(lambda: not app.processes("celery") and not app.processes("gunicorn"), 60), app.left()


def test_it_serves_stops_without_leaving_anything_and_repeats_no_set_up(app: App) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        app.start()
        app.await_serving()
        with urllib.request.urlopen(f"http://127.0.0.1:{app.port}/login/", timeout=60) as answer:
            assert answer.status == 200
        assert app.end(number) == 0
        assert app.left() == []
        assert "Traceback" not in app.output()
    assert "Migrating" not in app.output()  # what the second start wrote
    assert "Collecting" not in app.output()


def test_what_dies_is_started_again_and_no_event_is_lost_or_counted_twice(app: App) -> None:
    """The short form of `make faults`: each part is killed once while a story comes in, the broker is wiped,
    and what waits then is used within a minute; then the same story comes in peace, in another order.
    """
    app.start()
    app.await_serving()
    books = Books(app.state)
    address = Address(app.port, books.open(TYPES))

    def kill(tally: Tally) -> None:
        for place, part in enumerate((" worker ", "postgres", "gunicorn", "broker", " beat"), start=1):
            assert wait_until(lambda place=place: tally.kept >= 5 * place, 120)  # type: ignore[misc]
            waiting = books.waiting() if part == "broker" else NOTHING
            app.kill(part)
            books.await_used(DRAINED_SECONDS, waiting)

    faulty = send(mixed(story("a", EVENTS), seed=1, a_batch=A_BATCH), address, meanwhile=kill)
    in_peace = send(mixed(story("b", EVENTS), seed=2, a_batch=2 * A_BATCH), address)
    assert wait_until(lambda: app.output().count("starting it again") == 3, 60)
    books.await_used(60)
    assert books.check("a", story("a", EVENTS)) == books.check("b", story("b", EVENTS))
    assert set(faulty.answers) <= {"200", "503", "no answer"} and set(in_peace.answers) == {"200"}
    assert app.end(signal.SIGINT) == 0
    assert app.left() == []


def test_a_server_that_does_not_start_at_once_is_tried_again() -> None:
    lease = create_autospec(Lease)
    lease.ensure.side_effect = [ServerError("Its folder is gone.")] * (SERVER_FAILURES - 1) + [None]
    seen = [0]
    for _look in range(SERVER_FAILURES):
        seen.append(failures_after(lease, seen[-1]))
    assert seen == [*range(SERVER_FAILURES), 0]


def test_a_server_that_never_starts_ends_the_app() -> None:
    lease = create_autospec(Lease)
    lease.ensure.side_effect = ServerError("Its folder is gone.")
    with pytest.raises(ServerError):
        failures_after(lease, SERVER_FAILURES - 1)


def test_nothing_is_left_when_it_is_killed_but_the_servers(app: App) -> None:
    app.start()
    app.await_serving()
    app.end(signal.SIGKILL)
    assert wait_until(lambda: not app.processes("celery") and not app.processes("gunicorn"), 60)
    app.start()
    app.await_serving()
    assert app.end(signal.SIGINT) == 0
    assert app.left() == []


def test_a_second_app_on_the_same_data_is_refused(app: App) -> None:
    app.start()
    app.await_serving()
    environment = app.environment | {"PORT": str(free_port())}
    again = subprocess.run(
        [sys.executable, "-m", "leadscoring.ops.run"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        check=False,
    )
    reset = subprocess.run(
        [sys.executable, "-m", "leadscoring.ops.reset"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
        check=False,
    )
    app.end(signal.SIGINT)
    assert (again.returncode, reset.returncode) == (1, 1)
    assert b"runs already" in again.stderr
    assert b"Stop it first" in reset.stderr


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    app = App(tmp_path / "state")
    with socket.create_server(("127.0.0.1", app.port)):
        app.start()
        assert app.process is not None
        assert app.process.wait(60) == 1
    assert f"Port {app.port} is taken" in app.output()
    assert not app.state.folder.exists()
