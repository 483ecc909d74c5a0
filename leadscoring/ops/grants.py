"""What the app's role may do with each table. Given in one place, after every migration."""

import re

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import sql

from leadscoring.ops.roles import APP_ROLE

TABLE_PRIVILEGES = "SELECT, INSERT, UPDATE, DELETE"
COLUMNS = re.compile(r"\([a-z0-9_, ]*\)")  # UPDATE (some_column)
ALLOWED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})


def restricted() -> dict[str, str]:
    """The tables of which apps allow less, with what they allow; `AppConfig.restricted_grants` says it.

    Raises ValueError for a privilege that the app never gets.
    """
    tables: dict[str, str] = {}
    for config in apps.get_app_configs():
        tables |= getattr(config, "restricted_grants", {})
    for table, privileges in tables.items():
        words = COLUMNS.sub("", privileges).split(",")
        if unknown := {word.strip() for word in words} - {""} - ALLOWED:
            raise ValueError(f"restricted_grants of {table}: {', '.join(sorted(unknown))} is never given.")
    return tables


def apply(connection: BaseDatabaseWrapper) -> None:
    """Give the app's role its rights, as the owner. All or nothing."""
    role = sql.Identifier(APP_ROLE)
    tables = "ALL TABLES IN SCHEMA public"
    with connection.cursor() as cursor:
        # Partitions are reached by their parents, whose rights count; none of their own.
        cursor.execute("SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')")
        partitions = [name for (name,) in cursor.fetchall()]
    statements = [
        sql.SQL("REVOKE CREATE ON SCHEMA public FROM {}").format(role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        sql.SQL(f"REVOKE ALL ON {tables} FROM {{}}").format(role),
        sql.SQL(f"GRANT {TABLE_PRIVILEGES} ON {tables} TO {{}}").format(role),
        sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(role),
    ]
    for table, privileges in (restricted() | dict.fromkeys(partitions, "")).items():
        name = sql.Identifier(table)
        statements.append(sql.SQL("REVOKE ALL ON {} FROM {}").format(name, role))
        if privileges.strip():
            statements.append(sql.SQL(f"GRANT {privileges} ON {{}} TO {{}}").format(name, role))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("BEGIN; {}; COMMIT").format(sql.SQL("; ").join(statements)))
