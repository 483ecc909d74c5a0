"""Models and versions by their ids, with what is shown of them."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from leadscoring.api.etags import etag_of
from leadscoring.errors import DomainError
from scoring_models.activation import planned
from scoring_models.live import live_activation
from scoring_models.models import Activation, ModelVersion, ScoringModel
from scoring_models.standing import Standing, standing
from scoring_models.upkeep import Freshness, upkeep


@dataclass(frozen=True, slots=True)
class ShownModel:
    model: ScoringModel
    live: Activation | None
    planned: Activation | None
    freshness: Freshness | None


@dataclass(frozen=True, slots=True)
class ShownVersion:
    version: ModelVersion
    standing: Standing

    @property
    def state(self) -> str:
        """Where it stands: its own state until it is to go live or was."""
        if self.standing.is_live:
            return "live"
        if self.standing.was_live:
            return "retired"
        return "scheduled" if self.standing.starts_at else str(self.version.state)


def find_model(model_id: int) -> ScoringModel:
    """Raises DomainError `model.not_found`."""
    found = ScoringModel.objects.select_related("owner").filter(pk=model_id).first()
    if found is None:
        raise DomainError("model.not_found", _("There is no such model."))
    return found


def find_version(version_id: int) -> ModelVersion:
    """Raises DomainError `version.not_found`."""
    versions = ModelVersion.objects.select_related("model", "created_by", "submitted_by", "based_on")
    found = versions.filter(pk=version_id).first()
    if found is None:
        raise DomainError("version.not_found", _("There is no such version."))
    return found


def shown_model(model: ScoringModel, *, at: datetime) -> ShownModel:
    found = upkeep(model, at=at)
    return ShownModel(
        model, live_activation(model, at=at), planned(model, at=at), found.freshness if found else None
    )


def shown_version(version: ModelVersion, *, at: datetime) -> ShownVersion:
    return ShownVersion(version, standing(version, at=at))


def version_tag(one: ShownVersion) -> str:
    """The ETag of a version: of where it stands, which is what a plan changes."""
    version, plan = one.version, one.standing.starts_at
    return etag_of([version.pk, version.digest, one.state, plan.isoformat() if plan else None])
