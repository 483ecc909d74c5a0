"""Why leads have the scores they have, read from the stored scores: which rules fired, and how often."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from leads.scorer import Reason
from scoring_models.contribution import contribution
from scoring_models.evaluation import frozen_spec
from scoring_models.sentences import short
from scoring_models.vocabulary import Vocabulary, current_vocabulary

_QUERY = """
SELECT s.lead_id, s.hits, s.counts, s.weights, v.digest
  FROM leads_score s JOIN scoring_models_modelversion v ON v.id = s.version_id
 WHERE s.lead_id = ANY (%s)
"""


class Said(NamedTuple):
    """A rule as its reason says it; the rows of a page share it."""

    key: str
    sentence: str
    points: int
    repeats: bool
    decays: bool


def stored(lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
    """The rules that gave each lead points when it was last scored, strongest first.

    One query for the scores and one for the words, however many leads. A lead without a score has no entry.
    """
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [list(lead_ids)])
        rows = cursor.fetchall()
    vocabulary = current_vocabulary()
    said = {digest: _said(digest, vocabulary) for digest in {row[4] for row in rows}}
    return {
        lead_id: _reasons(said[digest], hits, counts or (), weights or ())
        for lead_id, hits, counts, weights, digest in rows
    }


def _said(digest: str, vocabulary: Vocabulary) -> list[Said]:
    return [
        Said(rule.key, short(rule, vocabulary), rule.points, rule.repeats, rule.decays)
        for rule in frozen_spec(digest).enabled_rules
    ]


def _reasons(
    rules: Sequence[Said], hits: int, counts: Sequence[int], weights: Sequence[float]
) -> list[Reason]:
    times, left = iter(counts), iter(weights)
    reasons = []
    for place, rule in enumerate(rules):
        count = next(times, 0) if rule.repeats else 1
        points = contribution(rule.points, next(left, 0) if rule.decays else count)
        if hits >> place & 1 and points:
            reasons.append(Reason(rule.key, rule.sentence, points))
    return sorted(reasons, key=lambda reason: (-abs(reason.points), -reason.points))
