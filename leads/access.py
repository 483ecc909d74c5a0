"""Who may see a lead and who may work it. Every page, verb and query asks here.

* Marketing and admins see all leads; reps and managers see those of their own teams.
* A rep works a lead of an own team that is theirs, or nobody's and not claimed by somebody else, or claimed
  by them. A manager works every lead of their teams.
* A lead without a team (its team was deleted) counts for every team, so that none is lost.
* Nobody sees or works a lead that another one absorbed (`leads.merging`).
"""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from leads.models import Claim, Lead
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role


def sees_all(user: User) -> bool:
    return user.has_role(Role.MARKETING, Role.ADMIN)


def works_leads(user: User) -> bool:
    """Whether this person works leads at all."""
    return user.has_role(Role.REP, Role.MANAGER)


def works_whole_teams(user: User) -> bool:
    return user.has_role(Role.MANAGER)


def visible_leads(user: User) -> QuerySet[Lead]:
    """The leads that this person may see, open and closed, in no order."""
    leads = Lead.objects.filter(absorbed_into=None)
    if sees_all(user):
        return leads
    if works_leads(user):
        return leads.filter(_of_own_teams(user))
    return Lead.objects.none()


def workable_leads(user: User, *, now: datetime) -> QuerySet[Lead]:
    """The leads that this person may work at that moment, open and closed, in no order."""
    if not works_leads(user):
        return Lead.objects.none()
    leads = Lead.objects.filter(_of_own_teams(user), absorbed_into=None)
    if works_whole_teams(user):
        return leads
    running = Claim.objects.filter(lead=OuterRef("pk"), expires_at__gt=now)
    free = Q(owner__isnull=True) & ~Q(Exists(running.exclude(user=user)))
    return leads.filter(Q(owner=user) | free | Q(Exists(running.filter(user=user))))


def get_lead(user: User, lead_id: int) -> Lead:
    """The lead, with its account and owner. Raises DomainError `lead.not_found` where it may not be seen.

    The error is the same for a lead that doesn't exist: nobody learns which ids other teams have.
    """
    return _found(visible_leads(user).select_related("account", "owner", "team"), lead_id)


def _found(leads: QuerySet[Lead], lead_id: int) -> Lead:
    lead = leads.filter(pk=lead_id).first()
    if lead is None:
        raise DomainError("lead.not_found", _("There is no such lead, or it isn't one of your team's."))
    return lead


def may_work(user: User, lead: Lead, *, now: datetime) -> bool:
    """Whether this person may work the lead as it was read. One query."""
    return may_work_held(user, lead, Claim.objects.filter(lead=lead, expires_at__gt=now).first())


def may_work_held(user: User, lead: Lead, held: Claim | None) -> bool:
    """The same where the claim that runs on the lead is known, None for none."""
    if not works_leads(user) or not _is_of_own_teams(user, lead) or lead.absorbed_into_id is not None:
        return False
    holder_id = None if held is None else held.user_id
    mine, free = user.pk in (lead.owner_id, holder_id), lead.owner_id is None and holder_id is None
    return works_whole_teams(user) or mine or free


def check_may_work(user: User, lead: Lead, *, now: datetime) -> None:
    """Raises DomainError `lead.not_yours`."""
    if not may_work(user, lead, now=now):
        raise not_yours(user, lead, now=now)


def not_yours(user: User, lead: Lead, *, now: datetime) -> DomainError:
    """The refusal of who may not work a lead, whose sentence says why."""
    return DomainError("lead.not_yours", _why_not(user, lead, now=now))


def check_open(lead: Lead) -> None:
    """Raises DomainError `lead.closed`. Lock the lead first."""
    if not lead.is_open:
        raise DomainError("lead.closed", _("This lead is closed. Undo its outcome first."))


def manages(user: User, lead: Lead) -> bool:
    """Whether this person is a manager of the lead's team."""
    return works_whole_teams(user) and _is_of_own_teams(user, lead)


def managed_leads(user: User) -> QuerySet[Lead]:
    """The leads of the teams that this person manages, open and closed, in no order."""
    return Lead.objects.filter(_of_own_teams(user)) if works_whole_teams(user) else Lead.objects.none()


def lock_to_work(user: User, lead_id: int, *, now: datetime) -> Lead:
    """The lead, locked until the transaction ends, for a verb that changes something about it.

    Every such verb locks the lead before anything else: so they wait for each other instead of
    deadlocking, and what they then read of claims, overrides and outcomes can't change under them.
    Raises DomainError `lead.not_found`, or `lead.not_yours` where the lead may be seen but not worked.
    """
    lead = lock_to_see(user, lead_id)
    check_may_work(user, lead, now=now)
    return lead


def lock_to_see(user: User, lead_id: int) -> Lead:
    """As `lock_to_work`, for verbs with a permission of their own. Raises DomainError `lead.not_found`."""
    return _found(visible_leads(user).select_for_update(no_key=True), lead_id)


def _of_own_teams(user: User) -> Q:
    return Q(team__in=user.team_ids) | Q(team__isnull=True)


def _is_of_own_teams(user: User, lead: Lead) -> bool:
    return lead.team_id is None or lead.team_id in user.team_ids


def _why_not(user: User, lead: Lead, *, now: datetime) -> str:
    if not works_leads(user):
        return _("You can look at leads, but working them is for reps and managers.")
    if not _is_of_own_teams(user, lead):
        return _("Another team works this lead.")
    claim = Claim.objects.select_related("user").filter(lead=lead, expires_at__gt=now).first()
    holder = claim.user if claim is not None and claim.user_id != user.pk else lead.owner
    return _("%(person)s works this lead.") % {"person": holder}


def may_set_team(user: User, team: Team) -> bool:
    """Whether this person may set what is a team's own: Admins, and the managers who belong to it."""
    return user.has_role(Role.ADMIN) or (user.has_role(Role.MANAGER) and team.pk in user.team_ids)
