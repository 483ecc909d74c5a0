"""Versions that nobody else changes until the transaction ends."""

from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from scoring_models.models import ModelVersion, ScoringModel


def locked(version: ModelVersion) -> ModelVersion:
    """The version as it is now, locked. Raises DomainError `version.not_found` where it was discarded."""
    versions = ModelVersion.objects.select_for_update(of=("self",)).select_related("model")
    found = versions.filter(pk=version.pk).first()
    if found is None:
        raise DomainError("version.not_found", _("There is no such version."))
    return found


def locked_with_model(version: ModelVersion) -> ModelVersion:
    """The version, with its model locked first."""
    ScoringModel.objects.select_for_update().get(pk=version.model_id)
    return locked(version)
