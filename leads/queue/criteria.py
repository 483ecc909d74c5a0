"""What somebody asks the queue for."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Sort(StrEnum):
    """In which order a list is read. All but RANK sort the best leads of the ranking only (`ranking_sql`)."""

    RANK = "rank"
    INTENT = "intent"  # the newest signal of intent first
    WAITING = "waiting"  # whose response clock runs longest first
    CHANGE = "change"  # whose score moved most since yesterday first


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which leads of a ranking are wanted; by default all of it.

    `bands` are keys of bands. `owners` are user ids, 0 for nobody; empty for any. `source`, `country` and
    `industry` are in normal form (`leads.text`), "" for any; `inbound` None for either. `model` is one of
    `Scales.models`, `stage` one of `leads.stages.stage_choices`, "" for any. `claimed` asks for
    those that the asking person holds, `overridden` for those with an active override, `snoozed` for those
    that this person snoozed and that aren't back yet, `back` for those that are back from anybody's snooze,
    `due_by` for those whose response is due by then.
    `rare` is what `values_sql.rare` says of all the values, None where nobody has asked yet.
    """

    bands: frozenset[str] = field(default_factory=frozenset)
    owners: frozenset[int] = field(default_factory=frozenset)
    team: int | None = None
    source: str = ""
    country: str = ""
    industry: str = ""
    inbound: bool | None = None
    model: int | None = None
    stage: str = ""
    claimed: bool = False
    overridden: bool = False
    snoozed: bool = False
    back: bool = False
    due_by: datetime | None = None
    rare: str | None = field(default=None, compare=False)

    @property
    def values(self) -> tuple[tuple[str, str | bool | datetime], ...]:
        """The values that the lead, its account or its response clocks must have, by column."""
        asked = [(column, getattr(self, column)) for column in ("source", "country", "industry", "stage")]
        texts = [pair for pair in asked if pair[1]]
        others = (("inbound", self.inbound), ("due_by", self.due_by), ("back", self.back or None))
        return (*texts, *((column, value) for column, value in others if value is not None))


ALL = Criteria()
