"""What keeps imports that run at the same time from missing each other, or from stopping at each other."""

from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, connection, transaction
from psycopg.errors import DeadlockDetected, UniqueViolation

# Arrivals of leads take it shared, a signal that finds no lead takes it alone: else a signal could go
# waiting while its lead is being written, and neither would see the other.
_ARRIVALS = 0x6C656164
Result = TypeVar("Result")
_TRIES = 5


def lock_arrivals(*, alone: bool) -> None:
    """Hold the lock of arrivals to the end of the transaction."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [_ARRIVALS])


def in_one_transaction(work: Callable[[], Result]) -> Result:
    """Run `work` in a transaction, again from the start where another one got in its way."""
    for _ in range(_TRIES - 1):
        try:
            with transaction.atomic():
                return work()
        except DatabaseError as error:
            if not isinstance(error.__cause__, DeadlockDetected | UniqueViolation):
                raise
    with transaction.atomic():
        return work()
