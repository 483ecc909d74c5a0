"""Whether somebody has come to a halt in the database, which tests that hold a lock wait for."""

# Of this database alone: other test processes have theirs on the same server.
SOMEBODY_WAITS = (
    "SELECT count(*) > 0 FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)
