"""Putting versions in and out of use: the dated rows, and what happens when one begins.

Everything here runs in a verb's transaction that holds the lock on the model (`locks.locked_with_model`), so
the activations of a model come one after another.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from leads import orphaned_overrides
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, User
from scoring_models import rescoring
from scoring_models.announcing import announce
from scoring_models.coverage import refuse_uncovered
from scoring_models.live import live_activation
from scoring_models.models import Activation, ModelVersion, RescoreRun, ScoringModel, VersionState
from scoring_models.spec_text import thaw


def was_live(version: ModelVersion, *, at: datetime) -> bool:
    """Whether it is or was live: plans that are ahead of `at` or were called off don't count."""
    kept = version.activations.filter(Q(ends_at=None) | Q(ends_at__gt=F("starts_at")))
    return kept.filter(Q(scheduled_at=None) | Q(starts_at__lte=at)).exists()


def refuse_plan(plan: Activation | None) -> None:
    """Raises DomainError("is_planned") where there is a plan."""
    if plan:
        raise DomainError(
            "is_planned",
            _("Version %(number)d is scheduled already. Call that off first.")
            % {"number": plan.version.number},
        )


def planned(model: ScoringModel, *, at: datetime) -> Activation | None:
    """The activation that begins after `at` because somebody planned it so."""
    ahead = model.activations.filter(ends_at=None, starts_at__gt=at).exclude(scheduled_at=None)
    return ahead.select_related("version", "activated_by").first()


def running(model: ScoringModel, *, at: datetime) -> Activation | None:
    """The activation that covers `at`. Raises DomainError("overtaken") where one was put live after `at`."""
    if model.activations.filter(starts_at__gt=at, scheduled_at=None).exists():
        raise DomainError("overtaken", _("Another version went live a moment ago. Look again."))
    return live_activation(model, at=at)


def refuse_unready(version: ModelVersion, *, at: datetime) -> None:
    """What keeps a version from going live for the first time: DomainError `not_approved` or `was_live`."""
    if version.state != VersionState.APPROVED:
        raise DomainError("not_approved", _("Only an approved version can be put live."))
    if was_live(version, at=at):
        if version.activations.filter(Q(ends_at=None) | Q(ends_at__gt=at)).exists():
            raise DomainError("was_live", _("This version is live already."))
        raise DomainError("was_live", _("This version has been live before. Go back to it instead."))


def refuse_stale(version: ModelVersion, live: ModelVersion | None) -> None:
    """Raises DomainError("stale") where another version went live since the draft was cut."""
    if live and live.pk != version.based_on_id:
        raise DomainError(
            "stale",
            _("Version %(live)d went live since this draft was cut. Bring its changes onto version %(live)d.")
            % {"live": live.number},
        )


def replace_running(
    version: ModelVersion,
    live: Activation | None,
    *,
    actor: User,
    at: datetime,
    action: str,
    set_up_exception: bool = False,
) -> RescoreRun:
    """End `live` at `at`, put the version live from then on, and begin to score all leads with it.

    Raises DomainError("last_audience") where the last model would then score only some leads.
    """
    if live:
        live.ends_at = at
        live.save(update_fields=["ends_at"])
    Activation.objects.create(
        model=version.model,
        version=version,
        starts_at=at,
        activated_by=actor,
        set_up_exception=set_up_exception,
    )
    refuse_uncovered(at=at)
    own(version.model, actor)
    ended = end_overrides(live.version if live else None, version, actor=actor, at=at)
    note(action, version, actor=actor, at=at, instead_of=live and live.version_id, ended_overrides=ended)
    announce(version, instead_of=live.version if live else None, actor=actor, since=at, at=at)
    return rescoring.start_run(version=version, actor=actor, at=at)


def own(model: ScoringModel, actor: User) -> None:
    """Who first puts a version of a model live owns the model, until somebody else is named."""
    if model.owner_id is None and actor.email != SYSTEM_EMAIL:
        model.owner = actor
        model.save(update_fields=["owner"])


def end_overrides(before: ModelVersion | None, now: ModelVersion, *, actor: User, at: datetime) -> int:
    """End the overrides that set a band which the model's leads can't have any more; how many there were."""
    return orphaned_overrides.end_of_missing_bands(
        bands={band.key for band in thaw(now.frozen).bands},
        names={band.key: band.name for band in thaw(before.frozen).bands} if before else {},
        scored_by=list(now.model.versions.values_list("pk", flat=True)),
        actor=actor,
        at=at,
    )


def replaced_by(activation: Activation) -> Activation | None:
    """The activation that ends where this one starts."""
    before = Activation.objects.filter(model=activation.model_id, ends_at=activation.starts_at)
    return before.exclude(starts_at=F("ends_at")).select_related("version").first()


def call_off(activation: Activation) -> None:
    """Let a planned activation never begin, and what it would have ended go on.

    Raises DomainError("has_begun") where the database's clock is past its beginning.
    """
    before = replaced_by(activation)
    activation.ends_at = activation.starts_at
    try:
        with transaction.atomic():
            activation.save(update_fields=["ends_at"])
    except IntegrityError:
        raise DomainError("has_begun", _("It went live a moment ago. Load the page again.")) from None
    if before:
        before.ends_at = None
        before.save(update_fields=["ends_at"])


def note(action: str, version: ModelVersion, *, actor: User, at: datetime, **data: object) -> None:
    """An audit entry about a version."""
    told = {"number": version.number, "digest": version.digest, **data}
    record(action=action, target=version, actor=actor, at=at, **told)
