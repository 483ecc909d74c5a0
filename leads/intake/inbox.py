"""Keeping what comes in: all of a request or nothing, each (source, message id) once and for ever."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from leads.ingestion.signal_keys import key_of
from leadscoring.hints import SWEPT_SECONDS, Hint
from leadscoring.prepared import prepared_cursor

# They are counted only where they may be too many: no more wait than there are ids from first to last.
_KEEP = """
WITH waiting AS MATERIALIZED (
    SELECT CASE WHEN (SELECT max(id) - min(id) FROM leads_intakemessage WHERE state = 0)
                     >= %(bound)s::bigint - 1
                THEN NOT EXISTS (SELECT FROM leads_intakemessage WHERE state = 0
                                 OFFSET GREATEST(%(bound)s::bigint - 1, 0) LIMIT 1)
                ELSE true END AS has_room
), incoming AS (
    SELECT i.* FROM unnest(%(keys)s::uuid[], %(message_ids)s::text[], %(raws)s::text[])
               WITH ORDINALITY AS i(key, message_id, raw, place) JOIN waiting ON has_room
), fresh AS (
    INSERT INTO leads_intakekey (key) SELECT key FROM incoming ORDER BY key
    ON CONFLICT DO NOTHING RETURNING key
), kept AS (
    INSERT INTO leads_intakemessage
           (form, source, message_id, raw, received_at, state, tries, code, reason)
    SELECT %(form)s::text, %(source)s::text, message_id, raw, %(at)s::timestamptz, 0, 0, '', ''
      FROM incoming JOIN fresh USING (key) ORDER BY place
)
SELECT has_room, (SELECT count(*) FROM fresh) FROM waiting
"""


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
    once: dict[UUID, Incoming] = {}
    for one in messages:
        once.setdefault(key_of(source, one.message_id), one)
    with prepared_cursor() as cursor:
        cursor.execute(
            _KEEP,
            {
                "keys": list(once),
                "message_ids": [one.message_id for one in once.values()],
                "raws": [one.raw for one in once.values()],
                "form": form,
                "source": source,
                "at": at,
                "bound": settings.INTAKE_BOUND,
            },
        )
        [(has_room, fresh)] = cursor.fetchall()
    if not has_room:
        raise InboxFull
    if fresh:
        nudge()
    return int(fresh)


def nudge() -> None:
    """Have a worker look into the inbox."""
    Hint("leads.tasks.work_inbox", expires=SWEPT_SECONDS).after_commit()


def as_text(said: Any) -> str:
    """JSON in ASCII, which holds whatever texts hold."""
    return json.dumps(said, separators=(",", ":"))
