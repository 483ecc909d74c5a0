"""What an installation has in its database: asked from outside, over the faults."""

import hashlib
import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from leadscoring.ops.postgres import OWNER, PostgresServer
from leadscoring.ops.state import State

_MAPPED = """
INSERT INTO leads_eventmapping (position, call, pattern, signal_type_id, properties)
SELECT 1, 'track', key, id, '{}' FROM leads_signaltype WHERE key = ANY (%s) ON CONFLICT DO NOTHING
"""
_KEY = """
INSERT INTO api_apikey (name, user_id, prefix, secret_hash, previous_hash, scopes, requests_a_minute,
                        created_by_id, created_at, expires_at)
SELECT 'Faults', min(m.user_id), %(prefix)s, %(hash)s, '', '{track}', 1000000, min(m.user_id), now(),
       now() + interval '1 day'
  FROM people_user_groups m JOIN auth_group g ON g.id = m.group_id
 WHERE g.name = 'Marketing'
"""
_WAITING = """
SELECT ARRAY (SELECT id FROM leads_intakemessage WHERE state = 0), ARRAY (SELECT id FROM leads_stale)
"""
_STILL = """
SELECT ARRAY (SELECT id FROM leads_intakemessage WHERE state = 0 AND id = ANY (%s)),
       ARRAY (SELECT id FROM leads_stale WHERE id = ANY (%s))
"""
_SCORED = """
SELECT EXISTS (SELECT FROM leads_lead l JOIN leads_score s ON s.lead_id = l.id WHERE l.external_id = %s)
"""
_PEOPLE = """
WITH did AS (
    SELECT lead_id, array_agg(type_id || ' ' || occurred_at ORDER BY occurred_at, type_id) AS what
      FROM leads_signal GROUP BY lead_id
)
SELECT substr(l.external_id, 2) COLLATE "C", l.job_title, s.engagement, s.fit, s.total, s.band, s.hits, d.what
  FROM leads_lead l LEFT JOIN leads_score s ON s.lead_id = l.id LEFT JOIN did d ON d.lead_id = l.id
 WHERE l.external_id LIKE %s || '%%' ORDER BY 1
"""
# The ids of messages to be used, and of marks of leads to be scored.
Waiting = tuple[list[int], list[int]]
NOTHING: Waiting = ([], [])


class Books:
    """The database of the installation with that state folder."""

    def __init__(self, state: State) -> None:
        self.server = PostgresServer(state)

    def ask(self, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
        """The rows of one statement. Raises psycopg.Error while the database is away."""
        with psycopg.connect(self.server.url(OWNER), autocommit=True, connect_timeout=3) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def open(self, types: Sequence[str]) -> str:
        """Map events of these types and make a write key; its text."""
        self.ask(_MAPPED, [list(types)])
        prefix, secret = secrets.token_hex(6), secrets.token_hex(32)
        self.ask(_KEY, {"prefix": prefix, "hash": hashlib.sha512(secret.encode()).hexdigest()})
        return f"ls_{prefix}_{secret}"

    def waiting(self) -> Waiting:
        """What waits now."""
        [(messages, marks)] = self.ask(_WAITING)
        return messages, marks

    def await_used(self, seconds: float, given: Waiting | None = None) -> float:
        """Wait until none of this waits any more, or nothing at all; how long.

        What was used once counts as used: a message about somebody unknown is held then, and waits again when
        the person is known, which may be much later.
        """
        start, rest = time.monotonic(), given
        while (waited := time.monotonic() - start) < seconds:
            try:
                now = self.waiting() if rest is None else self._still(rest)
                if now == NOTHING:
                    return waited
                rest = None if rest is None else now
            except psycopg.Error:
                pass  # it is away
            time.sleep(0.1)
        raise AssertionError(f"After {seconds} s something still waits.")

    def _still(self, given: Waiting) -> Waiting:
        [(messages, marks)] = self.ask(_STILL, given)
        return messages, marks

    def await_scored(self, external_id: str, seconds: float) -> None:
        """Wait until this person has a score."""
        end = time.monotonic() + seconds
        while not self.ask(_SCORED, [external_id])[0][0]:
            assert time.monotonic() < end, f"{external_id} isn't scored after {seconds:g} s."
            time.sleep(0.05)

    def check(self, prefix: str, told: Sequence[dict[str, Any]]) -> str:
        """One hash of all that a story left, whatever its prefix. Raises AssertionError where that isn't all
        of it, once each.
        """
        people = self.ask(_PEOPLE, [prefix])
        happened = sum(len(did or ()) for *_, did in people)
        kinds = [one["type"] for one in told]
        assert (len(people), happened) == (kinds.count("identify"), kinds.count("track")), "lost or twice"
        assert len({row[4] for row in people}) > 1, "All scores are the same: that proves nothing."
        assert not self.ask("SELECT id FROM leads_intakemessage"), "Something is held or in quarantine."
        return hashlib.sha256(json.dumps(people).encode()).hexdigest()
