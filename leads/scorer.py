"""What pages of leads ask of whoever scores them.

`leads` knows nothing of models: it asks the scorer that the setting LEADS_SCORER names, as Django finds its
own backends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of the score. `rank` counts from 0 at the bottom; `lower_edge` is None for rank 0."""

    rank: int
    key: str
    name: str
    lower_edge: int | None
    means: str
    action: str
    worked_by: str  # "sales" or "marketing"
    respond_within_hours: int | None


@dataclass(frozen=True, slots=True)
class Scale:
    """The live version as pages need it: its bands from the bottom up, and the limits of a total."""

    version_id: int
    label: str  # "LinkedIn B2B, version 4"
    bands: tuple[Band, ...]
    floor: int | None
    ceiling: int | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule gave a lead points, as short as a row has room for."""

    key: str
    sentence: str
    points: int


class Status(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    CLIP = "clip"  # what a cap, floor or ceiling took or gave


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation. The points of all lines add up to the total.

    `would_give` is what an unknown or unmet rule would give if met. `evidence` says what it rests on,
    `until` when the rule stops counting if nothing happens.
    """

    key: str
    dimension: str  # "engagement", "fit" or "total"
    sentence: str
    status: Status
    points: int
    would_give: int
    evidence: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A lead's score at a moment, point by point. `due_at` is when time alone may change it.

    `lowest` and `highest` are what it could be if nothing were missing; `question` is what people call the
    missing attribute that would tell most.
    """

    lead_id: int
    as_of: datetime
    version_id: int
    version_label: str
    engagement: int
    fit: int
    total: int
    band: Band
    due_at: datetime | None
    lines: tuple[Line, ...]
    lowest: int
    highest: int
    question: str | None


class Scorer(Protocol):
    def scale(self) -> Scale | None:
        """The live version, or None where no model is live."""

    def reasons(self, lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
        """What the stored score of each lead rests on, strongest first. One query for any number of leads."""

    def explain(self, lead_id: int, *, as_of: datetime) -> Explanation | None:
        """The score of one lead at a moment, or None where no model is live."""

    def nudge(self) -> None:
        """Wake a worker for stale leads after commit. Only a hint: a sweep finds what it missed."""


@cache
def scorer() -> Scorer:
    return cast(Scorer, import_string(settings.LEADS_SCORER)())
