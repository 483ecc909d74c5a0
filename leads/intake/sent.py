"""Signals that programs send as such and that are answered at once: one that can't be used as things are is
set aside, and read again once somebody mended the cause.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from leads.ingestion.rows import SignalRow
from leads.ingestion.signal_keys import made_message_id
from leads.intake.inbox import as_text
from leads.intake.reading import Unusable, check_not_future
from leads.models import IntakeMessage
from leads.moments import parse_moment

FORM = "signal"


def set_aside(rows: Iterable[tuple[SignalRow, Unusable]], *, source: str, at: datetime) -> None:
    """Keep these in quarantine, each message id of the source once: the first stays."""
    IntakeMessage.objects.bulk_create(
        [
            IntakeMessage(
                form=FORM,
                source=source,
                message_id=row.message_id or made_message_id(source, row),
                raw=as_text(_said(row)),
                received_at=at,
                state=IntakeMessage.State.QUARANTINED,
                code=unusable.code,
                reason=unusable.reason,
            )
            for row, unusable in rows
        ],
        ignore_conflicts=True,
    )


def read(one: IntakeMessage, said: Mapping[str, Any], *, number: int, now: datetime) -> SignalRow:
    """The signal of a message that was set aside. Raises Unusable while its time is too far ahead."""
    occurred_at = parse_moment(said["occurred_at"])
    check_not_future(occurred_at, now=now)
    return SignalRow(
        number=number,
        lead_key=said["lead_key"],
        lead_value=said["lead"],
        type_key=said["type"],
        occurred_at=occurred_at,
        message_id=one.message_id,
        properties=said["properties"],
    )


def _said(row: SignalRow) -> dict[str, Any]:
    return {
        "type": row.type_key,
        "occurred_at": row.occurred_at.astimezone(UTC).isoformat(),
        "lead_key": row.lead_key,
        "lead": row.lead_value,
        "properties": dict(row.properties),
    }
