"""Work that one worker does at a time, whoever else tries."""

from django.db import connection


def alone(lock: int) -> bool:
    """Whether nobody else is at it; if so, this transaction has the lock of that number to its end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [lock])
        return bool(cursor.fetchone()[0])
