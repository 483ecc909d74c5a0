"""Telling people that another version is live, until each has seen it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor
from scoring_models.activation import replaced_by
from scoring_models.diff import Diff, diff
from scoring_models.evaluation import frozen_spec
from scoring_models.models import Activation, ActivationSeen, ModelVersion
from scoring_models.vocabulary import current_vocabulary

TOLD_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Notice:
    """Another version is live, and what that changes."""

    activation: Activation
    before: ModelVersion
    diff: Diff


def unseen(user: User, *, at: datetime) -> Notice | None:
    """The newest activation of the last two weeks that this person hasn't seen, nor made, nor come after."""
    since = max(at - TOLD_FOR, user.date_joined)
    with prepared_cursor() as cursor:
        cursor.execute(_UNSEEN, {"at": at, "since": since, "person": user.pk})
        row = cursor.fetchone()
    activation = Activation.objects.select_related("version__model").get(pk=row[0]) if row else None
    before = replaced_by(activation) if activation else None
    if activation is None or before is None:
        return None
    old, new = frozen_spec(before.version.digest), frozen_spec(activation.version.digest)
    return Notice(activation, before.version, diff(old, new, current_vocabulary()))


# Every page asks for this; see `live.live_versions`.
_UNSEEN = """
SELECT a.id
  FROM scoring_models_activation a
 WHERE a.starts_at <= %(at)s AND a.starts_at > %(since)s AND (a.ends_at IS NULL OR a.ends_at > %(at)s)
   AND a.activated_by_id <> %(person)s
   AND NOT EXISTS (
       SELECT FROM scoring_models_activationseen s WHERE s.activation_id = a.id AND s.person_id = %(person)s
   )
 ORDER BY a.starts_at DESC
 LIMIT 1
"""


def dismiss(*, activation: Activation, actor: User, at: datetime) -> None:
    """Note that this person has seen it. Doing it twice is doing it once."""
    ActivationSeen.objects.get_or_create(activation=activation, person=actor, defaults={"at": at})
