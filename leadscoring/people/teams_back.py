"""Setting a team again as it was before a change that is kept (`setting_changes`)."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from leadscoring.people import hours, teams
from leadscoring.people.models import SettingChange, Team, User
from leadscoring.people.setting_changes import Settings

Verb = SettingChange.Verb


def settings_now(team_id: int) -> dict[str, Any]:
    """All that is kept of a team, its hours too; of one that is gone only which team is the default."""
    team = Team.objects.filter(pk=team_id).first()
    return teams.settings_of(team_id) | ({} if team is None else hours.as_kept(hours.hours_of(team)))


def put_back(*, change: SettingChange, actor: User, at: datetime) -> None:
    """Have a team be what it was, with its own id; one that was new is gone.

    Raises DomainError `team.gone` and what `teams.save`, `teams.delete` and `hours.set_hours` raise.
    """
    was = change.before
    if was.get("default", change.subject_id) != change.subject_id:
        _save(find(was["default"]), {"default": was["default"]}, actor, at)
    team = Team(pk=change.subject_id) if change.verb == Verb.DELETED else find(change.subject_id)
    if change.verb == Verb.ADDED:
        teams.delete(team=team, actor=actor, at=at)
        return
    if not was.keys().isdisjoint(teams.KEPT):
        _save(team, was, actor, at)
    at_work = hours.as_kept(hours.hours_of(team))
    if not was.keys().isdisjoint(at_work):
        hours.set_hours(team=team, hours=hours.from_kept(at_work | was), actor=actor, at=at)


def find(team_id: int | None) -> Team:
    """Raises DomainError `team.gone`."""
    team = team_id and Team.objects.filter(pk=team_id).first()
    if not team:
        raise DomainError("team.gone", _("A team that this would need is gone."))
    return team


def _save(team: Team, was: Settings, actor: User, at: datetime) -> None:
    wanted = {**teams.settings_of(team.pk), **was}
    teams.save(
        team=team,
        members=User.objects.filter(pk__in=wanted["members"]),
        is_default=wanted["default"] == team.pk,
        **{name: wanted[name] for name in teams.COLUMNS},
        actor=actor,
        at=at,
    )
