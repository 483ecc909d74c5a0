"""Which version is live, and which were."""

from datetime import datetime

from django.db.models import Q, QuerySet

from scoring_models.models import Activation, ModelVersion, ScoringModel


def live_activation(model: ScoringModel, *, at: datetime) -> Activation | None:
    """The activation that covers `at`, with its version."""
    return _covering(at).filter(model=model).first()


def live_version(model: ScoringModel, *, at: datetime) -> ModelVersion | None:
    """The version of `model` that is live at `at`."""
    activation = live_activation(model, at=at)
    return activation.version if activation else None


def scoring_version(*, at: datetime) -> ModelVersion | None:
    """The version that scores all leads at `at`: the live one of the first model that has one."""
    activation = _covering(at).order_by("model__position").first()
    return activation.version if activation else None


def _covering(at: datetime) -> QuerySet[Activation]:
    return Activation.objects.filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at), starts_at__lte=at
    ).select_related("version__model")
