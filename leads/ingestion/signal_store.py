"""Writing signals: the statement that keeps each key once, whoever comes at the same time."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from leads.ingestion.property_facts import facts_json
from leads.ingestion.rows import SignalRow
from leads.ingestion.signal_keys import content_of, key_of, made_message_id
from leads.models.score_change import Cause
from leads.scorer import scorer
from leadscoring.errors import DomainError
from leadscoring.prepared import prepared_cursor

_MANY = """
WITH incoming AS (
    SELECT * FROM unnest(%(keys)s::uuid[], %(contents)s::bigint[], %(lead_ids)s::bigint[],
                         %(lead_keys)s::text[], %(lead_values)s::text[], %(type_ids)s::smallint[],
                         %(occurred)s::timestamptz[], %(sources)s::text[], %(message_ids)s::text[],
                         %(properties)s::jsonb[], %(facts)s::jsonb[])
        AS i(key, content, lead_id, lead_key, lead_value, type_id, occurred_at,
             source, message_id, properties, facts)
),
"""
# The lead and the type are looked up on the way.
_ONE = """
WITH incoming AS (
    SELECT %(key)s::uuid AS key, %(content)s::bigint AS content, l.id AS lead_id, t.id AS type_id,
           %(occurred_at)s::timestamptz AS occurred_at, %(source)s::text AS source,
           %(message_id)s::text AS message_id, %(properties)s::jsonb AS properties,
           %(facts)s::jsonb AS facts
      FROM leads_lead l, leads_signaltype t WHERE l.id = %(lead_id)s::bigint AND t.key = %(type_key)s::text
),
"""
# A key that was there before, or that another transaction takes at the same time, lets nothing through; keys
# go in by order, so that two imports don't lock each other out. Marks are leads.stale's, here in one go.
_STORE = f"""
fresh AS (
    INSERT INTO leads_signalkey (key, content) SELECT key, content FROM incoming ORDER BY key
    ON CONFLICT DO NOTHING RETURNING key
), stored AS (
    INSERT INTO leads_signal (lead_id, type_id, occurred_at, received_at, key)
    SELECT lead_id, type_id, occurred_at, %(received_at)s, key FROM incoming JOIN fresh USING (key)
     WHERE lead_id IS NOT NULL
), details AS (
    INSERT INTO leads_signaldetail (key, lead_id, source, message_id, properties, facts)
    SELECT key, lead_id, source, message_id, properties, facts FROM incoming JOIN fresh USING (key)
     WHERE lead_id IS NOT NULL
), marks AS (
    INSERT INTO leads_stale (lead_id, cause)
    SELECT DISTINCT lead_id, {Cause.SIGNAL.value} FROM incoming JOIN fresh USING (key)
     WHERE lead_id IS NOT NULL
)
"""
_WAIT = """, waiting AS (
    INSERT INTO leads_waitingsignal
        (lead_key, lead_value, type_id, occurred_at, received_at, key, source, message_id, properties, facts)
    SELECT lead_key, lead_value, type_id, occurred_at, %(received_at)s, key, source, message_id, properties,
           facts
      FROM incoming JOIN fresh USING (key)
     WHERE lead_id IS NULL
)
"""
_FRESH = "SELECT key FROM fresh"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A signal that is ready to be written; without a `lead_id` it will wait."""

    row: SignalRow
    key: UUID
    content: int
    lead_id: int | None
    type_id: int
    source: str
    message_id: str


def arrival(row: SignalRow, *, source: str, lead_id: int | None, type_ids: Mapping[str, int]) -> Arrival:
    """Raises DomainError `signal.type` where there is no such type."""
    if row.type_key not in type_ids:
        raise DomainError("signal.type", f"There is no signal type “{row.type_key}”: add it first.")
    message_id = row.message_id or made_message_id(source, row)
    return Arrival(
        row=row,
        key=key_of(source, message_id),
        content=content_of(row),
        lead_id=lead_id,
        type_id=type_ids[row.type_key],
        source=source,
        message_id=message_id,
    )


def store(arrivals: Sequence[Arrival], *, received_at: datetime) -> set[UUID]:
    """Write those whose key is new, mark their leads stale, and return their keys.

    Call it in a transaction, with each key once.
    """
    values: dict[str, Any] = {
        "keys": [one.key for one in arrivals],
        "contents": [one.content for one in arrivals],
        "lead_ids": [one.lead_id for one in arrivals],
        "lead_keys": [one.row.lead_key for one in arrivals],
        "lead_values": [one.row.lead_value for one in arrivals],
        "type_ids": [one.type_id for one in arrivals],
        "occurred": [one.row.occurred_at for one in arrivals],
        "sources": [one.source for one in arrivals],
        "message_ids": [one.message_id for one in arrivals],
        "properties": [_json(one.row) for one in arrivals],
        "facts": [facts_json(one.row.properties) for one in arrivals],
        "received_at": received_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MANY + _STORE + _WAIT + _FRESH, values)
        fresh = {key for (key,) in cursor.fetchall()}
    if fresh:
        scorer().nudge()
    return fresh


def store_one(row: SignalRow, *, lead_id: int, source: str, received_at: datetime) -> UUID | None:
    """Write one signal of a lead if its key is new, and mark the lead stale; its key, if it was written.

    Nothing is written where there is no such lead or type. In one statement, so all or nothing of it counts
    even outside a transaction.
    """
    message_id = row.message_id or made_message_id(source, row)
    key = key_of(source, message_id)
    values = {
        **{"key": key, "content": content_of(row), "lead_id": lead_id, "type_key": row.type_key},
        **{"occurred_at": row.occurred_at, "received_at": received_at, "source": source},
        **{"message_id": message_id, "properties": _json(row)},
        "facts": facts_json(row.properties),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_ONE + _STORE + _FRESH, values)
        fresh = cursor.fetchone() is not None
    if fresh:
        scorer().nudge()
    return key if fresh else None


def _json(row: SignalRow) -> str:
    return json.dumps(dict(row.properties), ensure_ascii=False)
