"""What happens to a version: sent for approval, approved or returned, put live, gone back to.

Every verb locks what it decides on, so that of two people at once exactly one wins and the other is told. The
database keeps the same rules by itself (migration 0002).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from leads import overrides
from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import drafts, rescoring
from scoring_models.engine.compile import Subjects
from scoring_models.evaluation import compiled
from scoring_models.live import scoring_version
from scoring_models.models import Activation, ModelVersion, RescoreRun, Review, ScoringModel, VersionState
from scoring_models.permissions import Step, require
from scoring_models.spec import Spec
from scoring_models.spec_text import canonical, digest, spec_of, thaw


def submit(*, version: ModelVersion, actor: User, at: datetime) -> ModelVersion:
    """Freeze a draft and let it wait for approval. Whoever sends it counts as an editor of it.

    Raises DomainError: `not_a_draft`, `no_rule`, `cannot_compute`, or InvalidVersion for rows that can't be
    read.
    """
    require(actor, Step.SUBMIT)
    with acting(actor):
        locked = _locked(version)
        if locked.state != VersionState.DRAFT:
            raise DomainError("not_a_draft", _("This version isn't a draft any more. Load the page again."))
        _freeze(locked, actor=actor, at=at)
        _record("version.submitted", locked, actor=actor, at=at)
    return locked


def withdraw(*, version: ModelVersion, actor: User, at: datetime) -> ModelVersion:
    """Make a draft again of what waits for approval. Raises DomainError("not_in_review")."""
    require(actor, Step.SUBMIT)
    with acting(actor):
        locked = _locked_in_review(version)
        _thaw(locked)
        _record("version.withdrawn", locked, actor=actor, at=at)
    return locked


def approve(
    *, version: ModelVersion, digest: str, actor: User, at: datetime, comment: str = ""
) -> ModelVersion:
    """Approve what waits, as the reviewer saw it. Nobody approves what they edited, whatever their roles.

    Raises DomainError: `not_in_review`, `edited_it`, `changed_since`.
    """
    return _decide(Review.Decision.APPROVE, version, digest, actor=actor, at=at, comment=comment)


def return_to_draft(
    *, version: ModelVersion, digest: str, actor: User, at: datetime, comment: str
) -> ModelVersion:
    """Send what waits back to its authors, with a comment that says why.

    Raises DomainError: `no_comment`, and as `approve` does.
    """
    if not comment.strip():
        raise DomainError("no_comment", _("Say what should change, so that the authors know."))
    return _decide(Review.Decision.RETURN, version, digest, actor=actor, at=at, comment=comment)


def activate(*, version: ModelVersion, actor: User, at: datetime) -> RescoreRun:
    """Put an approved version live for the first time, and begin to score all leads with it.

    Overrides that set a band which it doesn't have end in the same step.

    Raises DomainError: `not_approved`, `was_live`, and `stale` where another version went live since the
    draft was cut.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        locked = _locked_with_model(version)
        if locked.state != VersionState.APPROVED:
            raise DomainError("not_approved", _("Only an approved version can be put live."))
        if locked.activations.exists():
            raise DomainError("was_live", _("This version has been live before. Go back to it instead."))
        live = _running(locked.model, at=at)
        _refuse_stale(locked, live)
        return _go_live(locked, live, actor=actor, at=at, action="version.activated")


