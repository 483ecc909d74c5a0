"""Statements whose planning costs more than their running: the database keeps their plans."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from psycopg.adapt import PyFormat, Transformer

# A plan is kept from the second run on; Django's own cursors never keep any.
KEEP_AFTER = 1
# Left to itself the database plans the first five runs anew, which is most of what a connection lives to see,
# and goes on so where it guesses long arrays. Every statement here is written to have one good plan.
_ONE_PLAN = "SET plan_cache_mode = force_generic_plan"

_PLACEHOLDER = re.compile(r"%(?:\((\w+)\)s|%)")


class PreparedCursor:
    """Runs statements with named placeholders, `%(name)s`; a per cent sign is `%%`.

    psycopg looks for the placeholders of a long statement at each run, which takes as long as running it.
    """

    def __init__(self, cursor: "psycopg.RawCursor[tuple[Any, ...]]") -> None:
        self._cursor = cursor
        self.fetchone, self.fetchall = cursor.fetchone, cursor.fetchall

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> None:
        """Run it with those of the parameters that it names."""
        numbered, names = _numbered(statement)
        self._cursor.execute(numbered, [parameters[name] for name in names])


@contextmanager
def prepared_cursor() -> Iterator[PreparedCursor]:
    """A cursor on Django's connection and in its transaction that binds values on the server."""
    session = _session()
    with connection.wrap_database_errors, psycopg.RawCursor(session) as cursor:
        yield PreparedCursor(cursor)


def run_together(*statements: tuple[str, Mapping[str, Any]]) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement, all sent in one trip to the database.

    Each sees what the ones before it did. Outside a transaction they are one: all of them count or none.
    """
    session = _session()
    cursors = [psycopg.RawCursor(session) for _ in statements]
    with connection.wrap_database_errors:
        with session.pipeline():
            for cursor, (statement, parameters) in zip(cursors, statements, strict=True):
                PreparedCursor(cursor).execute(statement, parameters)
        return [cursor.fetchall() for cursor in cursors]


def as_array(values: Sequence[object]) -> str:
    """A list as the text in which the database reads arrays: for lists that many runs have in common, since
    making that of a list takes longer than anything else that is done for a parameter."""
    return bytes(Transformer().get_dumper(values, PyFormat.TEXT).dump(values)).decode()  # type: ignore[arg-type]


def _session() -> "psycopg.Connection[tuple[Any, ...]]":
    """The session of Django's connection, told to keep plans."""
    database = connections[DEFAULT_DB_ALIAS]  # by the name `connection` each use looks for it anew
    database.close_if_health_check_failed()
    database.ensure_connection()
    session: psycopg.Connection[tuple[Any, ...]] = database.connection
    if session.prepare_threshold != KEEP_AFTER:
        with database.wrap_database_errors:
            session.execute(_ONE_PLAN)
        session.prepare_threshold = KEEP_AFTER
    return session


@lru_cache(maxsize=256)
def _numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """The statement with PostgreSQL's own placeholders, $1 and on, and the names that these stand for."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${names.setdefault(found[1], len(names) + 1)}" if found[1] else "%"

    return _PLACEHOLDER.sub(number, statement), tuple(names)
