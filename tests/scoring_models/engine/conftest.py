"""A second connection, for what happens at the same time."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from django.db import connection


@pytest.fixture
def elsewhere() -> Iterator[Callable[..., "Future[object]"]]:
    """Runs a call on another thread, which has another connection."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit
        pool.submit(leave).result()


def leave() -> None:
    connection.close()  # this thread's: a bound method would be of the thread that names it
