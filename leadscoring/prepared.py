"""Statements whose planning costs more than their running: the database keeps their plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

# A plan is kept from the second run on; Django's own cursors never keep any.
KEEP_AFTER = 1


@contextmanager
def prepared_cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """A cursor on Django's connection and in its transaction that binds values on the server."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    session: psycopg.Connection[tuple[Any, ...]] = connection.connection
    session.prepare_threshold = KEEP_AFTER
    with connection.wrap_database_errors, psycopg.Cursor(session) as cursor:
        yield cursor
