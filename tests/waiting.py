"""Whether somebody has come to a halt in the database, which tests that hold a lock wait for."""

from django.db import connection

# Of this database alone: other test processes have theirs on the same server. In a transaction the database
# shows the sessions of its first look again and again, and that of another process may have made it look:
# whoever connects later would never be seen.
SOMEBODY_WAITS = (
    "WITH anew AS MATERIALIZED (SELECT pg_stat_clear_snapshot())"
    " SELECT count(*) > 0 FROM anew, pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE NOT granted AND datname = current_database()"
)


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(SOMEBODY_WAITS)
        return bool(cursor.fetchone()[0])
