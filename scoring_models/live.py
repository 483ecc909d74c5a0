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


def live_versions(*, at: datetime) -> list[ModelVersion]:
    """The versions that are live at `at`, in the order in which their models are asked.

    Their names and digests are loaded; the rest is when somebody asks for it. Which of them scores a lead is
    said by `turns`.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_LIVE_VERSIONS, {"at": at})
        return [_version(*row) for row in cursor.fetchall()]


def general_version(*, at: datetime) -> ModelVersion | None:
    """The live version of the last model, which scores whoever no other does."""
    return next(reversed(live_versions(at=at)), None)


def live_before(model: ScoringModel, *, at: datetime) -> list[ModelVersion]:
    """The live versions whose models are asked before this one, in their order."""
    return _live_beside(model, "<", at)


def live_after(model: ScoringModel, *, at: datetime) -> list[ModelVersion]:
    """The live versions whose models are asked after this one, in their order."""
    return _live_beside(model, ">", at)


def _live_beside(model: ScoringModel, side: str, at: datetime) -> list[ModelVersion]:
    own = f"(SELECT {_PLACE} FROM scoring_models_scoringmodel m WHERE m.id = %(model)s)"
    with prepared_cursor() as cursor:
        statement = f"{_VERSIONS} AND {_PLACE} {side} {own} ORDER BY {_PLACE}"
        cursor.execute(statement, {"at": at, "model": model.pk})
        return [_version(*row) for row in cursor.fetchall()]


def _version(version_id: int, model_id: int, number: int, digest: str, name: str) -> ModelVersion:
    fields = ("id", "model_id", "number", "digest")  # in the order of the model's own
    values = (version_id, model_id, number, digest)
    version: ModelVersion = ModelVersion.from_db(connection.alias, fields, values)
    version.model = ScoringModel.from_db(connection.alias, ("id", "name"), (model_id, name))
    return version


# The place of a model (m) in the order that held at a moment, which {at} is SQL of. A model that came after
# that has a place among those of today; nothing of it was live then.
PLACE = (
    "COALESCE(array_position((SELECT o.before FROM scoring_models_arrangement o WHERE o.at > {at}"
    " ORDER BY o.at LIMIT 1), m.id), m.position)"
)
# The live versions (v) with their models (m); {at} is SQL of a moment.
LIVE = """
  FROM scoring_models_activation a
  JOIN scoring_models_modelversion v ON v.id = a.version_id
  JOIN scoring_models_scoringmodel m ON m.id = a.model_id
 WHERE a.starts_at <= {at} AND (a.ends_at IS NULL OR a.ends_at > {at})
"""
_PLACE = PLACE.format(at="%(at)s")
_VERSIONS = f"SELECT v.id, m.id, v.number, v.digest, m.name {LIVE.format(at='%(at)s')}"
# Pages ask for this, and most of what Django's own query of it takes is building and planning it.
_LIVE_VERSIONS = f"{_VERSIONS} ORDER BY {_PLACE}"


def _covering(at: datetime) -> QuerySet[Activation]:
    return Activation.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at
    ).select_related("version__model")
