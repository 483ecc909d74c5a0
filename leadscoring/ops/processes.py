"""What both embedded servers need from the operating system."""

import os
import pwd
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

LOCALHOST = "127.0.0.1"


# Below the ports that Linux and others give to outgoing connections: a server that was stopped for a while
# finds its port free again.
SERVER_PORTS = range(20_000, 32_000)


class ServerError(RuntimeError):
    """An embedded server cannot be started or stopped; the text says why and what to do."""


def free_port() -> int:
    """A port of 127.0.0.1 that is free at this moment, and that no outgoing connection will be given."""
    return next(port for port in random.sample(SERVER_PORTS, len(SERVER_PORTS)) if port_is_free(port))


def port_is_free(port: int) -> bool:
    """Whether a server could listen on that port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOCALHOST, port))
        except OSError:
            return False
        return True


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.02) -> bool:
    """Poll until the condition holds; False after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended; a zombie, ours or another's, has."""
    with suppress(ChildProcessError):  # it may be another's
        os.waitpid(pid, os.WNOHANG)
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] in {"Z", "X"}


@dataclass(frozen=True)
class Account:
    """Under whom a server runs that refuses to be root: a command prefix, or another user."""

    prefix: Sequence[str] = ()
    user: int | None = None
    group: int | None = None

    def popen(
        self, command: Sequence[str], output: IO[bytes], env: dict[str, str]
    ) -> subprocess.Popen[bytes]:
        """Start in a session of its own: a Ctrl-C at the terminal is not for the servers."""
        return subprocess.Popen(
            [*self.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd="/",
            start_new_session=True,
            umask=0o077,
            user=self.user,
            group=self.group,
            extra_groups=None if self.user is None else [],
        )

    def own(self, folder: Path) -> None:
        """Give the folder and all in it to this account, where it is somebody else's."""
        uid = os.geteuid() if self.user is None else self.user
        gid = os.getegid() if self.group is None else self.group
        if folder.stat().st_uid == uid:
            return
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, uid, gid, follow_symlinks=False)

    def enter(self, state: Path, programs: Path) -> None:
        """Let this account through our own folder. Raises ServerError when it cannot reach what it needs."""
        if self.user is None:
            return
        state.chmod(0o711)  # passed through, not listed; what lies in it stays closed
        for path in (state, programs):
            self._check_enters(path)

    def _check_enters(self, path: Path) -> None:
        probe = subprocess.run(
            ["test", "-x", str(path)], user=self.user, group=self.group, extra_groups=[], check=False
        )
        if probe.returncode:
            name = pwd.getpwuid(self.user or 0).pw_name
            raise ServerError(
                f"PostgreSQL does not run as root, and the user {name!r} that it would run as cannot enter "
                f"{path}. Name another folder by LEADSCORING_STATE (for example /var/lib/leadscoring), run "
                "as an ordinary user, or give a database by DATABASE_URL."
            )


@cache
def unprivileged_account() -> Account:
    """Ourselves when we are an ordinary user; as root a user namespace, or else another user."""
    if os.geteuid() != 0:
        return Account()
    # In a namespace root looks like an ordinary user: no account is needed, and a 0700 folder is reached.
    prefix = ("unshare", "--user", "--map-user=65534", "--map-group=65534", "--")
    if shutil.which("unshare"):
        probe = subprocess.run([*prefix, "true"], capture_output=True, check=False)
        if probe.returncode == 0:
            return Account(prefix=prefix)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(user=entry.pw_uid, group=entry.pw_gid)
    raise ServerError("PostgreSQL does not run as root, and there is neither `unshare` nor a user 'nobody'.")


def leave_running(process: subprocess.Popen[bytes]) -> None:
    """Say that a server is meant to outlive the object that stands for it (Python warns otherwise)."""
    process.returncode = 0


@dataclass(frozen=True)
class LogFile:
    """A server's log: opened for it, and read back when it fails."""

    path: Path

    def open(self) -> IO[bytes]:
        """Open for appending, readable by its owner only."""
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        return os.fdopen(handle, "ab")

    def tail(self, lines: int = 12) -> str:
        """Its last lines."""
        return "\n".join(self.path.read_text(errors="replace").splitlines()[-lines:])
