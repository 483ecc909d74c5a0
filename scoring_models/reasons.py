"""Why leads have the scores they have, read from the stored scores: which rules fired, and how often."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import connection

from leads.scorer import Reason
from scoring_models.evaluation import frozen_spec
from scoring_models.sentences import short
from scoring_models.spec import SignalEach
from scoring_models.vocabulary import Vocabulary, current_vocabulary

_QUERY = """
SELECT s.lead_id, s.hits, s.counts, v.digest
  FROM leads_score s JOIN scoring_models_modelversion v ON v.id = s.version_id
 WHERE s.lead_id = ANY (%s)
"""


class Said(NamedTuple):
    """A rule as its reason says it; the rows of a page share it."""

    key: str
    sentence: str
    points: int
    is_each: bool


def stored(lead_ids: Sequence[int]) -> Mapping[int, Sequence[Reason]]:
    """The rules that gave each lead points when it was last scored, strongest first.

    One query for the scores and one for the words, however many leads. A lead without a score has no entry.
    """
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [list(lead_ids)])
        rows = cursor.fetchall()
    vocabulary = current_vocabulary()
    said = {digest: _said(digest, vocabulary) for digest in {row[3] for row in rows}}
    return {lead_id: _reasons(said[digest], hits, counts or ()) for lead_id, hits, counts, digest in rows}


def _said(digest: str, vocabulary: Vocabulary) -> list[Said]:
    return [
        Said(rule.key, short(rule, vocabulary), rule.points, isinstance(rule.condition, SignalEach))
        for rule in frozen_spec(digest).enabled_rules
    ]


def _reasons(rules: Sequence[Said], hits: int, counts: Sequence[int]) -> list[Reason]:
    times = iter(counts)
    reasons = []
    for place, rule in enumerate(rules):
        count = next(times, 0) if rule.is_each else 1
        if hits >> place & 1:
            reasons.append(Reason(rule.key, rule.sentence, rule.points * count))
    return sorted(reasons, key=lambda reason: (-abs(reason.points), -reason.points))
