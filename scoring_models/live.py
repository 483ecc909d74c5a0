"""Which version is live, and which were."""

from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from leadscoring.prepared import prepared_cursor
from scoring_models.models import Activation, ModelVersion, ScoringModel


def live_activation(model: ScoringModel, *, at: datetime) -> Activation | None:
    """The activation that covers `at`, with its version."""
    return _covering(at).filter(model=model).first()


def live_version(model: ScoringModel, *, at: datetime) -> ModelVersion | None:
    """The version of `model` that is live at `at`."""
    activation = live_activation(model, at=at)
    return activation.version if activation else None


def scoring_version(*, at: datetime) -> ModelVersion | None:
    """The version that scores all leads at `at`: the live one of the first model that has one.

    Its names and its digest are loaded; the rest is when somebody asks for it.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_SCORING, {"at": at})
        row = cursor.fetchone()
    if row is None:
        return None
    version_id, model_id, number, digest, name = row
    fields = ("id", "model_id", "number", "digest")  # in the order of the model's own
    version: ModelVersion = ModelVersion.from_db(
        connection.alias, fields, (version_id, model_id, number, digest)
    )
    version.model = ScoringModel.from_db(connection.alias, ("id", "name"), (model_id, name))
    return version


# Every page asks for this, and most of what Django's own query of it takes is building and planning it.
_SCORING = """
SELECT v.id, m.id, v.number, v.digest, m.name
  FROM scoring_models_activation a
  JOIN scoring_models_modelversion v ON v.id = a.version_id
  JOIN scoring_models_scoringmodel m ON m.id = a.model_id
 WHERE a.starts_at <= %(at)s AND (a.ends_at IS NULL OR a.ends_at > %(at)s)
 ORDER BY m.position
 LIMIT 1
"""


def _covering(at: datetime) -> QuerySet[Activation]:
    return Activation.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at
    ).select_related("version__model")
