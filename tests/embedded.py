"""Pytest plugin: a throw-away PostgreSQL and broker for each run, there before the settings are read.

The first process of a run starts them and exports where they are; xdist's workers inherit that.
TEST_PG_BIN names the programs of another PostgreSQL, such as Debian's.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Generator
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path

import pytest

from leadscoring.ops.postgres import OWNER, SUPERUSER, WEB, PostgresServer
from leadscoring.ops.state import State
from leadscoring.ops.valkey import ValkeyServer

NEEDS_NO_SERVERS = {"--help", "-h", "--version", "-V", "--markers", "--fixtures"}
TMPFS = Path("/dev/shm")
TMPFS_BYTES = 1024**3
FOLDER = "TEST_EMBEDDED_FOLDER"
PREFIX = "leadscoring-test-"


def parent_folder() -> Path:
    """Memory where there is enough of it, or else the disk."""
    roomy = TMPFS.is_dir() and shutil.disk_usage(TMPFS).free >= TMPFS_BYTES
    return TMPFS if roomy else Path(tempfile.gettempdir())


def claim(folder: Path) -> int | None:
    """A handle that holds a run's folder for as long as the run lives; None if it is another's."""
    handle = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def clear_abandoned(parent: Path) -> None:
    """Stop and remove what runs that were killed have left behind."""
    for folder in parent.glob(f"{PREFIX}*"):
        if not (folder / "run.lock").exists():
            continue  # just being made
        handle = claim(folder)
        if handle is not None:
            ValkeyServer(State(folder)).stop()
            PostgresServer(State(folder)).stop()
            shutil.rmtree(folder, ignore_errors=True)
            os.close(handle)


class Servers:
    """The servers of one run, in a folder that goes with them."""

    def __init__(self) -> None:
        clear_abandoned(parent_folder())
        self.folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent_folder()))
        self.handle = claim(self.folder)
        state = State(self.folder)
        fast = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}
        small = {"shared_buffers": "128MB", "max_wal_size": "512MB", "max_connections": "100"}
        self.postgres = PostgresServer(state, fast | small)
        self.valkey = ValkeyServer(state)

    def start(self) -> None:
        if "TEST_PG_BIN" in os.environ:
            os.environ["PG_BIN"] = os.environ["TEST_PG_BIN"]
        self.postgres.ensure()
        self.valkey.ensure()
        os.environ |= {
            FOLDER: str(self.folder),
            "LEADSCORING_STATE": str(self.folder),
            "DATABASE_URL": self.postgres.url(WEB),
            "DATABASE_OWNER_URL": self.postgres.url(OWNER),
            "TEST_SUPERUSER_URL": self.postgres.url(SUPERUSER, "postgres"),
        }

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def export_settings(folder: Path) -> None:
    """What the settings of every test process are to be."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    for name in ("SECRET_KEY", "DEBUG", "HTTPS", "DATABASE_POOL", "DATABASE_STATEMENT_TIMEOUT"):
        os.environ.pop(name, None)
    os.environ |= {
        "LEADSCORING_ENV_FILE": "",
        # Each xdist worker has a broker database of its own; Valkey has 16.
        "BROKER_URL": ValkeyServer(State(folder)).url(int(worker) % 16),
        "DATABASE_CONN_MAX_AGE": "0",
        "STATIC_PLAIN": "1",
        "STATIC_ROOT": str(State(folder).subfolder("static")),
        "DJANGO_LIVE_TEST_SERVER_ADDRESS": "127.0.0.1",
        # Playwright's loop runs in the thread of the tests.
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
    }


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, None, None]:
    if not NEEDS_NO_SERVERS & set(sys.argv):
        if FOLDER not in os.environ:
            SERVERS.append(Servers())
            try:
                SERVERS[0].start()
            except BaseException:
                SERVERS.pop().stop()
                raise
        export_settings(Path(os.environ[FOLDER]))
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    while SERVERS:
        SERVERS.pop().stop()


SERVERS: list[Servers] = []
