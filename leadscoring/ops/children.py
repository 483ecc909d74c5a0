"""The processes of the app (web, worker, beat): started, watched, restarted and stopped."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from leadscoring.ops.processes import LogFile, wait_until
from leadscoring.ops.state import BASE_DIR

PR_SET_PDEATHSIG = 1
LOG_BYTES = 10_000_000
# So many deaths within so many seconds are no accident.
DEATHS = 5
DEATHS_WITHIN = 60.0
STOP_SECONDS = 30
KILL_SECONDS = 5
ENTRY = re.compile(r"^\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
ALARM = re.compile(r"\b(ERROR|CRITICAL)\b")
_libc = ctypes.CDLL(None)


class ChildError(RuntimeError):
    """A process keeps dying; the text says which, and the end of its log."""


def end_with_parent() -> None:
    """In a new child: have the kernel end it when its parent is killed."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def group_is_gone(group: int) -> bool:
    """Whether a process group has no member left."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return True
    return False


@dataclass
class Child:
    """One process, its log, and how often it died of late."""

    name: str
    command: Sequence[str]
    log_path: Path
    stop_signal: signal.Signals = signal.SIGTERM
    process: subprocess.Popen[bytes] | None = None
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))
    read_to: int = 0
    in_alarm: bool = False

    def start(self) -> None:
        """Start it, out of reach of the terminal's Ctrl-C, with a log that does not grow for ever."""
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_BYTES:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))
            self.read_to = 0
        with LogFile(self.log_path).open() as output:
            self.read_to = self.read_to or self.log_path.stat().st_size
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=BASE_DIR,
                process_group=0,
                preexec_fn=end_with_parent,  # noqa: PLW1509  we have no threads
            )

    def look_after(self) -> None:
        """Show what went wrong, and start it again if it died. Raises ChildError when that is no use."""
        self.show_alarms()
        if self.process is None or self.process.poll() is None:
            return
        self.deaths.append(time.monotonic())
        if len(self.deaths) == DEATHS and self.deaths[-1] - self.deaths[0] < DEATHS_WITHIN:
            raise ChildError(f"{self.name} keeps ending. Its log says:\n{LogFile(self.log_path).tail()}")
        print(f"{self.name} ended ({self.process.returncode}); starting it again", file=sys.stderr)
        self.kill_group()
        self.start()

    def show_alarms(self) -> None:
        """Print the errors that it logged since the last look."""
        with self.log_path.open("rb") as file:
            file.seek(self.read_to)
            text = file.read()
        complete = text[: text.rfind(b"\n") + 1]
        self.read_to += len(complete)
        for line in complete.decode(errors="replace").splitlines():
            # What follows an entry without a time of its own belongs to it, such as a traceback.
            if ENTRY.match(line):
                self.in_alarm = bool(ALARM.search(line))
            if self.in_alarm:
                print(f"{self.name}: {line}", file=sys.stderr)

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def await_stop(self, deadline: float) -> None:
        """Wait for its end until that time (of the monotonic clock); nothing that it started stays."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{self.name} does not stop; killing it", file=sys.stderr)
        self.kill_group()
        self.process.wait()
        self.process = None

    def kill_group(self) -> None:
        """End what is left of it and of what it started, and wait until that is gone."""
        process = self.process
        if process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        wait_until(lambda: process.poll() is not None and group_is_gone(process.pid), KILL_SECONDS)


def stop_all(children: Sequence[Child]) -> None:
    """Stop all at once and wait for all; none is left."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + STOP_SECONDS
    for child in children:
        child.await_stop(deadline)