def go_back(*, version: ModelVersion, actor: User, at: datetime) -> RescoreRun:
    """Put a version live again that was live before, in one step. Overrides end as they do in `activate`.

    Raises DomainError: `never_live`, `is_live`.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        locked = _locked_with_model(version)
        if not locked.activations.exists():
            raise DomainError("never_live", _("This version was never live. Have it approved instead."))
        live = _running(locked.model, at=at)
        if live and live.version_id == locked.pk:
            raise DomainError("is_live", _("This version is live already."))
        return _go_live(locked, live, actor=actor, at=at, action="version.gone_back_to")


def set_up(*, spec: Spec, actor: User, at: datetime) -> RescoreRun:
    """Put the first version of a model live without approval: recorded as the set-up exception.

    Raises DomainError("had_one") where the model has been live before.
    """
    with acting(actor):
        version = drafts.create(spec=spec, actor=actor, at=at)
        locked = _locked_with_model(version)
        if locked.model.activations.exists():
            raise DomainError(
                "had_one",
                _("Only the first version of a model may go live unapproved. Make a draft instead."),
            )
        _freeze(locked, actor=actor, at=at)
        locked.state = VersionState.APPROVED
        locked.save(update_fields=["state"])
        return _go_live(locked, None, actor=actor, at=at, action="version.set_up", set_up_exception=True)


def _decide(
    decision: Review.Decision, version: ModelVersion, seen: str, *, actor: User, at: datetime, comment: str
) -> ModelVersion:
    require(actor, Step.REVIEW)
    with acting(actor):
        locked = _locked_in_review(version)
        if locked.editors.filter(user=actor).exists():
            raise DomainError("edited_it", _("You edited this version, so somebody else reviews it."))
        if locked.digest != seen:
            raise DomainError("changed_since", _("This version changed since you opened it. Look again."))
        Review.objects.create(
            version=locked, decision=decision, digest=seen, reviewer=actor, at=at, comment=comment.strip()
        )
        if decision == Review.Decision.APPROVE:
            locked.state = VersionState.APPROVED
            locked.save(update_fields=["state"])
        else:
            _thaw(locked)
        _record(f"version.{decision.label}", locked, actor=actor, at=at, reviewed=seen)
    return locked


def _freeze(version: ModelVersion, *, actor: User, at: datetime) -> None:
    spec = spec_of(version)
    if not spec.enabled_rules:
        raise DomainError("no_rule", _("A version needs at least one rule that is turned on."))
    compiled(spec, Subjects.IDS)  # what nothing here can compute never goes live
    version.frozen = canonical(spec)
    version.digest = digest(version.frozen)
    version.state = VersionState.IN_REVIEW
    version.submitted_by, version.submitted_at = actor, at
    version.save(update_fields=["frozen", "digest", "state", "submitted_by", "submitted_at"])


def _thaw(version: ModelVersion) -> None:
    version.frozen = version.digest = ""
    version.state = VersionState.DRAFT
    version.save(update_fields=["frozen", "digest", "state"])


def _running(model: ScoringModel, *, at: datetime) -> Activation | None:
    """The activation that has not ended. Raises DomainError("overtaken") where it began after `at`."""
    running = model.activations.filter(ends_at=None).select_related("version").first()
    if running and running.starts_at > at:
        raise DomainError("overtaken", _("Another version went live a moment ago. Look again."))
    return running


def _refuse_stale(version: ModelVersion, live: Activation | None) -> None:
    if live and live.version_id != version.based_on_id:
        raise DomainError(
            "stale",
            _(
                "Version %(live)d went live since this draft was cut. "
                "Start a draft from version %(live)d and make the changes there."
            )
            % {"live": live.version.number},
        )


def _go_live(
    version: ModelVersion,
    live: Activation | None,
    *,
    actor: User,
    at: datetime,
    action: str,
    set_up_exception: bool = False,
) -> RescoreRun:
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
    ended = _end_overrides(live, actor=actor, at=at)
    _record(
        action,
        version,
        actor=actor,
        at=at,
        instead_of=live.version_id if live else None,
        ended_overrides=ended,
    )
    return rescoring.start_run(version=version, actor=actor, at=at)


def _end_overrides(before: Activation | None, *, actor: User, at: datetime) -> int:
    """End the overrides that set a band which leads can't have any more; how many there were."""
    now = scoring_version(at=at)
    if now is None:
        return 0
    return overrides.end_overrides_of_missing_bands(
        bands={band.key for band in thaw(now.frozen).bands},
        names={band.key: band.name for band in thaw(before.version.frozen).bands} if before else {},
        actor=actor,
        at=at,
    )


def _locked(version: ModelVersion) -> ModelVersion:
    return ModelVersion.objects.select_for_update(of=("self",)).select_related("model").get(pk=version.pk)


def _locked_in_review(version: ModelVersion) -> ModelVersion:
    locked = _locked(version)
    if locked.state != VersionState.IN_REVIEW:
        raise DomainError("not_in_review", _("This version doesn't wait for approval any more."))
    return locked


def _locked_with_model(version: ModelVersion) -> ModelVersion:
    """The version, with its model locked first: activations of one model come one after another."""
    ScoringModel.objects.select_for_update().get(pk=version.model_id)
    return _locked(version)


def _record(action: str, version: ModelVersion, *, actor: User, at: datetime, **data: object) -> None:
    record(
        action=action,
        target=version,
        actor=actor,
        at=at,
        number=version.number,
        digest=version.digest,
        **data,
    )
