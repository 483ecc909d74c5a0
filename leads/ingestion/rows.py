"""What a source hands in, row by row, and what is said of rows that can't be used."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from leads.attributes import Raw
from leads.models import OutcomeKind
from leads.text import printable

# Clocks and zones differ by less; a signal that lies further ahead is somebody's slip.
MOST_AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LeadRow:
    """What a source says about one person and the company they work for.

    `values` are raw values by attribute key; a missing one says nothing, and what is known stays. Of a lead
    that is there already they hold since `values_at` (None: since receipt). `team` is a team's name, `owner`
    a user's e-mail address or name. `number` is where the row stands in its source.
    """

    number: int
    values: Mapping[str, Raw]
    external_id: str | None = None
    created_at: datetime | None = None
    values_at: datetime | None = None
    outcome: OutcomeKind | None = None
    team: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class SignalRow:
    """One thing that happened, to whom `lead_value` names by `lead_key` ("external_id", "email" or "id")."""

    number: int
    lead_key: str
    lead_value: str
    type_key: str
    occurred_at: datetime
    message_id: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row was not taken. `column` is empty where the row as a whole is at fault."""

    number: int
    column: str
    reason: str


class RowRefused(Exception):
    """Raised inside an import for a row that can't be used."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = printable(reason)

    def at(self, number: int) -> Refusal:
        """The refusal of the row with that number."""
        return Refusal(number, self.column, self.reason)
