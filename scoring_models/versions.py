"""What happens to a version: sent for approval, approved or returned, put live, gone back to.

Every verb locks what it decides on, so that of two people at once exactly one wins and the other is told. The
database keeps the same rules by itself (migration 0002).
"""

from datetime import datetime

from django.utils.translation import gettext as _

from leadscoring.actors import acting
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import drafts, golden
from scoring_models.activation import (
    call_off,
    note,
    planned,
    refuse_plan,
    refuse_stale,
    refuse_unready,
    replace_running,
    running,
    was_live,
)
from scoring_models.coverage import refuse_as_last
from scoring_models.engine.subjects import Subjects
from scoring_models.evaluation import compiled
from scoring_models.evidence_pack import packs
from scoring_models.live import live_version
from scoring_models.locks import locked, locked_with_model
from scoring_models.models import ModelVersion, RescoreRun, Review, VersionState
from scoring_models.permissions import Step, require
from scoring_models.review_notices import review_waits
from scoring_models.spec import Spec
from scoring_models.spec_text import canonical, digest, spec_of


def submit(*, version: ModelVersion, actor: User, at: datetime) -> ModelVersion:
    """Freeze a draft and let it wait for approval. Whoever sends it counts as an editor of it.

    Raises DomainError: `not_a_draft`, `no_rule`, `cannot_compute`, `stale` where another version went live
    since the draft was cut, `last_audience` where it has an audience and would be the last model, or
    InvalidVersion for rows that can't be read.
    """
    require(actor, Step.SUBMIT)
    with acting(actor):
        version = locked(version)
        if version.state != VersionState.DRAFT:
            raise DomainError("not_a_draft", _("This version isn't a draft any more. Load the page again."))
        refuse_stale(version, live_version(version.model, at=at))
        _freeze(version, actor=actor, at=at)
        refuse_as_last(version, at=at)
        packs.ask(version=version, actor=actor, at=at)
        note("version.submitted", version, actor=actor, at=at)
        review_waits(version, actor=actor, at=at)
    return version


def withdraw(*, version: ModelVersion, actor: User, at: datetime) -> ModelVersion:
    """Make a draft again of what waits for approval. Raises DomainError("not_in_review")."""
    require(actor, Step.SUBMIT)
    with acting(actor):
        version = _locked_in_review(version)
        _thaw(version)
        note("version.withdrawn", version, actor=actor, at=at)
    return version


def approve(
    *, version: ModelVersion, digest: str, evidence: str, actor: User, at: datetime, comment: str = ""
) -> ModelVersion:
    """Approve what waits, as the reviewer saw it: `digest` of the version, `evidence` of its evidence pack.

    Nobody approves what they edited, whatever their roles. Raises DomainError: `not_in_review`, `edited_it`,
    `changed_since`, `no_evidence`, and `golden_red` where the version gets a golden lead wrong.
    """
    return _decide(
        Review.Decision.APPROVE, version, digest, actor=actor, at=at, comment=comment, evidence=evidence
    )


def return_to_draft(
    *, version: ModelVersion, digest: str, actor: User, at: datetime, comment: str
) -> ModelVersion:
    """Send what waits back to its authors, with a comment that says why.

    Raises DomainError: `no_comment`, and as `approve` does.
    """
    if not comment.strip():
        raise DomainError("no_comment", _("Say what should change, so that the authors know."))
    return _decide(Review.Decision.RETURN, version, digest, actor=actor, at=at, comment=comment)


def reject(*, version: ModelVersion, digest: str, actor: User, at: datetime, comment: str) -> ModelVersion:
    """Decide that what waits never goes live, with a comment that says why. A new draft can start from it.

    Raises DomainError: `no_comment`, and as `approve` does.
    """
    if not comment.strip():
        raise DomainError("no_comment", _("Say why you reject it, so that the authors know."))
    return _decide(Review.Decision.REJECT, version, digest, actor=actor, at=at, comment=comment)


