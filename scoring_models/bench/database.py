"""A database of the bench's own on the embedded server, in place of the app's for one process."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from leadscoring.ops.postgres import OWNER, SUPERUSER, PostgresServer, make_database
from leadscoring.ops.state import State

NAME = "leadscoring_bench"


@contextmanager
def bench_database(*, keep: bool) -> Iterator[psycopg.Connection]:
    """Make the database, migrate it, and lead Django's connections there; gives its owner's connection.

    It is dropped before, if an earlier one was kept, and afterwards unless `keep`.
    """
    server = PostgresServer(State.from_environment())
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as superuser:
        _drop(superuser)
        make_database(superuser, NAME)
        try:
            with _in_place_of_the_apps():
                call_command("migrate", verbosity=0)
                with psycopg.connect(server.url(OWNER, NAME), autocommit=True) as owner:
                    yield owner
        finally:
            if not keep:
                _drop(superuser)


@contextmanager
def kept_database() -> Iterator[bool]:
    """Lead Django's connections to the database of a run before, migrated; whether there is one."""
    server = PostgresServer(State.from_environment())
    with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as superuser:
        found = superuser.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone()
    if found is None:
        yield False
        return
    with _in_place_of_the_apps():
        call_command("migrate", verbosity=0)
        yield True


@contextmanager
def _in_place_of_the_apps() -> Iterator[None]:
    settings = connections["default"].settings_dict
    before = settings["NAME"]
    connections.close_all()
    settings["NAME"] = NAME
    try:
        yield
    finally:
        connections.close_all()
        settings["NAME"] = before


def _drop(superuser: psycopg.Connection) -> None:
    superuser.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME)))


# What a figure depends on beside the machine.
SETTINGS = (
    *("fsync", "synchronous_commit", "full_page_writes", "shared_buffers", "work_mem", "max_wal_size"),
    *("jit", "random_page_cost", "effective_cache_size"),
)


def server_facts(owner: psycopg.Connection) -> dict[str, object]:
    """PostgreSQL's version and the settings that matter. Raises RuntimeError where commits aren't durable."""
    rows = owner.execute(
        "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s)", [list(SETTINGS)]
    ).fetchall()
    settings: dict[str, str] = dict(rows)
    if settings["fsync"] != "on" or settings["synchronous_commit"] != "on":
        raise RuntimeError("fsync and synchronous_commit must be on, or a commit costs nothing.")
    version = owner.execute("SHOW server_version").fetchone()
    assert version is not None
    return {"postgresql": version[0], "settings": settings}
