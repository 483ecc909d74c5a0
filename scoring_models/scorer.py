"""What the pages of `leads` ask about scores, answered by the live versions (protocol: leads/scorer.py)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from leads.score_steps import Change, Comparison, Known, Moment
from leads.scorer import (
    AwaitedReview,
    Coming,
    Explanation,
    Fired,
    FirstScore,
    MergedScore,
    Merging,
    Reason,
    Scales,
    asked_once,
)
from leadscoring.people.models import User
from scoring_models import (
    comparison,
    explanation,
    first_scores,
    merged,
    past,
    reasons,
    scales,
    waiting_reviews,
    wake,
)


class Scorer:
    """Stateless: every answer is by the versions that are live when it is asked."""

    def scales(self) -> Scales:
        return asked_once(scales.scales_now)

    def reasons(self, lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
        return reasons.stored(lead_ids)

    def reasons_of(self, fired: Sequence[Fired]) -> Sequence[Sequence[Reason]]:
        return reasons.of_rows(fired)

    def explain(
        self, lead_id: int, *, as_of: datetime, known_at: datetime | None = None
    ) -> Explanation | None:
        return explanation.explain_by_turn(lead_id, as_of=as_of, known_at=known_at)

    def coming(self, lead_id: int, *, at: datetime) -> Coming | None:
        return explanation.coming(lead_id, at=at)

    def changes(self, lead_id: int, moments: Sequence[Known]) -> Sequence[Sequence[Change]]:
        return past.changes(lead_id, moments)

    def course(self, lead_id: int, moments: Sequence[Known]) -> Mapping[datetime, int]:
        return past.course(lead_id, moments)

    def first_score(self, lead_id: int, *, before: datetime) -> FirstScore | None:
        return first_scores.by_run(lead_id, before=before)

    def compare(self, lead_id: int, *, before: Moment, after: Moment) -> Comparison | None:
        return comparison.compare(lead_id, before=before, after=after)

    def merged_score(self, merging: Merging, *, as_of: datetime) -> MergedScore | None:
        return merged.merged_score(merging, as_of=as_of)

    def awaited_reviews(self, user: User) -> Sequence[AwaitedReview]:
        return [
            AwaitedReview(str(version), version.submitted_at, f"/models/{version.pk}/review/")
            for version in waiting_reviews.waiting_for(user)
            if version.submitted_at is not None
        ]

    def nudge(self) -> None:
        wake.score_stale()
