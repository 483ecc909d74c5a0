"""What pages of leads ask of whoever scores them.

`leads` knows nothing of models: it asks the scorer that the setting LEADS_SCORER names, as Django finds its
own backends.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Protocol, TypeVar, cast

from django.conf import settings
from django.utils.module_loading import import_string

from leads.score_steps import Change, Comparison, Known, Moment
from leadscoring.people.models import User

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Band:
    """A named range of the score; `lower_edge` is None for the lowest.

    `rank` counts down from -1 at the top, as in a stored score: so the bands of models with different numbers
    of them rank side by side, and `bands[rank]` of its scale is the band.
    """

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
    """A version as pages need it: its bands from the bottom up, and the limits of a total.

    `model_id` says of which model it is, whose name is `model`.
    """

    version_id: int
    model_id: int
    model: str
    label: str  # "LinkedIn B2B, version 4"
    bands: tuple[Band, ...]
    floor: int | None
    ceiling: int | None

    def band_at(self, rank: int) -> Band:
        """The band of a rank, the lowest where it has none that low."""
        return self.bands[max(rank, -len(self.bands))]


@dataclass(frozen=True, slots=True)
class Scales:
    """The scales by which leads have their scores: a score's is that of its `version_id`.

    `live` are those of the live versions, in the order in which their models are asked; `earlier` those of
    versions that aren't live, by which leads are still scored that no run has come to.
    """

    live: tuple[Scale, ...]
    earlier: tuple[Scale, ...] = ()

    @property
    def all(self) -> tuple[Scale, ...]:
        return (*self.live, *self.earlier)

    @property
    def models(self) -> dict[int, str]:
        """What the live models are called, in the order in which they are asked."""
        return {scale.model_id: scale.model for scale in self.live}

    def of(self, version_id: int) -> Scale:
        """A version's scale; of one that went live only this moment, that of the last live one.

        Raises LookupError where there is none at all.
        """
        found = next((scale for scale in self.all if scale.version_id == version_id), None)
        return found or (self.live or self.earlier)[-1]

    def bands(self, *, worked_by: str | None = None) -> tuple[Band, ...]:
        """The live bands from the top, of each key one: those that sales, or marketing, works, or all."""
        found: dict[str, Band] = {}
        bands = (band for scale in self.live for band in scale.bands if worked_by in (None, band.worked_by))
        for band in sorted(bands, key=lambda band: -band.rank):
            found.setdefault(band.key, band)
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule gave a lead points, as short as a row has room for."""

    key: str
    sentence: str
    points: int


@dataclass(frozen=True, slots=True)
class Fired:
    """What a score row said of the version's rules (leads.models.Score)."""

    version_id: int
    hits: int
    counts: Sequence[int]
    weights: Sequence[float]


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


@dataclass(frozen=True, slots=True)
class Coming:
    """What time alone makes of a lead's score by a moment ahead. `due_at` is when it may change it again."""

    as_of: datetime
    total: int
    band: Band
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Merging:
    """A lead that would absorb others, and take over from one of them the attributes `keys`.

    `row` is JSON of the columns of its own that this would change.
    """

    kept_id: int
    absorbed_ids: Sequence[int]
    row: str
    keys: Sequence[str]


@dataclass(frozen=True, slots=True)
class MergedScore:
    engagement: int
    fit: int
    total: int
    band: Band


@dataclass(frozen=True, slots=True)
class FirstScore:
    """What a lead was scored first, by a pass over all leads; `band` is a rank as in a stored score."""

    at: datetime
    version_id: int
    engagement: int
    fit: int
    total: int
    band: int


@dataclass(frozen=True, slots=True)
class AwaitedReview:
    """Something of the scorer's that waits for a person's review since then."""

    name: str
    since: datetime
    link: str


class Scorer(Protocol):
    def scales(self) -> Scales:
        """The scales by which leads are scored; `live` is empty where no model is live."""

    def reasons(self, lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
        """What the stored score of each lead rests on, strongest first. One query for any number of leads."""

    def reasons_of(self, fired: Sequence[Fired]) -> Sequence[Sequence[Reason]]:
        """The same for scores as they were, in their order."""

    def explain(
        self, lead_id: int, *, as_of: datetime, known_at: datetime | None = None
    ) -> Explanation | None:
        """The score of one lead at a moment, by what was known at another (None: by all that is known now).

        None where no model scores it.
        """

    def coming(self, lead_id: int, *, at: datetime) -> Coming | None:
        """The score of one lead at a moment ahead if nothing new happens, without its lines.

        For a lead that has an explanation now; None where no model scores it then.
        """

    def changes(self, lead_id: int, moments: Sequence[Known]) -> Sequence[Sequence[Change]]:
        """The lines of a lead's score that changed from each of these moments to the next."""

    def course(self, lead_id: int, moments: Sequence[Known]) -> Mapping[datetime, int]:
        """A lead's total at each of these moments; those at which it had none are left out."""

    def first_score(self, lead_id: int, *, before: datetime) -> FirstScore | None:
        """What a pass over all leads scored a lead first, before that moment: computed again.

        None where no such pass did, or nothing scored it then.
        """

    def compare(self, lead_id: int, *, before: Moment, after: Moment) -> Comparison | None:
        """How a lead's score came from one moment to another; None where nothing scores it at one of them."""

    def merged_score(self, merging: Merging, *, as_of: datetime) -> MergedScore | None:
        """The score that a lead would have if it absorbed others then; None where nothing would score it."""

    def awaited_reviews(self, user: User) -> Sequence[AwaitedReview]:
        """What waits for this person's review, the longest wait first."""

    def nudge(self) -> None:
        """Wake a worker for stale leads after commit. Only a hint: a sweep finds what it missed."""


# What was found within `one_moment`, by the function that was asked.
_found: ContextVar[dict[Callable[[], Any], Any] | None] = ContextVar("_found", default=None)


@contextmanager
def one_moment() -> Iterator[None]:
    """A block in which what all leads share is asked for once: a page is of one moment, all over."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def asked_once(ask: Callable[[], T]) -> T:
    """What `ask` gives, or within `one_moment` what it gave there. For implementations of `Scorer`."""
    found = _found.get()
    if found is None:
        return ask()
    if ask not in found:
        found[ask] = ask()
    answer: T = found[ask]
    return answer


@cache
def scorer() -> Scorer:
    return cast(Scorer, import_string(settings.LEADS_SCORER)())
