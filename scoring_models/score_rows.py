"""Writing score rows: one statement evaluates and stores. `scoring` says when which of these is used."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from leads.models.score import NEVER
from leads.stale import mark_stale
from leadscoring.prepared import prepared_cursor
from scoring_models.engine.compile import Statement

# What a pass decides anew. `scored_at` moves with it; the copies of the lead's columns don't.
_RESULTS = (
    *("version_id", "due_at", "last_intent_at", "engagement", "fit", "total", "band"),
    *("hits", "counts"),
)
_COPIES = ("team_id", "owner_id", "is_open")
_DECIDED = ("scored_at", *_RESULTS)
_COLUMNS = ("lead_id", *_DECIDED, *_COPIES)

_EVALUATED = {
    "scored_at": "e.as_of",
    "version_id": "%(version_id)s::integer",
    "last_intent_at": "COALESCE(e.last_intent_at, %(never)s::timestamptz)",
}


def _of(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _evaluated(names: Sequence[str]) -> str:
    return ", ".join(_EVALUATED.get(name, f"e.{name}") for name in names)


# Leads in the order of their ids: passes that overlap wait for each other and can't lock each other up.
_ALWAYS = (
    f"INSERT INTO leads_score AS stored ({', '.join(_COLUMNS)}) SELECT {_evaluated(_COLUMNS)}"
    " FROM ({evaluation}) e ORDER BY e.lead_id ON CONFLICT (lead_id) DO UPDATE SET"
    f" ({', '.join(_DECIDED)}) = ROW ({_of('excluded', _DECIDED)})"
    " WHERE stored.scored_at <= excluded.scored_at"
    f" RETURNING lead_id, {', '.join(_COPIES)}"
)
_STRAYED = (
    f"WITH written AS ({_ALWAYS}) SELECT w.lead_id FROM written w JOIN leads_lead l ON l.id = w.lead_id"
    f" WHERE ({_of('w', _COPIES)}) IS DISTINCT FROM ({_of('l', _COPIES)})"
)
# Cheaper than ON CONFLICT where rows are new, but of two that insert the same one fails.
_CHANGED = (
    "MERGE INTO leads_score stored USING (SELECT * FROM ({evaluation}) x ORDER BY lead_id) e"
    " ON stored.lead_id = e.lead_id{bounds}"
    " WHEN MATCHED AND stored.scored_at <= e.as_of"
    f" AND ({_of('stored', _RESULTS)}) IS DISTINCT FROM ({_evaluated(_RESULTS)})"
    f" THEN UPDATE SET {', '.join(f'{name} = {_evaluated([name])}' for name in _DECIDED)}"
    f" WHEN NOT MATCHED THEN INSERT ({', '.join(_COLUMNS)}) VALUES ({_evaluated(_COLUMNS)})"
)
# Without them a shard reads all scores there are.
_BOUNDS = " AND stored.lead_id >= %(low)s::bigint AND stored.lead_id < %(high)s::bigint"


def write_all(statement: Statement, parameters: Mapping[str, Any], *, version_id: int) -> None:
    """Evaluate and store every row whose stored one isn't newer; set strayed copies right."""
    with prepared_cursor() as cursor:
        cursor.execute(
            _STRAYED.format(evaluation=statement.sql), _parameters(statement, parameters, version_id)
        )
        strayed = [lead_id for (lead_id,) in cursor.fetchall()]
    if strayed:
        _copy_again(strayed)


def write_changed(statement: Statement, parameters: Mapping[str, Any], *, version_id: int) -> None:
    """Evaluate and store the rows that differ from what is stored."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                _CHANGED.format(evaluation=statement.sql, bounds=_BOUNDS if "low" in parameters else ""),
                _parameters(statement, parameters, version_id),
            )
    except IntegrityError:
        # A touch stored a first score meanwhile, so these are few; its rows can be seen now.
        write_all(statement, parameters, version_id=version_id)


def _parameters(statement: Statement, parameters: Mapping[str, Any], version_id: int) -> dict[str, Any]:
    return {**statement.parameters, **parameters, "version_id": version_id, "never": NEVER}


def _copy_again(lead_ids: list[int]) -> None:
    """Copy team, owner and openness from leads that changed while their first score was being written.

    The leads' rows are locked before they are read. Whoever holds one now may be changing it: then it is
    left to a later touch, since waiting for it while holding score rows could lock both up.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM leads_lead WHERE id = ANY (%s) ORDER BY id FOR SHARE SKIP LOCKED", [lead_ids]
        )
        locked = [lead_id for (lead_id,) in cursor.fetchall()]
        cursor.execute(
            f"UPDATE leads_score s SET ({', '.join(_COPIES)}) = ROW ({_of('l', _COPIES)})"
            " FROM leads_lead l WHERE l.id = s.lead_id AND s.lead_id = ANY (%s)",
            [locked],
        )
    busy = set(lead_ids) - set(locked)
    if busy:
        mark_stale(busy)


def lock_due(*, before: datetime | None, limit: int) -> list[int]:
    """Lock scores that are due by `before` (None: the database's clock), but for those that others hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id FROM leads_score s WHERE due_at <= COALESCE(%s::timestamptz, clock_timestamp())"
            " AND EXISTS (SELECT FROM leads_lead l WHERE l.id = s.lead_id)"
            " ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED",
            [before, limit],
        )
        return [lead_id for (lead_id,) in cursor.fetchall()]


def take_marks(limit: int) -> tuple[list[int], datetime | None]:
    """Delete the oldest stale marks that nobody holds: their leads, and a moment after they committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_stale WHERE id IN"
            " (SELECT id FROM leads_stale ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)"
            " RETURNING lead_id, clock_timestamp()",
            [limit],
        )
        rows = cursor.fetchall()
    return [lead_id for lead_id, _ in rows], max((moment for _, moment in rows), default=None)


def database_clock() -> datetime:
    """The moment now, by the one clock that all writers of scores share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
