"""`make run`: sets up, serves the app with web, worker and beat, and stops them all on Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from fcntl import LOCK_EX, LOCK_NB, flock
from types import FrameType

from leadscoring.ops import embedded
from leadscoring.ops.children import Child, ChildError, end_with_parent, stop_all
from leadscoring.ops.processes import LOCALHOST, ServerError, port_is_free, wait_until
from leadscoring.ops.state import BASE_DIR, State, load_env_file

HIGHEST_PORT = 65535
READY_SECONDS = 180  # a machine may be busy; a process that dies is noticed at once
LOOK_SECONDS = 0.5
# Looks between two checks that the embedded servers are there.
SERVER_LOOKS = 6
# Looks in a row at which a server doesn't start, until that is no use.
SERVER_FAILURES = 5


class Stop(Exception):
    """Somebody wants the app to end."""


def chosen_port() -> int:
    """The port to serve at, PORT or 8000. Ends the process where it is no port, or taken."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) <= HIGHEST_PORT:
        sys.exit(f"PORT={text} is not a port.")
    if not port_is_free(int(text)):
        sys.exit(f"Port {text} is taken by another program. Choose another: make run PORT={int(text) + 1}")
    return int(text)


def run_alone(state: State) -> int:
    """Make sure that the app runs once from a state folder; the lock lives as long as the process."""
    handle = os.open(state.file("run.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        sys.exit(f"The app runs already with the data in {state.folder}. LEADSCORING_STATE names others.")
    return handle


class Wish:
    """Whether somebody wants the app to end. Looked at between steps: no step is torn in the middle."""

    def __init__(self) -> None:
        self.to_stop = False

    def listen(self) -> None:
        """Take Ctrl-C, a plain kill and a closed terminal as the wish to end."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._note)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.to_stop = True

    def pause(self, seconds: float) -> None:
        """Wait so long. Raises Stop if there is the wish."""
        wait_until(lambda: self.to_stop, seconds, pause=0.05)
        if self.to_stop:
            raise Stop


def manage(wish: Wish, *arguments: str) -> None:
    """Run a command of manage.py. Ends the process if it fails; it has said why."""
    # In a group of its own: Ctrl-C is for us, and we end it.
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        process_group=0,
        preexec_fn=end_with_parent,  # noqa: PLW1509  we have no threads
    )
    try:
        while process.poll() is None:
            wish.pause(0.05)
    except Stop:
        process.terminate()
        process.wait()
        raise
    if process.returncode:
        sys.exit(f"manage.py {arguments[0]} failed.")


def children(state: State, port: int) -> list[Child]:
    """The app's processes."""
    logs = state.subfolder("logs")
    celery = [sys.executable, "-m", "celery", "-A", "leadscoring"]
    web = [
        *(sys.executable, "-m", "gunicorn", "leadscoring.wsgi", f"--bind={LOCALHOST}:{port}"),
        *("--worker-class=gthread", f"--workers={os.environ.get('WEB_PROCESSES', '1')}", "--threads=8"),
        *("--graceful-timeout=10", "--no-control-socket", "--log-level=warning"),
    ]
    concurrency = os.environ.get("WORKER_PROCESSES", "2")
    # With nothing to tell other workers it need not wait a second for them, at each start and new connection.
    alone = ("--without-gossip", "--without-mingle")
    worker = [*celery, "worker", "--pool=prefork", f"--concurrency={concurrency}", *alone]
    return [
        Child("web", web, logs / "web.log"),
        # SIGQUIT is Celery's soft shutdown: it waits some seconds, and what is unfinished is done later.
        Child("worker", worker, logs / "worker.log", stop_signal=signal.SIGQUIT),
        Child("beat", [*celery, "beat"], logs / "beat.log"),
    ]


def answers(port: int) -> bool:
    """Whether the app serves its sign-in page."""
    try:
        urllib.request.urlopen(f"http://{LOCALHOST}:{port}/login/", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def look_after(crew: list[Child], lease: embedded.Lease | None, wish: Wish) -> None:
    """Keep all going until Stop is raised. Raises ChildError or ServerError when that is no use."""
    looks = failures = 0
    while True:
        wish.pause(LOOK_SECONDS)
        looks += 1
        if lease is not None and looks % SERVER_LOOKS == 0:
            failures = failures_after(lease, failures)
        for child in crew:
            child.look_after()


def failures_after(lease: embedded.Lease, failures: int) -> int:
    """Start what died of the servers; how many times in a row that failed. Raises ServerError at the last.

    Once proves nothing: its files may be on their way back, its port may be taken for a moment.
    """
    try:
        lease.ensure()
    except ServerError as error:
        if failures + 1 == SERVER_FAILURES:
            raise
        print(f"{error}\nTrying again", file=sys.stderr, flush=True)
        return failures + 1
    return 0


def await_ready(crew: list[Child], port: int, wish: Wish) -> None:
    """Wait until the app answers. Raises ChildError when it does not."""
    end = time.monotonic() + READY_SECONDS
    while not answers(port):
        for child in crew:
            child.look_after()
        if time.monotonic() > end:
            raise ChildError(f"The app does not answer at port {port}; see the logs.")
        wish.pause(0.1)


def serve(state: State, port: int, lease: embedded.Lease | None, wish: Wish) -> int:
    """Serve until told to stop; return the exit code."""
    crew: list[Child] = []
    try:
        manage(wish, "set_up")
        crew = children(state, port)
        for child in crew:
            child.start()
        await_ready(crew, port, wish)
        print(f"\nServing at http://{LOCALHOST}:{port}/   Stop with Ctrl-C.\n", flush=True)
        manage(wish, "sign_ins")
        look_after(crew, lease, wish)
    except Stop:
        print("\nStopping", flush=True)
    except (ChildError, ServerError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        stop_all(crew)
    return 0


def main() -> int:
    load_env_file()
    # The children ask for it: they refuse to start servers that nobody asked for.
    os.environ.setdefault("LEADSCORING_EMBEDDED", "1")
    port = chosen_port()
    state = State.from_environment()
    wish = Wish()
    wish.listen()
    handle = run_alone(state)
    try:
        return serve(state, port, embedded.enter(broker=True), wish)
    finally:
        os.close(handle)


if __name__ == "__main__":
    sys.exit(main())