def activate(*, version: ModelVersion, actor: User, at: datetime) -> RescoreRun:
    """Put an approved version live for the first time, and begin to score all leads with it.

    Overrides that set a band which it doesn't have end in the same step. If it was planned for later, it goes
    live now instead.

    Raises DomainError: `not_approved`, `was_live`, `stale` where another version went live since the draft
    was cut, `is_planned` where another version is to go live later, and `last_audience` where the last model
    would then score only some leads.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        version = locked_with_model(version)
        refuse_unready(version, at=at)
        live = running(version.model, at=at)
        refuse_stale(version, live.version if live else None)
        plan = planned(version.model, at=at)
        if plan and plan.version_id == version.pk:
            call_off(plan)
        else:
            refuse_plan(plan)
        return replace_running(version, live, actor=actor, at=at, action="version.activated")


def go_back(*, version: ModelVersion, actor: User, at: datetime) -> RescoreRun:
    """Put a version live again that was live before, in one step. Overrides end as they do in `activate`.

    A version that is to go live later is called off: it was approved to follow what is live no more.

    Raises DomainError: `never_live`, `is_live`, `last_audience`.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        version = locked_with_model(version)
        if not was_live(version, at=at):
            raise DomainError("never_live", _("This version was never live. Have it approved instead."))
        live = running(version.model, at=at)
        if live and live.version_id == version.pk:
            raise DomainError("is_live", _("This version is live already."))
        if plan := planned(version.model, at=at):
            call_off(plan)
            note("version.schedule_cancelled", plan.version, actor=actor, at=at)
        return replace_running(version, live, actor=actor, at=at, action="version.gone_back_to")


def set_up(*, spec: Spec, actor: User, at: datetime) -> RescoreRun:
    """Put the first version of a model live without approval: recorded as the set-up exception.

    Raises DomainError: `had_one` where the model has been live before, `last_audience` where it has an
    audience and no live model follows it.
    """
    with acting(actor):
        version = locked_with_model(drafts.create(spec=spec, actor=actor, at=at))
        if version.model.activations.exists():
            raise DomainError(
                "had_one",
                _("Only the first version of a model may go live unapproved. Make a draft instead."),
            )
        _freeze(version, actor=actor, at=at)
        version.state = VersionState.APPROVED
        version.save(update_fields=["state"])
        return replace_running(
            version, None, actor=actor, at=at, action="version.set_up", set_up_exception=True
        )


STATE_AFTER = {
    Review.Decision.APPROVE: VersionState.APPROVED,
    Review.Decision.REJECT: VersionState.REJECTED,
}


def _decide(
    decision: Review.Decision,
    version: ModelVersion,
    seen: str,
    *,
    actor: User,
    at: datetime,
    comment: str,
    evidence: str = "",
) -> ModelVersion:
    require(actor, Step.REVIEW)
    with acting(actor):
        version = _locked_in_review(version)
        if version.editors.filter(user=actor).exists():
            raise DomainError("edited_it", _("You edited this version, so somebody else reviews it."))
        if version.digest != seen:
            raise DomainError("changed_since", _("This version changed since you opened it. Look again."))
        if decision == Review.Decision.APPROVE:
            packs.check_seen(version, evidence)
            golden.refuse_red(spec_of(version), as_of=at)
        Review.objects.create(
            version=version,
            decision=decision,
            digest=seen,
            evidence=evidence,
            reviewer=actor,
            at=at,
            comment=comment.strip(),
        )
        if decision in STATE_AFTER:
            version.state = STATE_AFTER[decision]
            version.save(update_fields=["state"])
        else:
            _thaw(version)
        note(f"version.{decision.label}", version, actor=actor, at=at, reviewed=seen, evidence=evidence)
    return version


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


def _locked_in_review(version: ModelVersion) -> ModelVersion:
    found = locked(version)
    if found.state != VersionState.IN_REVIEW:
        raise DomainError("not_in_review", _("This version doesn't wait for approval any more."))
    return found
