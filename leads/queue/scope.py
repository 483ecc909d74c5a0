"""Which leads a ranking is of, and where one of them stands in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from leads.queue.rungs import Rung

NOBODY = NO_TEAM = 0


class Claims(Enum):
    """What a claim does to a lead's place in the ranking."""

    HIDE_FROM_OTHERS = "only its holder sees the lead"
    HIDE = "nobody sees the lead"
    IGNORE = "nothing"


@dataclass(frozen=True, slots=True)
class Within:
    """A statement of `lead_id`s that a ranking is confined to, and the same as a test of one lead, whose id
    stands for `$lead`; with the parameters of both. `%(now)s` is given. It is `far` to all of them where
    signals of all leads have to be read."""

    statement: str
    of_one: str
    parameters: Mapping[str, Any]
    far: bool

    def test(self, lead: str) -> str:
        return self.of_one.replace("$lead", lead)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which leads are ranked.

    `teams` and `allowed_owners` are what the person may have, with 0 for no team and nobody (owners None:
    any); `wanted_owners` what they ask for (None: any). `rungs` are the bands. Of `claimed`, `overridden` and
    `snoozed` leads only where so asked. `values` are what the lead or its account must have, by column;
    `rare` names one of those columns where few leads have its value, else it is "" (`values_sql`). Leads
    `within` a segment are all found first, and no stream is scanned, or are tested `one_by_one`.
    """

    user_id: int
    teams: tuple[int, ...]
    allowed_owners: frozenset[int] | None
    wanted_owners: frozenset[int] | None
    rungs: tuple[Rung, ...]
    claims: Claims = Claims.HIDE_FROM_OTHERS
    values: tuple[tuple[str, str | bool | datetime], ...] = ()
    rare: str = ""
    claimed: bool = False
    overridden: bool = False
    snoozed: bool = False
    within: Within | None = None
    one_by_one: bool = False

    @property
    def gathers(self) -> bool:
        """Whether all leads within a segment are found first."""
        return self.within is not None and not self.one_by_one

    @property
    def looks(self) -> bool:
        """Whether one looks at lead after lead for what is known of it."""
        return bool(self.values) or (self.within is not None and self.one_by_one)

    @property
    def stream_owners(self) -> frozenset[int] | None:
        """Of whom leads are wanted that this person may have; None for anybody."""
        if self.allowed_owners is None or self.wanted_owners is None:
            return self.wanted_owners if self.allowed_owners is None else self.allowed_owners
        return self.allowed_owners & self.wanted_owners


class Place(NamedTuple):
    """Where a lead stands, by its effective and its model's band (a rank) and score.

    `version_id` is the version that scored it. `override_id` names the override that is active, `held` says
    that the asking person holds the lead. `key` is what a list is sorted by, in the units of the sort; 0 in
    the order of the ranking.
    """

    lead_id: int
    version_id: int
    band: int
    score: int
    last_intent_at: datetime
    model_band: int
    model_score: int
    override_id: int | None
    held: bool
    key: float = 0.0
