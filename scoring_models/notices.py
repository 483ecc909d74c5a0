"""Telling people that another version is live, until each has seen it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from leadscoring.people.models import User
from scoring_models.diff import Diff, diff
from scoring_models.evaluation import frozen_spec
from scoring_models.models import Activation, ActivationSeen
from scoring_models.vocabulary import vocabulary_of

TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Notice:
    """Another version is live since then, in place of the one before, and what that changes."""

    activation_id: int
    model: str
    version_id: int
    number: int
    starts_at: datetime
    before_id: int
    diff: Diff


class NewsRow(NamedTuple):
    """A row of `UNSEEN`; all None where there is none, `before_*` where no version was live before."""

    activation_id: int | None
    model: str
    version_id: int
    number: int
    starts_at: datetime
    digest: str
    before_id: int | None
    before_digest: str
    vocabulary: UUID


def told_since(user: User, *, at: datetime) -> datetime:
    """From when on this person is told of activations: for two weeks, and not of those before they came."""
    return max(at - TOLD_FOR, user.date_joined)


def notice(row: NewsRow) -> Notice | None:
    """What there is to tell."""
    if row.activation_id is None or row.before_id is None:
        return None
    changes = diff(frozen_spec(row.before_digest), frozen_spec(row.digest), vocabulary_of(row.vocabulary))
    return Notice(
        row.activation_id, row.model, row.version_id, row.number, row.starts_at, row.before_id, changes
    )


# The newest activation that counts `at` and that this `person` hasn't seen, nor made, with the version that
# it replaced: in the statement that every page asks.
UNSEEN = """
SELECT a.id, m.name, v.id, v.number, a.starts_at, v.digest, b.id, b.digest,
       (SELECT revision FROM leads_vocabulary)
  FROM scoring_models_activation a
  JOIN scoring_models_modelversion v ON v.id = a.version_id
  JOIN scoring_models_scoringmodel m ON m.id = a.model_id
  LEFT JOIN scoring_models_activation ended
         ON ended.model_id = a.model_id AND ended.ends_at = a.starts_at AND ended.starts_at <> ended.ends_at
  LEFT JOIN scoring_models_modelversion b ON b.id = ended.version_id
 WHERE a.starts_at <= %(at)s AND a.starts_at > %(since)s AND (a.ends_at IS NULL OR a.ends_at > %(at)s)
   AND a.activated_by_id <> %(person)s
   AND NOT EXISTS (
       SELECT FROM scoring_models_activationseen s WHERE s.activation_id = a.id AND s.person_id = %(person)s
   )
 ORDER BY a.starts_at DESC, ended.id LIMIT 1"""


def dismiss(*, activation: Activation, actor: User, at: datetime) -> None:
    """Note that this person has seen it. Doing it twice is doing it once."""
    ActivationSeen.objects.get_or_create(activation=activation, person=actor, defaults={"at": at})
