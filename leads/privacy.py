"""An objection to profiling: the lead is out of scoring and of the queue at once, until it is withdrawn.

No pass scores it (`scoring_models.engine.subjects`), imports leave it as it is, and it has no score row. A
pass that was under way may still write one: a worker takes it away within seconds.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from leads import access
from leads.models import Activity, Claim, Lead, Score
from leads.scorer import scorer
from leads.stale import mark_stale
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

MAY = (Role.REP, Role.MANAGER, Role.ADMIN)


@transaction.atomic
def object_to_profiling(*, lead_id: int, actor: User, at: datetime) -> Activity:
    """Note that a person objects to being scored. For reps, managers and admins who see the lead.

    Raises DomainError: `lead.not_found`, `privacy.not_yours`, `privacy.objected`.
    """
    lead = _lock(lead_id, actor)
    if lead.objected_at is not None:
        raise DomainError("privacy.objected", _("This person has objected already."))
    _set(lead, at)
    Score.objects.filter(lead=lead).delete()
    Claim.objects.filter(lead=lead).delete()
    record(action="lead.objected", target=lead, actor=actor, at=at)
    return Activity.objects.create(lead=lead, actor=actor, verb=Activity.Verb.OBJECTED, at=at)


@transaction.atomic
def withdraw_objection(*, lead_id: int, actor: User, at: datetime) -> Activity:
    """Note that a person agrees to being scored again.

    Raises DomainError: `lead.not_found`, `privacy.not_yours`, `privacy.not_objected`.
    """
    lead = _lock(lead_id, actor)
    if lead.objected_at is None:
        raise DomainError("privacy.not_objected", _("This person hasn't objected."))
    before = {"objected_at": lead.objected_at.isoformat()}
    _end(lead)
    record(action="lead.objection_withdrawn", target=lead, actor=actor, at=at)
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.OBJECTION_WITHDRAWN, at=at, before=before
    )


def undo_objection(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Have the lead scored again. Raises DomainError `activity.over`."""
    if lead.objected_at != activity.at:
        raise DomainError("activity.over", _("The objection was withdrawn since."))
    _end(lead)


def undo_withdrawal(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Let the objection stand again. Raises DomainError `activity.over`."""
    if lead.objected_at is not None:
        raise DomainError("activity.over", _("This person has objected anew."))
    _set(lead, datetime.fromisoformat(activity.before["objected_at"]))
    Score.objects.filter(lead=lead).delete()


def _lock(lead_id: int, actor: User) -> Lead:
    lead = access.lock_to_see(actor, lead_id)
    if not actor.has_role(*MAY):
        raise DomainError("privacy.not_yours", _("Reps, managers and admins note objections."))
    return lead


def _end(lead: Lead) -> None:
    _set(lead, None)
    mark_stale([lead.pk])
    scorer().nudge()


def _set(lead: Lead, at: datetime | None) -> None:
    lead.objected_at = at
    lead.save(update_fields=("objected_at",))
