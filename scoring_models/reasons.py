"""Why leads have the scores they have, read from the stored scores: which rules fired, and how often."""

from collections.abc import Mapping, Sequence

from django.db.models import OuterRef, Subquery

from leads.models import Score
from leads.scorer import Reason
from scoring_models.evaluation import frozen_spec
from scoring_models.models import ModelVersion
from scoring_models.sentences import short
from scoring_models.spec import SignalEach, Spec
from scoring_models.vocabulary import Vocabulary, current_vocabulary


def stored(lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
    """The rules that gave each lead points when it was last scored, strongest first.

    One query for the scores and two for the words, however many leads. A lead without a score has no entry.
    """
    digest = Subquery(ModelVersion.objects.filter(pk=OuterRef("version_id")).values("digest"))
    rows = Score.objects.filter(pk__in=lead_ids).annotate(digest=digest)
    vocabulary = current_vocabulary()
    return {
        lead_id: _reasons(frozen_spec(digest), hits, counts or (), vocabulary)
        for lead_id, hits, counts, digest in rows.values_list("pk", "hits", "counts", "digest")
    }


def _reasons(spec: Spec, hits: int, counts: Sequence[int], vocabulary: Vocabulary) -> list[Reason]:
    times = iter(counts)
    reasons = []
    for place, rule in enumerate(spec.enabled_rules):
        count = next(times, 0) if isinstance(rule.condition, SignalEach) else 1
        if hits >> place & 1:
            reasons.append(Reason(rule.key, short(rule, vocabulary), rule.points * count))
    return sorted(reasons, key=lambda reason: (-abs(reason.points), -reason.points))
