"""Fixtures for all tests: databases cloned from a migrated template, real servers, workers and browsers."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, connections
from django.test import TransactionTestCase
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    Route,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from psycopg import sql
from pytest_django import DjangoDbBlocker
from pytest_django.live_server_helper import LiveServer

from leadscoring.ops.postgres import OWNER
from leadscoring.ops.processes import wait_until
from leadscoring.ops.state import BASE_DIR, file_lock

# How long a browser waits for what is to come: what passes comes at once, but on a busy machine nothing does.
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)

TEMPLATE = "leadscoring"  # the launcher makes it, the first test process migrates it
CHROMIUM = os.environ.get("TEST_CHROMIUM", "/usr/bin/chromium")
CHROMIUM_FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Examples are derived from the test itself, so a failure comes again; HYPOTHESIS_PROFILE=search looks wider.
hypothesis_settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.register_profile("search", deadline=None, print_blob=True, max_examples=2000)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


# The outside is not there.


@pytest.fixture(autouse=True, scope="session")
def _no_outside() -> Iterator[None]:
    """Refuse every connection to another machine."""
    patch = pytest.MonkeyPatch()
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"A test tried to reach {address[0]}.")
        connect(self, address)

    patch.setattr(socket.socket, "connect", connect_here)
    yield
    patch.undo()


# Nothing is kept from the test before.


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """What pages keep as HTML and the like is made anew in each test."""
    cache.clear()


# Many tests speak of today.

DAY_SECONDS = 86_400
ENDING_SECONDS = 30  # longer than a test of today takes


@pytest.fixture(autouse=True)
def _one_day() -> None:
    """Let what begins on one day (UTC) end on it, too: in the day's last seconds wait for the next one."""
    left = DAY_SECONDS - time.time() % DAY_SECONDS
    if left < ENDING_SECONDS:
        time.sleep(left)


# Databases.


@contextmanager
def superuser(database: str = "postgres") -> Iterator[psycopg.Connection]:
    """A connection that may do everything, for making and dropping databases."""
    url = os.environ["TEST_SUPERUSER_URL"].rpartition("/")[0] + f"/{database}"
    with psycopg.connect(url, autocommit=True) as link:
        yield link


def use_database(name: str) -> None:
    """Let Django's connections, in all threads, go to that database from their next opening on."""
    connections.close_all()
    connections.databases["default"]["NAME"] = name


def make_clone(name: str, *, like: str = TEMPLATE) -> None:
    """A new database like the template, or like another one that nobody is connected to."""
    with superuser() as link:
        link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        link.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
                sql.Identifier(name), sql.Identifier(like), sql.Identifier(OWNER)
            )
        )


def drop_clone(name: str) -> None:
    """Drop a database, and whoever is still connected to it."""
    with superuser() as link:
        link.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrate_template() -> None:
    """Migrate the template by the real command, as the owner; once a run, whoever comes first."""
    folder = Path(os.environ["TEST_EMBEDDED_FOLDER"])
    done = folder / "template.migrated"
    with file_lock(folder / "template.lock"):
        if not done.exists():
            use_database(TEMPLATE)
            call_command("migrate", verbosity=0)
            connections.close_all()
            done.touch()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The database of this test process, in place of the one that Django would make."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    patch = pytest.MonkeyPatch()
    patch.setattr(TransactionTestCase, "_fixture_setup", classmethod(lambda _: enter_fresh_clone(name)))
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _: leave_fresh_clone(name))
    # TestCase (the fixture `db`) overrides these two and rolls back, which needs no clone.
    with django_db_blocker.unblock():
        migrate_template()
        make_clone(name)
        use_database(name)
        yield
        connections.close_all()
    patch.undo()


def enter_fresh_clone(name: str, *, like: str = TEMPLATE) -> None:
    connections.close_all()
    make_clone(f"{name}_fresh", like=like)
    use_database(f"{name}_fresh")


def leave_fresh_clone(name: str) -> None:
    use_database(name)
    drop_clone(f"{name}_fresh")


@pytest.fixture(scope="module")
def module_database(django_db_setup: None) -> Iterator[str]:
    """The name of a database that the tests of a module share, for what takes long to make; see `using`."""
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_module"
    make_clone(name)
    yield name
    drop_clone(name)


@contextmanager
def using(name: str, blocker: DjangoDbBlocker) -> Iterator[None]:
    """Work in that database meanwhile."""
    before = str(connection.settings_dict["NAME"])
    with blocker.unblock():
        use_database(name)
        try:
            yield
        finally:
            use_database(before)


@pytest.fixture
def committed_copy(module_database: str, committed_db: None) -> None:
    """As `committed_db`, with what is in the module's database."""
    enter_fresh_clone(str(connection.settings_dict["NAME"]).removesuffix("_fresh"), like=module_database)


@pytest.fixture
def committed_db(transactional_db: None) -> None:
    """A database of the test's own, where commits are seen by other processes; dropped afterwards."""


