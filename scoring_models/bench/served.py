"""The whole app as `make run` serves it, web, worker and beat, on the bench's database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from django.conf import settings

from leadscoring.ops import embedded
from leadscoring.ops.children import stop_all
from leadscoring.ops.postgres import OWNER, WEB, PostgresServer
from leadscoring.ops.processes import wait_until
from leadscoring.ops.run import answers, children
from leadscoring.ops.state import State
from leadscoring.ops.valkey import ValkeyServer
from scoring_models.bench.database import NAME

# Of the broker: the app's own worker, if one runs, must not take the bench's tasks.
BROKER_DATABASE = 7
TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def served(port: int) -> Iterator[list[int]]:
    """Serve at that port; gives the processes whose work is the app's, the database among them."""
    state = State.from_environment()
    lease = embedded.enter(broker=True)
    assert lease is not None
    postgres = PostgresServer(state)
    environment = {
        "DATABASE_URL": postgres.url(WEB, NAME),
        "DATABASE_OWNER_URL": postgres.url(OWNER, NAME),
        "BROKER_URL": ValkeyServer(state).url(BROKER_DATABASE),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    crew = children(state, port)
    with patch.dict(os.environ, environment):
        for child in crew:
            child.start()
    try:
        if not wait_until(lambda: answers(port), 60, 0.2):
            raise RuntimeError("The app doesn't answer.")
        pids = [child.process.pid for child in crew if child.process is not None]
        yield [*pids, int((postgres.data / "postmaster.pid").read_text().split("\n", 1)[0])]
    finally:
        stop_all(crew)


def processor_seconds(roots: list[int]) -> float:
    """What these processes and all that they started have used of processors, ended ones included."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        pid = int(path.parent.name)
        parents[pid] = int(fields[1])
        used[pid] = sum(map(int, fields[11:15]))
    wanted = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in wanted} - wanted:
        wanted |= more
    return sum(used.get(pid, 0) for pid in wanted) / TICKS
