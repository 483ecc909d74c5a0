"""Keeping what comes in: all of a request or nothing, each (source, message id) once and for ever."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from leads.ingestion.signal_keys import key_of
from leadscoring.hints import Hint

_KEEP = """
WITH incoming AS (
    SELECT * FROM unnest(%(keys)s::uuid[], %(message_ids)s::text[], %(raws)s::text[])
        WITH ORDINALITY AS i(key, message_id, raw, place)
), fresh AS (
    INSERT INTO leads_intakekey (key) SELECT key FROM incoming ORDER BY key
    ON CONFLICT DO NOTHING RETURNING key
)
INSERT INTO leads_intakemessage
       (form, source, message_id, raw, received_at, state, tries, code, reason)
SELECT %(form)s, %(source)s, message_id, raw, %(at)s, 0, 0, '', ''
  FROM incoming JOIN fresh USING (key) ORDER BY place
"""
_FULL = "SELECT 1 FROM leads_intakemessage WHERE state = 0 LIMIT 1 OFFSET %s"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as it came. `message_id` is its sender's, or made of all that it says."""

    message_id: str
    raw: str


class InboxFull(Exception):
    """More waits than the setting INTAKE_BOUND allows: come again later."""


def keep(messages: Sequence[Incoming], *, form: str, source: str, at: datetime) -> int:
    """Keep what is new of these, in one transaction, and wake a worker; how many were new.

    Raises InboxFull, and keeps nothing.
    """
    if is_full():
        raise InboxFull
    once: dict[UUID, Incoming] = {}
    for one in messages:
        once.setdefault(key_of(source, one.message_id), one)
    with connection.cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "keys": list(once),
                "message_ids": [one.message_id for one in once.values()],
                "raws": [one.raw for one in once.values()],
                "form": form,
                "source": source,
                "at": at,
            },
        )
        fresh: int = cursor.rowcount
    if fresh:
        nudge()
    return fresh


def is_full() -> bool:
    """Whether the inbox is at its bound."""
    with connection.cursor() as cursor:
        cursor.execute(_FULL, [max(0, settings.INTAKE_BOUND - 1)])
        return cursor.fetchone() is not None


def nudge() -> None:
    """Have a worker look into the inbox."""
    Hint("leads.tasks.work_inbox").after_commit()


def as_text(said: Any) -> str:
    """JSON in ASCII, which holds whatever texts hold."""
    return json.dumps(said, separators=(",", ":"))
