"""Two sessions of the database that work side by side."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from django.db import connection

SESSIONS = 2

Work = Callable[[], object]


class Sessions:
    """Threads that each keep a connection of their own open from the first work to the last."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool

    def time(self, works: Iterable[Work]) -> float:
        """Seconds until all works are done, each taken by whichever session is free."""
        start = time.perf_counter()
        for done in [self._pool.submit(work) for work in works]:
            done.result()
        return time.perf_counter() - start


@contextmanager
def sessions() -> Iterator[Sessions]:
    """Two sessions, connected."""
    with ThreadPoolExecutor(SESSIONS, initializer=_enter) as pool:
        both = Sessions(pool)
        both.time([lambda: time.sleep(0.1)] * SESSIONS)
        yield both
        both.time([_leave] * SESSIONS)


def _enter() -> None:
    connection.ensure_connection()  # this thread's: a bound method would be of the thread that names it


def _leave() -> None:
    connection.close()
    time.sleep(0.1)  # keeps this thread busy, so that the other one gets the other call
