"""What an Admin does with teams."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.hours import as_kept, hours_of
from leadscoring.people.models import Membership, SettingChange, Team, User
from leadscoring.people.roles import Role
from leadscoring.people.setting_changes import Settings, note
from leadscoring.people.users import check_may_administer

_REPS = Count("members", filter=Q(members__is_active=True, members__groups__name=Role.REP), distinct=True)

COLUMNS = ("name", "leads_a_rep_a_day", "large_override_bands", "second_look_percent")
KEPT = (*COLUMNS, "members", "default")
Verb = SettingChange.Verb

DEFAULT_STAYS = gettext_lazy("Some team has to be the default. Choose the other one there.")


@dataclass(frozen=True, slots=True)
class Capacity:
    """A team with its active reps, and how many leads they can work in a day."""

    team: Team
    reps: int
    a_day: int


def capacities() -> list[Capacity]:
    """Of all teams, by name."""
    counted = Team.objects.annotate(reps=_REPS).order_by("name")
    return [Capacity(team, team.reps, team.reps * team.leads_a_rep_a_day) for team in counted]


def save(
    *,
    team: Team,
    name: str,
    members: Collection[User],
    is_default: bool,
    actor: User,
    at: datetime,
    leads_a_rep_a_day: int | None = None,
    large_override_bands: int | None = None,
    second_look_percent: int | None = None,
) -> Team:
    """Write a new or changed team. A new default takes the place of the old one.

    Numbers stay as they are where they are None.

    Raises DomainError `not_an_admin`, `no_default_team` or `team.taken`.
    """
    check_may_administer(actor)
    if team.is_default and not is_default:
        raise DomainError("no_default_team", str(DEFAULT_STAYS))
    if Team.objects.filter(name=name).exclude(pk=team.pk).exists():
        raise DomainError("team.taken", _("There is another team called “%(name)s”.") % {"name": name})
    with transaction.atomic():
        before, verb = settings_of(team.pk), Verb.CHANGED if team.pk else Verb.ADDED
        if is_default:
            Team.objects.filter(is_default=True).exclude(pk=team.pk).update(is_default=False)
        team.name, team.is_default = name, is_default
        if leads_a_rep_a_day is not None:
            team.leads_a_rep_a_day = leads_a_rep_a_day
        if large_override_bands is not None:
            team.large_override_bands = large_override_bands
        if second_look_percent is not None:
            team.second_look_percent = second_look_percent
        team.save()
        team.members.set(members)
        _note(team, verb, before=before, after=settings_of(team.pk), actor=actor, at=at)
        ids = sorted(member.pk for member in members)
        record(
            action="team.saved",
            target=team,
            actor=actor,
            at=at,
            members=ids,
            is_default=is_default,
            leads_a_rep_a_day=team.leads_a_rep_a_day,
            large_override_bands=team.large_override_bands,
            second_look_percent=team.second_look_percent,
        )
    return team


def delete(*, team: Team, actor: User, at: datetime) -> None:
    """Delete a team that nothing belongs to. Raises DomainError `not_an_admin` or `team_in_use`."""
    check_may_administer(actor)
    if reason := reason_to_keep(team):
        raise DomainError("team_in_use", reason)
    with transaction.atomic():
        record(action="team.deleted", target=team, actor=actor, at=at)
        before = settings_of(team.pk) | as_kept(hours_of(team))
        _note(team, Verb.DELETED, before=before, after=settings_of(None), actor=actor, at=at)
        team.delete()


def settings_of(team_id: int | None) -> dict[str, Any]:
    """What an Admin sets for a team, as it is kept, and which team is the default. Locks the team.

    Of no team, or one that is gone, only the latter.
    """
    default = {"default": Team.objects.filter(is_default=True).values_list("pk", flat=True).first()}
    team = team_id and Team.objects.select_for_update(no_key=True).filter(pk=team_id).first()
    if not team:
        return default
    members = sorted(team.members.values_list("pk", flat=True))
    return default | {"members": members} | {name: getattr(team, name) for name in COLUMNS}


def _note(team: Team, verb: Verb, *, before: Settings, after: Settings, actor: User, at: datetime) -> None:
    note(
        of=SettingChange.Of.TEAM,
        subject_id=team.pk,
        name=team.name,
        verb=verb,
        before=before,
        after=after,
        actor=actor,
        at=at,
    )


def reason_to_keep(team: Team) -> str:
    """Why a team can't be deleted; empty if it can. Its leads would be out of every rep's sight."""
    if team.is_default:
        return _("It is the default team. Make another one the default first.")
    for relation in Team._meta.related_objects:
        model = relation.related_model
        if model is Membership or isinstance(model, str):
            continue
        count = model._default_manager.filter(**{relation.field.name: team}).count()
        if count:
            return _("%(count)s %(things)s belong to it. Move them to another team first.") % {
                "count": count,
                "things": model._meta.verbose_name_plural,
            }
    return ""
