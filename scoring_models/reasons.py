"""Why leads have the scores they have, read from the stored scores: which rules fired, and how often."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.utils.translation import get_language

from leads.scorer import Fired, Reason
from scoring_models.contribution import contribution
from scoring_models.evaluation import frozen_spec
from scoring_models.sentences import short
from scoring_models.vocabulary import vocabulary_of

_QUERY = """
SELECT s.lead_id, s.hits, s.counts, s.weights, v.digest, (SELECT revision FROM leads_vocabulary)
  FROM leads_score s JOIN scoring_models_modelversion v ON v.id = s.version_id
 WHERE s.lead_id = ANY (%s)
"""
_DIGESTS = """
SELECT v.id, v.digest, (SELECT revision FROM leads_vocabulary)
  FROM scoring_models_modelversion v WHERE v.id = ANY (%s)
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

    One query, however many leads; the words are read where they have changed. A lead without a score has no
    entry.
    """
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [list(lead_ids)])
        rows = cursor.fetchall()
    said = {(digest, revision): _said(digest, revision, get_language()) for *_, digest, revision in rows}
    return {
        lead_id: _reasons(said[digest, revision], hits, counts or (), weights or ())
        for lead_id, hits, counts, weights, digest, revision in rows
    }


def of_rows(fired: Sequence[Fired]) -> list[Sequence[Reason]]:
    """The same for scores as they were, in their order: of a version that is gone there are none."""
    with connection.cursor() as cursor:
        cursor.execute(_DIGESTS, [[one.version_id for one in fired]])
        said = {
            version_id: _said(digest, revision, get_language())
            for version_id, digest, revision in cursor.fetchall()
        }
    return [_reasons(said.get(one.version_id, ()), one.hits, one.counts, one.weights) for one in fired]


@lru_cache(maxsize=64)
def _said(digest: str, revision: UUID, _language: str) -> Sequence[Said]:
    vocabulary = vocabulary_of(revision)
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
