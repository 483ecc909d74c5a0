"""The state folder: everything that an installation on one machine keeps, and nobody else may read."""

import json
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import LOCK_EX, flock
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]


def load_env_file() -> None:
    """Read `.env` (or what LEADSCORING_ENV_FILE names; empty: none). The environment goes before it."""
    name = os.environ.get("LEADSCORING_ENV_FILE", str(BASE_DIR / ".env"))
    if name and Path(name).is_file():
        environ.Env.read_env(name)


@contextmanager
def file_lock(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on a file; waits for others, and the kernel frees it if we are killed."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(handle, LOCK_EX)
        yield
    finally:
        os.close(handle)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


@dataclass(frozen=True)
class State:
    """One state folder. Its files are made when first asked for."""

    folder: Path

    @classmethod
    def from_environment(cls) -> "State":
        return cls(Path(os.environ.get("LEADSCORING_STATE") or BASE_DIR / ".state").absolute())

    def make(self) -> Path:
        """Make the folder and return it. Raises OSError where it cannot be written."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder

    def subfolder(self, name: str) -> Path:
        """Make a folder inside and return it."""
        path = self.make() / name
        path.mkdir(mode=0o700, exist_ok=True)
        return path

    def file(self, name: str) -> Path:
        return self.make() / name

    def secret(self, name: str) -> str:
        """The secret of that name: 43 random characters, safe in a URL, made once and kept."""
        return self._remembered("secrets.json", name, lambda: secrets.token_urlsafe(32))

    def port(self, server: str, choose: Callable[[], int]) -> int:
        """The port of a server here; `choose` gives one the first time."""
        return int(self._remembered("ports.json", server, lambda: str(choose())))

    def remember_port(self, server: str, port: int) -> None:
        with file_lock(self.file("files.lock")):
            self._write("ports.json", self._read("ports.json") | {server: str(port)})

    def _remembered(self, name: str, key: str, make: Callable[[], str]) -> str:
        known = self._read(name).get(key)
        if known:
            return known
        with file_lock(self.file("files.lock")):
            values = self._read(name)
            if key not in values:
                values[key] = make()
                self._write(name, values)
        return values[key]

    def _read(self, name: str) -> dict[str, str]:
        path = self.folder / name
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _write(self, name: str, values: dict[str, str]) -> None:
        write_private(self.file(name), json.dumps(values, indent=1))