@pytest.fixture
def owner_connection(_django_db_helper: None) -> Iterator[psycopg.Connection]:
    """An autocommit connection as the database's owner, to plant what the app may not write.

    It sees only what is committed, so it goes with `committed_db`.
    """
    with psycopg.connect(database_url(owner=True), autocommit=True) as link:
        yield link


def database_url(*, owner: bool = False) -> str:
    """The URL of the database that the test uses now."""
    url = os.environ["DATABASE_OWNER_URL" if owner else "DATABASE_URL"]
    return f"{url.rpartition('/')[0]}/{connection.settings_dict['NAME']}"


# Broker and workers.


@pytest.fixture(scope="session")
def valkey() -> Iterator["redis.Redis"]:
    """A client of the broker's database that this test process has for itself."""
    with redis.Redis.from_url(settings.CELERY_BROKER_URL) as client:
        client.ping()
        yield client


class WorkerProcess:
    """A real Celery process on the test's database and broker, which can be killed and started again."""

    def __init__(self, log: Path, arguments: list[str]) -> None:
        self.log = log
        self.arguments = arguments
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, ready: str = " ready.") -> None:
        """Start it and wait until it takes tasks. Raises AssertionError with its log if it does not."""
        assert self.process is None
        seen = self.output().count(ready)
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "DATABASE_OWNER_URL": database_url(owner=True),
            "LOG_LEVEL": "INFO",
        }
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "leadscoring", *self.arguments],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=BASE_DIR,
                process_group=0,
            )
        running = wait_until(lambda: self.output().count(ready) > seen or self._has_ended(), 120)
        assert running and not self._has_ended(), self.output()

    def kill(self) -> None:
        """SIGKILL it and its pool, as a power cut would."""
        if self.process is not None:
            os.killpg(self.process.pid, 9)
            self.process.wait()
            self.process = None

    def stop(self) -> int:
        """Ask it to end and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(60)
        self.process = None
        return code

    def output(self) -> str:
        """All that it wrote so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def _has_ended(self) -> bool:
        return self.process is None or self.process.poll() is not None


@pytest.fixture
def celery_worker_process(
    committed_db: None, valkey: "redis.Redis", tmp_path: Path
) -> Iterator[Callable[..., WorkerProcess]]:
    """Starts workers: `worker = celery_worker_process("--concurrency=1")`, then `worker.kill()`,
    `worker.start()`. The broker is empty at first. With `beat=True` it is the beat instead."""
    valkey.flushdb()
    started: list[WorkerProcess] = []

    def start(*arguments: str, beat: bool = False) -> WorkerProcess:
        command = ["beat", "--loglevel=INFO"] if beat else ["worker", "--loglevel=INFO"]
        worker = WorkerProcess(tmp_path / f"celery-{len(started)}.log", [*command, *arguments])
        started.append(worker)
        worker.start("beat: " if beat else " ready.")
        return worker

    yield start
    for worker in started:
        worker.kill()
    valkey.flushdb()


# Browsers.


@pytest.fixture
def live_server_url(committed_db: None, live_server: LiveServer) -> str:
    """The address at which the app is served from a thread, on the test's own database."""
    return str(live_server.url)


@pytest.fixture(scope="session")
def browser() -> Generator[Browser, None, None]:
    """The system's Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"No {CHROMIUM}: install the package chromium, or name another by TEST_CHROMIUM.")
    flags = CHROMIUM_FLAGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield chromium
        chromium.close()


class PageWatch:
    """Notes what must not happen on any page."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error on the page: {error}"))
        page.on("response", self._response)
        page.route(is_outside, self._refuse)

    def _console(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.problems.append(f"against the content security policy: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status == 500:
            self.problems.append(f"the server failed at {response.url}")

    def _refuse(self, route: Route, request: Request) -> None:
        self.problems.append(f"a request to another host: {request.url}")
        route.abort()


def is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname not in {"127.0.0.1", "localhost"}


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens pages, each in a browser context of its own (another person at another machine).

    Takes what Playwright's new_context takes: `new_page(color_scheme="dark")`. The test fails if on any
    of them something breaks the CSP, raises, answers 500 or goes to another host.
    """
    watches: list[PageWatch] = []
    pages: list[Page] = []

    def open_page(**options: Any) -> Page:
        page = browser.new_context(**options).new_page()
        page.set_default_timeout(PATIENCE_MS)
        pages.append(page)
        watches.append(PageWatch(page))
        return page

    yield open_page
    for page in pages:
        # Shown where the test fails, which says where it was then. Of a page on its way nothing can be said.
        with suppress(PlaywrightError):
            text = page.locator("body").inner_text(timeout=2_000)
            print(f"Left at {page.url}: {' '.join(text.split())[:2000]}")
        page.context.close()
    problems = [problem for watch in watches for problem in watch.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(live_server_url: str, new_page: Callable[..., Page]) -> Page:
    """A page 1440 pixels wide that takes addresses such as "/queue/"."""
    return new_page(base_url=live_server_url, viewport={"width": 1440, "height": 900})
