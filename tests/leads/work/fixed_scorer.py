"""A scorer whose live version the tests set: work is tested without models."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from leads.score_steps import Change, Comparison, Known, Moment
from leads.scorer import (
    AwaitedReview,
    Band,
    Coming,
    Explanation,
    Fired,
    FirstScore,
    MergedScore,
    Merging,
    Reason,
    Scale,
    Scales,
)
from leadscoring.people.models import User


def scale_of(
    *bands: tuple[str, int | None, str],
    floor: int | None = 0,
    ceiling: int | None = None,
    version_id: int = 1,
    model_id: int = 1,
) -> Scale:
    """Bands from the bottom up as (key, lower edge, worked by)."""
    made = tuple(
        Band(rank, key, key.title(), edge, "", "", worked_by, None)
        for rank, (key, edge, worked_by) in enumerate(bands, start=-len(bands))
    )
    return Scale(
        version_id, model_id, f"Model {model_id}", f"Test, version {version_id}", made, floor, ceiling
    )


REFERENCE = scale_of(
    ("nurture", None, "marketing"), ("mql", 31, "sales"), ("sql", 61, "sales"), ("hot", 81, "sales")
)


class FixedScorer:
    """`live` is the last live scale; `before` it are those of models that are asked first."""

    live: Scale | None = REFERENCE
    before: tuple[Scale, ...] = ()
    earlier: tuple[Scale, ...] = ()

    def scales(self) -> Scales:
        live = () if FixedScorer.live is None else (*FixedScorer.before, FixedScorer.live)
        return Scales(live, FixedScorer.earlier)

    def reasons(self, lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
        return {}

    def reasons_of(self, fired: Sequence[Fired]) -> Sequence[Sequence[Reason]]:
        return [() for _ in fired]

    def explain(
        self, lead_id: int, *, as_of: datetime, known_at: datetime | None = None
    ) -> Explanation | None:
        return None

    def coming(self, lead_id: int, *, at: datetime) -> Coming | None:
        return None

    def changes(self, lead_id: int, moments: Sequence[Known]) -> Sequence[Sequence[Change]]:
        return [[] for _ in moments[1:]]

    def course(self, lead_id: int, moments: Sequence[Known]) -> Mapping[datetime, int]:
        return {}

    def first_score(self, lead_id: int, *, before: datetime) -> FirstScore | None:
        return None

    def compare(self, lead_id: int, *, before: Moment, after: Moment) -> Comparison | None:
        return None

    def merged_score(self, merging: Merging, *, as_of: datetime) -> MergedScore | None:
        return None

    def awaited_reviews(self, user: User) -> Sequence[AwaitedReview]:
        return []

    def nudge(self) -> None:
        pass
