"""An installation of its own as `make run` serves it, whose parts can be killed."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from shutil import rmtree
from threading import Event, RLock, Thread

from leadscoring.ops import embedded
from leadscoring.ops.children import Child, stop_all
from leadscoring.ops.processes import LogFile, free_port, is_gone, wait_until
from leadscoring.ops.run import LOOK_SECONDS, answers, children
from leadscoring.ops.state import BASE_DIR, State
from tests.faults.books import Books
from tests.faults.sending import Address

PARTS = ("web", "worker", "valkey", "postgres")


class Installation:
    """In an empty folder; its place goes into the environment, so one for each process.

    As in `make run`, what ends is started again; the servers only where somebody says so.
    """

    def __init__(self, folder: Path) -> None:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "BROKER_URL"):
            os.environ.pop(name, None)
        self.port = free_port()
        os.environ |= {"LEADSCORING_STATE": str(folder), "LEADSCORING_EMBEDDED": "1", "LEADSCORING_DEMO": "0"}
        os.environ |= {"LEADSCORING_ENV_FILE": "", "LOG_LEVEL": "ERROR", "PORT": str(self.port)}
        # So few that senders are sent away when the worker is gone for a while.
        os.environ["INTAKE_BOUND"] = "3000"
        lease = embedded.enter(broker=True)
        assert lease is not None
        self.lease = lease
        self.state = State.from_environment()
        subprocess.run([sys.executable, "manage.py", "set_up"], cwd=BASE_DIR, check=True)
        self.books = Books(self.state)
        self.ended: list[str] = []
        self.lock, self.over = RLock(), Event()
        self.watch = Thread(target=self._watch, daemon=True)
        self.crew = {child.name: child for child in children(self.state, self.port)}

    def start(self, types: tuple[str, ...]) -> Address:
        for child in self.crew.values():
            child.start()
        self.await_serving()
        self.watch.start()
        return Address(self.port, self.books.open(types))

    def await_serving(self) -> None:
        assert wait_until(lambda: answers(self.port), 300, 0.2), "The app does not answer."

    def kill(self, part: str) -> None:
        """SIGKILL a part, and start it again."""
        if part in self.crew:
            with self.lock:
                self.crew[part].kill_group()
                self.crew[part].start()
            return
        self.take_away(part)
        time.sleep(0.5)
        self.lease.ensure()

    def take_away(self, server: str) -> None:
        """SIGKILL a server, and leave it so."""
        running = self.lease.postgres if server == "postgres" else self.lease.valkey
        pid = running._pid()
        if pid is not None:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            wait_until(lambda: is_gone(pid), 10)

    def wipe_broker(self, *, with_files: bool) -> None:
        """Take all that the broker knows: as it runs, or killed and its files deleted."""
        if with_files:
            self.take_away("valkey")
            rmtree(self.state.folder / "valkey")
            self.lease.ensure()
        else:
            with self.lease.valkey._client() as client:
                client.flushall()

    def _watch(self) -> None:
        """Start again what ended though nobody killed it, and say why it did."""
        while not self.over.wait(LOOK_SECONDS):
            with self.lock:
                for child in self.crew.values():
                    if child.process is not None and child.process.poll() is not None:
                        self.ended.append(child.name)
                        print(
                            f"{child.name} ended by itself:\n{LogFile(child.log_path).tail(40)}", flush=True
                        )
                        child.kill_group()
                        child.start()

    def say_why(self, messages: int, marks: int) -> None:
        """Say how many messages and marks still wait, and what all have logged last."""
        print(f"{messages} messages and {marks} marks wait")
        for child in self.crew.values():
            print(f"{child.name}:\n{LogFile(child.log_path).tail(20)}", flush=True)

    def processes(self) -> set[int]:
        """All of web, worker and beat, with what they started."""
        groups = {one.process.pid for one in self.crew.values() if one.process}
        pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
        return {pid for pid in pids if _group(pid) in groups and not is_gone(pid)}

    def stop(self) -> None:
        self.over.set()
        with self.lock:
            stop_all(list[Child](self.crew.values()))


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0
