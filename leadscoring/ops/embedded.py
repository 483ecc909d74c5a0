"""The embedded servers of this machine, shared by all processes that use them.

Every process holds a shared lock on the lease file for as long as it lives. Whoever leaves last, and only
that one, can have it exclusively, and stops the servers. A killed process loses its lock by the kernel's
doing; servers that it left running are attached to by the next one.
"""

import atexit
import os
import sys
from dataclasses import dataclass
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

from leadscoring.ops.postgres import OWNER, WEB, PostgresServer
from leadscoring.ops.processes import ServerError
from leadscoring.ops.state import State, file_lock, load_env_file
from leadscoring.ops.valkey import ValkeyServer

NOT_ASKED_FOR = (
    "DATABASE_URL or BROKER_URL is not set, and this would start the embedded servers, which are for one "
    "machine. Set both, or LEADSCORING_EMBEDDED=1 if that is what you want."
)


@dataclass(frozen=True)
class Needs:
    """Which embedded servers stand in for what the environment does not name."""

    postgres: bool
    valkey: bool

    @classmethod
    def of_environment(cls, *, broker: bool) -> "Needs":
        """What is missing from the environment; the broker only where it is wanted."""
        return cls(not os.environ.get("DATABASE_URL"), broker and not os.environ.get("BROKER_URL"))

    def __bool__(self) -> bool:
        return self.postgres or self.valkey


class Lease:
    """This process's share in the embedded servers."""

    def __init__(self, state: State, needs: Needs) -> None:
        self.state = state
        self.needs = needs
        self.postgres = PostgresServer(state)
        self.valkey = ValkeyServer(state)
        self.process = os.getpid()
        self.handle = os.open(state.file("lease.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        flock(self.handle, LOCK_SH)  # waits while somebody stops the servers

    def ensure(self) -> None:
        """Start what is needed and does not run. Raises ServerError."""
        with file_lock(self.state.file("servers.lock")):
            if self.needs.postgres:
                self.postgres.ensure()
            if self.needs.valkey:
                self.valkey.ensure()

    def release(self) -> None:
        """Leave; stop the servers if nobody else holds a lease. Forked children leave nothing."""
        if os.getpid() != self.process:
            return
        try:
            flock(self.handle, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            return
        else:
            self.valkey.stop()
            self.postgres.stop()
        finally:
            os.close(self.handle)


def enter(*, broker: bool = False, only_if_asked_for: bool = False) -> Lease | None:
    """Hold what this process needs of the embedded servers until it ends; None if it needs nothing.

    Ends the process with a plain message where that cannot be. Must come before the settings are read.
    """
    load_env_file()
    needs = Needs.of_environment(broker=broker)
    if not needs:
        return None
    wish = os.environ.get("LEADSCORING_EMBEDDED", "")
    if wish == "0" or (only_if_asked_for and wish != "1"):
        sys.exit(NOT_ASKED_FOR)
    state = State.from_environment()
    try:
        announce(state, needs)
        lease = Lease(state, needs)
        atexit.register(lease.release)
        lease.ensure()
    except (ServerError, OSError) as error:
        sys.exit(f"The embedded servers cannot be used: {error}")
    return lease


def announce(state: State, needs: Needs) -> None:
    """Say once that the embedded database is used, and where its data lie."""
    if needs.postgres and not (state.folder / "postgres").exists():
        print(
            f"DATABASE_URL is not set: using a PostgreSQL of our own, for this machine only, "
            f"with its data in {state.folder}",
            file=sys.stderr,
        )


def database_url() -> str:
    """The URL of the app's login in the embedded PostgreSQL; needs no running server."""
    return PostgresServer(State.from_environment()).url(WEB)


def owner_url() -> str:
    """The URL of the owner's login in the embedded PostgreSQL; needs no running server."""
    return PostgresServer(State.from_environment()).url(OWNER)


def broker_url() -> str:
    """The URL of the embedded broker; needs no running server."""
    return ValkeyServer(State.from_environment()).url()
