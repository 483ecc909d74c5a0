"""Where a page of ranked leads ended: the place of its last (or first) lead, as an opaque word for a URL."""

import base64
import binascii
import json
import math
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leads.moments import as_utc
from leadscoring.errors import DomainError

SMALL_INTEGER = range(-(2**15), 2**15)
INTEGER = range(-(2**31), 2**31)
BIG_INTEGER = range(-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a list. `backwards`: the page wanted ends just before it, else begins just after it.

    `key` is what the list is sorted by (`scope.Place`); in the order of the ranking it says nothing.
    """

    band: int
    score: int
    last_intent_at: datetime
    lead_id: int
    backwards: bool = False
    key: float = 0.0

    def encode(self) -> str:
        intent = self.last_intent_at.isoformat()
        place: list[float | str] = [self.band, self.score, intent, self.lead_id, int(self.backwards)]
        place += [self.key] if self.key else []
        text = json.dumps(place, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode(word: str) -> Cursor:
    """Raises DomainError `cursor.invalid` for whatever `Cursor.encode` could not have made."""
    try:
        text = base64.b64decode(word + "=" * (-len(word) % 4), altchars=b"-_", validate=True)
        band, score, intent, lead_id, backwards, *keys = json.loads(text)
        cursor = Cursor(band, score, instant(intent), lead_id, backwards == 1, *keys)
    except (binascii.Error, ValueError, TypeError, RecursionError):
        raise _invalid() from None
    if not _is_place(cursor):
        raise _invalid()
    return cursor


def instant(text: str) -> datetime:
    """The instant of an ISO 8601 text with a zone, in UTC. Raises ValueError for every other text."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return as_utc(moment)


def _is_place(cursor: Cursor) -> bool:
    return (
        all(type(number) is int for number in (cursor.band, cursor.score, cursor.lead_id))
        and cursor.band in SMALL_INTEGER
        and cursor.score in INTEGER
        and cursor.lead_id in BIG_INTEGER
        and type(cursor.key) is float
        and math.isfinite(cursor.key)
    )


def _invalid() -> DomainError:
    return DomainError("cursor.invalid", _("This link into the list no longer works. Start from the top."))
