"""The identity of a signal: what makes two of them the same one.

Source: `docs/scoring.md`, section 2: (source, message id) counts once, for ever.
"""

import hashlib
import json
from datetime import UTC
from uuid import UUID

from leads.ingestion.rows import SignalRow

# The content of a key that was retracted before its signal came. No real content has this digest.
RETRACTED_UNSEEN = 0


def made_message_id(source: str, row: SignalRow) -> str:
    """The message id of a signal that came without one: SHA-256, in hexadecimal, of all that it says."""
    return _sha256(source, *_said(row)).hex()


def key_of(source: str, message_id: str) -> UUID:
    """The 128-bit key that is kept for ever in place of a source and a message id."""
    return UUID(bytes=_sha256(source, message_id)[:16])


def content_of(row: SignalRow) -> int:
    """A digest of what a signal says, as a bigint, which tells a repeat from a clash."""
    return int.from_bytes(_sha256(*_said(row))[:8], "big", signed=True) or 1


def _said(row: SignalRow) -> tuple[object, ...]:
    moment = row.occurred_at.astimezone(UTC).isoformat(timespec="microseconds")
    return row.lead_key, row.lead_value, row.type_key, moment, dict(row.properties)


def _sha256(*parts: object) -> bytes:
    """Of the parts as canonical JSON: keys sorted, no spaces, UTF-8."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()
