"""Where a version stands, as people see it: from draft over approved and live to retired, or rejected."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from scoring_models.models import Activation, ModelVersion, ScoringModel, VersionState


@dataclass(frozen=True, slots=True)
class Standing:
    """`label` and `look` (a class of app.css) of a version.

    `since` where it is live; `until` where another is to follow; `starts_at` where it is to go live.
    """

    version: ModelVersion
    label: str
    look: str
    is_live: bool = False
    was_live: bool = False
    since: datetime | None = None
    until: datetime | None = None
    starts_at: datetime | None = None


def standing(version: ModelVersion, *, at: datetime) -> Standing:
    """Where one version stands. One query."""
    return _standing(version, list(version.activations.order_by("starts_at")), at)


def standings(model: ScoringModel, *, at: datetime) -> list[Standing]:
    """Where every version of a model stands, newest first. Two queries."""
    versions = model.versions.select_related("model", "created_by").order_by("-number")
    activations = list(Activation.objects.filter(model=model).order_by("starts_at"))
    return [
        _standing(version, [one for one in activations if one.version_id == version.pk], at)
        for version in versions
    ]


def _standing(version: ModelVersion, activations: Iterable[Activation], at: datetime) -> Standing:
    mine = [one for one in activations if not one.is_called_off]
    begun = [one for one in mine if one.starts_at <= at]
    if running := [one for one in begun if one.ends_at is None or one.ends_at > at]:
        since, until = running[-1].starts_at, running[-1].ends_at
        return Standing(version, _("Live"), "good", is_live=True, was_live=True, since=since, until=until)
    if begun:
        return Standing(version, _("Retired"), "", was_live=True)
    if mine:
        return Standing(version, _("Scheduled"), "waiting", starts_at=mine[0].starts_at)
    return Standing(version, *_labels()[VersionState(version.state)])


def _labels() -> dict[VersionState, tuple[str, str]]:
    return {
        VersionState.DRAFT: (_("Draft"), ""),
        VersionState.IN_REVIEW: (_("Waiting for approval"), "waiting"),
        VersionState.APPROVED: (_("Approved, not live yet"), "waiting"),
        VersionState.REJECTED: (_("Rejected"), "bad"),
    }
