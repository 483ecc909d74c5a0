"""The handoff from marketing to sales: a lead that reaches a band that sales works is accepted or returned.

It waits for that until its owner, or whoever claimed it, says one or the other. A returned lead is out of the
sales queue until it reaches a higher band than it was returned from, when it waits anew, or until marketing
hands it over again. An accepted one stays accepted until somebody returns it.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from leads import access, overrides
from leads.effective import Effective, effective
from leads.models import Activity, Claim, Handoff, Lead, ReturnReason, Score
from leads.queue import claims
from leads.scorer import scorer
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

SALES = "sales"
MOST_SHOWN = 50


def last_of(lead: Lead) -> Handoff | None:
    """What was said last, undone things left out."""
    standing = Handoff.objects.filter(lead=lead, undone_at=None).select_related("by")
    return standing.order_by("-at", "-pk").first()


def waits(lead: Lead, counted: Effective, last: Handoff | None) -> bool:
    """Whether a lead that counts for so much, and of which that was said last, waits for one or the other."""
    if not lead.is_open or counted.band.worked_by != SALES:
        return False
    if lead.returned_rank is not None:
        return counted.band.rank > lead.returned_rank
    return last is None or not last.accepted


def may_decide(user: User, lead: Lead, held: Claim | None) -> bool:
    """Whether this person accepts or returns the lead: its owner, who holds it, or a manager of its team."""
    mine = lead.owner_id == user.pk if held is None else held.user_id == user.pk
    return access.works_leads(user) and (mine or access.manages(user, lead))


def returned(user: User) -> Sequence[Handoff]:
    """The returned leads that marketing has, the latest first, up to `MOST_SHOWN`. For marketing and admins.

    Raises DomainError `nurture.not_yours`.
    """
    if not access.sees_all(user):
        raise DomainError("nurture.not_yours", _("This list is marketing's."))
    kept = Handoff.objects.filter(
        accepted=False,
        undone_at=None,
        lead__is_open=True,
        lead__returned_rank=F("rank"),
        lead__score__band__lte=F("lead__returned_rank"),
    ).select_related("lead__account", "by")
    newest: dict[int, Handoff] = {}
    for handoff in kept.order_by("-at", "-pk")[: 2 * MOST_SHOWN]:
        newest.setdefault(handoff.lead_id, handoff)
    return list(newest.values())[:MOST_SHOWN]


@transaction.atomic
def accept(*, lead_id: int, actor: User, at: datetime, note: str = "") -> Activity:
    """Take a lead over from marketing.

    Raises DomainError: `lead.not_found`, `handoff.not_yours`, `lead.closed`, `handoff.not_waiting`.
    """
    lead, counted, version_id = _lock_to_decide(lead_id, actor, at)
    if not waits(lead, counted, last_of(lead)):
        raise DomainError("handoff.not_waiting", _("This lead doesn't wait to be accepted."))
    made = _keep(lead, counted, version_id, actor=actor, at=at, accepted=True, note=note)
    before = {"returned_rank": lead.returned_rank}
    _set_returned(lead, None)
    record(action="lead.accepted", target=lead, actor=actor, at=at, band=made.band)
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.ACCEPTED, at=at, note=note, handoff=made, before=before
    )


@transaction.atomic
def send_back(*, lead_id: int, reason: ReturnReason, actor: User, at: datetime, note: str = "") -> Activity:
    """Return a lead to marketing, accepted before or not; a claim of the actor's ends.

    Raises DomainError: `lead.not_found`, `handoff.not_yours`, `lead.closed`, `handoff.not_sales`,
    `handoff.returned`.
    """
    lead, counted, version_id = _lock_to_decide(lead_id, actor, at)
    if counted.band.worked_by != SALES:
        raise DomainError("handoff.not_sales", _("Marketing has this lead already."))
    if lead.returned_rank is not None and counted.band.rank <= lead.returned_rank:
        raise DomainError("handoff.returned", _("This lead has been returned already."))
    made = _keep(lead, counted, version_id, actor=actor, at=at, accepted=False, reason=reason, note=note)
    before = {"returned_rank": lead.returned_rank} | claims.give_back(lead, actor, at=at)
    _set_returned(lead, counted.band.rank)
    record(action="lead.returned", target=lead, actor=actor, at=at, band=made.band, reason=reason)
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.RETURNED, at=at, note=note, handoff=made, before=before
    )


@transaction.atomic
def hand_over(*, lead_id: int, actor: User, at: datetime) -> Activity:
    """Give a returned lead to sales once more: it waits to be accepted anew. For marketing and admins.

    Raises DomainError: `lead.not_found`, `handoff.not_yours`, `handoff.not_returned`.
    """
    lead = access.lock_to_see(actor, lead_id)
    if not actor.has_role(Role.MARKETING, Role.ADMIN):
        raise DomainError("handoff.not_yours", _("Handing leads over is for marketing."))
    if lead.returned_rank is None:
        raise DomainError("handoff.not_returned", _("This lead isn't returned."))
    before = {"returned_rank": lead.returned_rank}
    _set_returned(lead, None)
    record(action="lead.handed_over", target=lead, actor=actor, at=at)
    return Activity.objects.create(
        lead=lead, actor=actor, verb=Activity.Verb.HANDED_OVER, at=at, before=before
    )


def undo_handoff(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Take back that a lead was accepted or returned. Raises DomainError: `activity.over`, `claim.held`."""
    made, last = activity.handoff, last_of(lead)
    now = None if made is None or made.accepted else made.rank
    if made is None or last != made or lead.returned_rank != now:
        raise DomainError("activity.over", _("Something else was said about this lead since."))
    made.undone_at = at
    made.save(update_fields=("undone_at",))
    _set_returned(lead, activity.before["returned_rank"])
    claims.put_back(lead, activity.before, actor=actor, at=at)


def undo_hand_over(activity: Activity, lead: Lead, actor: User, at: datetime) -> None:
    """Let a lead be returned again. Raises DomainError `activity.over`."""
    said_since = Handoff.objects.filter(lead=lead, at__gt=activity.at, undone_at=None).exists()
    if lead.returned_rank is not None or said_since:
        raise DomainError("activity.over", _("Something else was said about this lead since."))
    _set_returned(lead, activity.before["returned_rank"])


def _lock_to_decide(lead_id: int, actor: User, at: datetime) -> tuple[Lead, Effective, int]:
    lead = access.lock_to_see(actor, lead_id)
    if not may_decide(actor, lead, claims.current(lead, now=at)):
        raise DomainError(
            "handoff.not_yours", _("Its owner says that, or whoever claimed it. Claim this lead first.")
        )
    access.check_open(lead)
    score = Score.objects.filter(lead=lead).first()
    if score is None or not scorer().scales().all:
        raise DomainError("handoff.not_waiting", _("This lead has no score yet."))
    scale = scorer().scales().of(score.version_id)
    override = overrides.active(at=at).filter(lead=lead).first()
    return lead, effective(score, override, scale), score.version_id


def _keep(
    lead: Lead,
    counted: Effective,
    version_id: int,
    *,
    actor: User,
    at: datetime,
    accepted: bool,
    reason: str = "",
    note: str = "",
) -> Handoff:
    return Handoff.objects.create(
        lead=lead,
        by=actor,
        at=at,
        accepted=accepted,
        reason=reason,
        note=note,
        band=counted.band.key,
        rank=counted.band.rank,
        source=lead.source or "",
        version_id=version_id,
    )


def _set_returned(lead: Lead, rank: int | None) -> None:
    lead.returned_rank = rank
    lead.save(update_fields=("returned_rank",))
