"""`make demo-reset`, first half: throws the embedded database and broker away, unless they are in use."""

import os
import shutil
import sys
from fcntl import LOCK_EX, LOCK_NB, flock

from leadscoring.ops.postgres import PostgresServer
from leadscoring.ops.state import State, load_env_file
from leadscoring.ops.valkey import ValkeyServer


def main() -> None:
    load_env_file()
    if os.environ.get("DATABASE_URL"):
        sys.exit("DATABASE_URL is set: only the embedded database is thrown away, never another.")
    state = State.from_environment()
    handle = os.open(state.file("lease.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        flock(handle, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        sys.exit("The app or a command is using the database. Stop it first.")
    # A killed app may have left them running.
    ValkeyServer(state).stop()
    PostgresServer(state).stop()
    for name in ("postgres", "valkey"):
        shutil.rmtree(state.folder / name, ignore_errors=True)
    state.file("audit-head.json").unlink(missing_ok=True)


if __name__ == "__main__":
    main()
