"""The embedded servers through first starts, shared use, kill -9 and taken ports."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from leadscoring.ops.embedded import Lease, Needs
from leadscoring.ops.postgres import OWNER, SUPERUSER, WEB, PostgresServer
from leadscoring.ops.processes import ServerError, is_gone, wait_until
from leadscoring.ops.state import BASE_DIR, State
from leadscoring.ops.valkey import ValkeyServer
from tests.conftest import database_url

# What a process does that uses the servers: hold them, say so, and stay until told to go.
HOLDER = """
import sys
from leadscoring.ops import embedded
embedded.enter(broker=True)
print("in", flush=True)
sys.stdin.read()
"""
FULL_NEEDS = Needs(postgres=True, valkey=True)


class Holder:
    """A process of its own that uses the servers of a state folder."""

    def __init__(self, state: State) -> None:
        environment = {**os.environ, "LEADSCORING_STATE": str(state.folder), "LEADSCORING_ENV_FILE": ""}
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=BASE_DIR,
            text=True,
        )

    def await_in(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "in\n"

    def leave(self) -> tuple[int, str]:
        """Let it end; its exit code and what it complained about."""
        _, errors = self.process.communicate(timeout=60)
        return self.process.returncode, errors

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    """A state folder whose servers are gone in the end."""
    state = State(tmp_path / "state")
    yield state
    ValkeyServer(state).stop()
    PostgresServer(state).stop()


def postgres_pid(state: State) -> int:
    return int((state.folder / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])


def valkey_pid(state: State) -> int:
    with redis.Redis.from_url(ValkeyServer(state).url()) as client:
        return int(client.info("server")["process_id"])


def write(state: State, note: str) -> None:
    with psycopg.connect(PostgresServer(state).url(OWNER)) as link:
        link.execute("CREATE TABLE IF NOT EXISTS notes (note text)")
        link.execute("INSERT INTO notes VALUES (%s)", [note])


def notes(state: State) -> list[str]:
    with psycopg.connect(PostgresServer(state).url(OWNER)) as link:
        return [note for (note,) in link.execute("SELECT note FROM notes ORDER BY note")]


def test_data_outlive_the_servers(state: State) -> None:
    lease = Lease(state, FULL_NEEDS)
    lease.ensure()
    write(state, "kept")
    lease.release()
    assert not PostgresServer(state).answers()
    assert not ValkeyServer(state).answers()
    lease = Lease(state, FULL_NEEDS)
    lease.ensure()
    assert notes(state) == ["kept"]
    lease.release()


def test_two_first_starts_at_once_share_one_server(state: State) -> None:
    both = [Holder(state), Holder(state)]
    for holder in both:
        holder.await_in()
    write(state, "one")
    assert notes(state) == ["one"]
    assert [holder.leave()[0] for holder in both] == [0, 0]
    assert not PostgresServer(state).answers()


def test_the_last_one_out_stops_the_servers(state: State) -> None:
    first, second = Holder(state), Holder(state)
    first.await_in()
    second.await_in()
    first.leave()
    assert PostgresServer(state).answers()
    assert ValkeyServer(state).answers()
    second.leave()
    assert not PostgresServer(state).answers()
    assert not ValkeyServer(state).answers()


def test_servers_that_a_killed_process_left_are_attached_to(state: State) -> None:
    killed = Holder(state)
    killed.await_in()
    write(state, "kept")
    pid = postgres_pid(state)
    killed.kill()
    after = Holder(state)
    after.await_in()
    assert postgres_pid(state) == pid
    assert notes(state) == ["kept"]
    after.leave()
    assert wait_until(lambda: is_gone(pid), 60)


def test_nothing_is_lost_when_everything_is_killed(state: State) -> None:
    killed = Holder(state)
    killed.await_in()
    write(state, "kept")
    with redis.Redis.from_url(ValkeyServer(state).url()) as client:
        client.set("hint", "kept")
        client.execute_command("WAITAOF", 1, 0, 5000)
    for pid in (postgres_pid(state), valkey_pid(state)):
        os.kill(pid, signal.SIGKILL)
    killed.kill()
    after = Holder(state)
    after.await_in()
    assert notes(state) == ["kept"]
    with redis.Redis.from_url(ValkeyServer(state).url()) as client:
        assert client.get("hint") == b"kept"
    assert after.leave()[0] == 0


def test_who_started_the_servers_starts_them_again_when_they_are_killed(state: State) -> None:
    lease = Lease(state, FULL_NEEDS)
    lease.ensure()
    write(state, "kept")
    with psycopg.connect(PostgresServer(state).url(OWNER)) as busy:
        # Such a session doesn't notice that its server was killed before its statement ends.
        busy.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 999999), generate_series(1, 99999)")
        for pid in (postgres_pid(state), valkey_pid(state)):
            os.kill(pid, signal.SIGKILL)
        lease.ensure()
        busy.close()
    assert notes(state) == ["kept"]
    assert ValkeyServer(state).answers()
    lease.release()


def test_a_killed_server_is_started_again_while_whoever_started_it_lives(state: State) -> None:
    """Of such a server a zombie stays, which only its parent can clear away."""
    first = Holder(state)
    first.await_in()
    write(state, "kept")
    os.kill(postgres_pid(state), signal.SIGKILL)
    second = Holder(state)
    second.await_in()
    assert notes(state) == ["kept"]
    assert (first.leave()[0], second.leave()[0]) == (0, 0)


def test_a_half_made_database_is_made_again(state: State) -> None:
    half = state.subfolder("postgres.new")
    (half / "PG_VERSION").write_text("18\n")
    lease = Lease(state, Needs(postgres=True, valkey=False))
    lease.ensure()
    assert PostgresServer(state).answers()
    lease.release()


def test_a_taken_port_is_left_to_its_holder(state: State) -> None:
    lease = Lease(state, FULL_NEEDS)
    lease.ensure()
    ports = PostgresServer(state).port, ValkeyServer(state).port
    lease.release()
    # The new holders say nothing at all: attaching must give up by itself.
    with socket.create_server(("127.0.0.1", ports[0])), socket.create_server(("127.0.0.1", ports[1])):
        other = Lease(state, FULL_NEEDS)
        other.ensure()
        assert PostgresServer(state).answers()
        assert ValkeyServer(state).answers()
        assert not set(ports) & {PostgresServer(state).port, ValkeyServer(state).port}
        other.release()


def test_a_long_path_is_no_hindrance(tmp_path: Path) -> None:
    state = State(tmp_path / ("a long name with spaces " * 6))
    lease = Lease(state, FULL_NEEDS)
    try:
        lease.ensure()
        assert PostgresServer(state).answers()
    finally:
        lease.release()


def test_nobody_else_can_read_the_state(state: State) -> None:
    lease = Lease(state, FULL_NEEDS)
    lease.ensure()
    lease.release()
    readable = [path for path in [state.folder, *state.folder.rglob("*")] if path.stat().st_mode & 0o077]
    assert readable == []


def test_passwords_are_demanded_and_not_in_the_arguments(state: State) -> None:
    lease = Lease(state, FULL_NEEDS)
    lease.ensure()
    secrets = json.loads((state.folder / "secrets.json").read_text())
    assert {SUPERUSER, OWNER, WEB, "valkey"} <= secrets.keys()
    for pid in (postgres_pid(state), valkey_pid(state)):
        arguments = Path(f"/proc/{pid}/cmdline").read_text()
        assert not any(secret in arguments for secret in secrets.values())
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(PostgresServer(state).url(WEB).replace(secrets[WEB], "guess"))
    lease.release()


def test_they_can_be_forbidden(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADSCORING_EMBEDDED", "0")
    code, errors = Holder(state).leave()
    assert code == 1
    assert "DATABASE_URL or BROKER_URL is not set" in errors


def test_programs_that_are_not_there_are_named(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", "/nowhere/bin")
    code, errors = Holder(state).leave()
    assert code == 1
    assert "No PostgreSQL programs in /nowhere/bin" in errors
    assert "Traceback" not in errors


def test_a_server_that_cannot_start_says_why(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadscoring.ops.postgres.STALE_PID_SECONDS", 0)
    server = PostgresServer(state, {"shared_buffers": "plenty"})
    with pytest.raises(ServerError, match='invalid value for parameter "shared_buffers": "plenty"'):
        server.ensure()


def test_a_server_on_its_way_up_is_waited_for(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a crash PostgreSQL reads its log again, for longer than a stale pid file is waited for."""
    server = PostgresServer(state)
    server.ensure()
    pid, pid_file = postgres_pid(state), state.folder / "postgres" / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace("ready   ", "starting"))
    silence = iter([False] * 3)
    monkeypatch.setattr(PostgresServer, "answers", lambda self: next(silence, True))
    monkeypatch.setattr("leadscoring.ops.postgres.STALE_PID_SECONDS", 0)
    server.ensure()
    assert postgres_pid(state) == pid


def test_a_question_ends_with_whoever_asked_it(owner_connection: psycopg.Connection) -> None:
    link = psycopg.connect(database_url(owner=True))
    link.pgconn.send_query(b"SELECT pg_sleep(60)")
    asked = f"SELECT count(*) > 0 FROM pg_stat_activity WHERE pid = {link.info.backend_pid}"
    assert owner_connection.execute(asked).fetchone() == (True,)
    with socket.socket(fileno=os.dup(link.fileno())) as line:
        line.shutdown(socket.SHUT_RDWR)
    assert wait_until(lambda: owner_connection.execute(asked).fetchone() == (False,), 20)
    link.close()
