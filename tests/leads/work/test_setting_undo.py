"""Taking back what was changed in settings of people and teams."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from leads import setting_undo
from leads.models.notice import Channel, NoticeKind
from leads.notices import reading
from leads.response.targets import own_times, set_response_times
from leadscoring.audit.models import AuditEntry
from leadscoring.people import hours, preferences, teams, teams_back
from leadscoring.people.hours import TeamHours
from leadscoring.people.models import SettingChange, Team, User
from tests.leads.work.conftest import NOW, Cast, fresh
from tests.leads.work.test_overrides import refusal

A_MINUTE = timedelta(minutes=1)
BERLIN = TeamHours("Europe/Berlin", {0: (9 * 60, 17 * 60)}, frozenset({date(2026, 12, 25)}))


def undo(actor: User, change: SettingChange | None = None, *, after: timedelta = A_MINUTE) -> SettingChange:
    change = change or SettingChange.objects.latest("pk")
    return setting_undo.undo(change_id=change.pk, actor=fresh(actor), at=NOW + after)


def save(team: Team, actor: User, **changed: Any) -> Team:
    members, is_default = changed.pop("members", list(team.members.all()) if team.pk else []), team.is_default
    given: dict[str, Any] = {"name": team.name, "is_default": is_default} | changed
    return teams.save(team=team, members=members, actor=actor, at=NOW, **given)


def everything() -> dict[int, Any]:
    return {team.pk: teams_back.settings_now(team.pk) for team in Team.objects.all()}


def test_ones_own_settings_are_undone(cast: Cast) -> None:
    alice, before = cast.alice, reading.choices_of(cast.alice)
    preferences.switch_shortcuts(on=False, actor=alice, at=NOW)
    undo(alice)
    assert fresh(alice).shortcuts_on
    reading.choose(actor=alice, wanted={(NoticeKind.REACHED, Channel.APP)}, at=NOW)
    reading.choose(actor=alice, wanted={(NoticeKind.REACHED, Channel.APP)}, at=NOW)
    assert SettingChange.objects.count() == 2  # the same again is no change
    undo(alice)
    assert reading.choices_of(alice) == before
    assert not setting_undo.own_of(alice, now=NOW).filter(undone_at=None)
    assert AuditEntry.objects.filter(action="setting.undone", actor=alice).count() == 2
    assert AuditEntry.objects.filter(action="user.notices_chosen").count() == 2


def test_only_what_one_changed_is_put_back(cast: Cast) -> None:
    set_response_times(team=cast.north, hours={"hot": 2}, actor=cast.carol, at=NOW)
    first = SettingChange.objects.get()
    set_response_times(team=cast.north, hours={"sql": 8}, actor=cast.carol, at=NOW + A_MINUTE)
    undo(cast.carol, first)
    assert own_times(cast.north.pk) == {"sql": 8}
    set_response_times(team=cast.north, hours={"sql": 9}, actor=cast.adam, at=NOW)
    again = SettingChange.objects.get(actor=cast.carol, undone_at=None)
    assert refusal(partial(undo, cast.carol, again)) == "setting_change.over"


def test_what_one_form_changes_of_a_team_is_one_change(cast: Cast) -> None:
    Team.objects.filter(pk=cast.south.pk).update(is_default=True)
    before = everything()
    north = Team.objects.get(pk=cast.north.pk)
    save(north, cast.adam, name="Nord", is_default=True, leads_a_rep_a_day=5, members=[cast.dan])
    hours.set_hours(team=north, hours=BERLIN, actor=cast.adam, at=NOW)
    assert everything() != before
    undo(cast.adam)
    assert everything() == before
    assert SettingChange.objects.count() == 1


def test_a_new_team_goes_and_a_deleted_one_comes_back_as_it_was(cast: Cast) -> None:
    west = save(Team(name="West"), cast.adam, members=[cast.alice], second_look_percent=7)
    hours.set_hours(team=west, hours=BERLIN, actor=cast.adam, at=NOW)
    added, with_west = SettingChange.objects.get(), everything()
    teams.delete(team=Team.objects.get(pk=west.pk), actor=cast.adam, at=NOW + A_MINUTE)
    undo(cast.adam, after=2 * A_MINUTE)
    assert everything() == with_west
    undo(cast.adam, added)
    assert not Team.objects.filter(name="West").exists()


@pytest.mark.parametrize("meanwhile", ["name", "default", "lead", "role"])
def test_what_would_break_something_else_is_refused(cast: Cast, meanwhile: str) -> None:
    west = save(Team(name="West"), cast.adam)
    if meanwhile == "lead":
        west.leads.create()
        assert refusal(partial(undo, cast.adam)) == "team_in_use"
    elif meanwhile == "default":
        added = SettingChange.objects.get()
        teams.save(team=west, name="West", members=[], is_default=True, actor=cast.adam, at=NOW + A_MINUTE)
        assert refusal(partial(undo, cast.adam, added)) == "team_in_use"
    elif meanwhile == "role":
        cast.adam.groups.clear()
        assert refusal(partial(undo, cast.adam)) == "not_an_admin"
    else:
        teams.delete(team=Team.objects.get(pk=west.pk), actor=cast.adam, at=NOW + A_MINUTE)
        deleted = SettingChange.objects.latest("pk")
        save(Team(name="West"), cast.adam)
        assert refusal(partial(undo, cast.adam, deleted)) == "team.taken"


def test_a_manager_who_left_the_team_undoes_nothing_of_it(cast: Cast) -> None:
    hours.set_hours(team=cast.north, hours=BERLIN, actor=cast.carol, at=NOW)
    cast.carol.memberships.all().delete()
    assert refusal(partial(undo, cast.carol)) == "hours.not_yours"


def test_one_undoes_ones_own_once_and_within_a_day(cast: Cast) -> None:
    set_response_times(team=cast.north, hours={"hot": 2}, actor=cast.carol, at=NOW)
    change = SettingChange.objects.get()
    for other in (cast.alice, cast.erin, cast.mia, cast.adam):
        assert refusal(partial(undo, other, change)) == "setting_change.not_found"
    late: Callable[[], object] = partial(undo, cast.carol, after=timedelta(days=1, seconds=1))
    assert refusal(late) == "setting_change.too_late"
    undo(cast.carol)
    assert refusal(partial(undo, cast.carol)) == "setting_change.undone"
