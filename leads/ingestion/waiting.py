"""Signals, and messages of the inbox, that wait for their lead."""

from collections.abc import Iterable

from django.db import connection

from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.models.intake import IntakeMessage
from leads.models.score_change import Cause

_ATTACH = f"""
WITH come AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS c(lead_id, lead_key, lead_value)
), released AS (
    DELETE FROM leads_waitingsignal w USING come c
     WHERE w.lead_key = c.lead_key AND w.lead_value = c.lead_value
    RETURNING c.lead_id, w.type_id, w.occurred_at, w.received_at, w.key, w.source, w.message_id, w.properties,
              w.facts
), details AS (
    INSERT INTO leads_signaldetail (key, lead_id, source, message_id, properties, facts)
    SELECT key, lead_id, source, message_id, properties, facts FROM released
), attached AS (
    INSERT INTO leads_signal (lead_id, type_id, occurred_at, received_at, key)
    SELECT lead_id, type_id, occurred_at, received_at, key FROM released
), marks AS (
    INSERT INTO leads_stale (lead_id, cause) SELECT DISTINCT lead_id, {Cause.SIGNAL.value} FROM released
)
SELECT count(*) FROM released
"""


def attach_waiting(arrived: Iterable[tuple[int, str | None, str | None]]) -> int:
    """Give leads, named as (id, external id, e-mail), the signals that wait for them; how many they were.

    Call it in the transaction that makes a lead known by these, under the lock of arrivals, and mark the
    leads stale there.
    """
    come = [
        (lead_id, lead_key, value)
        for lead_id, external_id, email in arrived
        for lead_key, value in ((EXTERNAL_ID, external_id), (EMAIL, email))
        if value is not None
    ]
    if not come:
        return 0
    _release(f"{lead_key}:{value}" for _lead_id, lead_key, value in come)
    with connection.cursor() as cursor:
        cursor.execute(_ATTACH, [list(column) for column in zip(*come, strict=True)])
        return int(cursor.fetchone()[0])


def _release(names: Iterable[str]) -> None:
    """Let messages of the inbox that are held for these names go on; a sweep takes them up."""
    held = IntakeMessage.objects.filter(state=IntakeMessage.State.HELD, waits_for__in=list(names))
    held.update(state=IntakeMessage.State.WAITING, waits_for=None)
