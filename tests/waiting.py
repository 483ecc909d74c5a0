"""Whether somebody has come to a halt in the database, which tests that hold a lock wait for."""

# Of this database alone: other test processes have theirs on the same server.
SOMEBODY_WAITS = (
    "SELECT count(*) > 0 FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE NOT granted AND datname = current_database()"
)
