"""Statements whose planning costs more than their running: the database keeps their plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

# A plan is kept from the second run on; Django's own cursors never keep any.
KEEP_AFTER = 1
# Left to itself the database plans the first five runs anew, which is most of what a connection lives to see,
# and goes on so where it guesses large arrays. Every statement here is written to have one good plan.
_ONE_PLAN = "SET plan_cache_mode = force_generic_plan"


@contextmanager
def prepared_cursor() -> Iterator[psycopg.Cursor[tuple[Any, ...]]]:
    """A cursor on Django's connection and in its transaction that binds values on the server."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    session: psycopg.Connection[tuple[Any, ...]] = connection.connection
    with connection.wrap_database_errors, psycopg.Cursor(session) as cursor:
        if session.prepare_threshold != KEEP_AFTER:
            cursor.execute(_ONE_PLAN)
            session.prepare_threshold = KEEP_AFTER
        yield cursor
