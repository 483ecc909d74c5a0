"""What the pages of `leads` ask about scores, answered by the live version (protocol: leads/scorer.py)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import timezone

from leads.scorer import Explanation, Reason, Scale
from scoring_models import explanation, reasons, wake
from scoring_models.live import scoring_version


class Scorer:
    """Stateless: every answer is by the version that is live when it is asked."""

    def scale(self) -> Scale | None:
        version = scoring_version(at=timezone.now())
        return explanation.scale_of(version) if version else None

    def reasons(self, lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
        return reasons.stored(lead_ids)

    def explain(self, lead_id: int, *, as_of: datetime) -> Explanation | None:
        version = explanation.version_at(as_of)
        return explanation.explain(lead_id, version=version, as_of=as_of) if version else None

    def nudge(self) -> None:
        wake.score_stale()
