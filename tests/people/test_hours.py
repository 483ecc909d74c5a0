"""When a team is at work: who may say so, and what can't be."""

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people import hours
from leadscoring.people.hours import TeamHours
from leadscoring.people.models import OpeningHours, Team, User
from leadscoring.people.roles import Role
from tests.people.conftest import NOW

BERLIN = TeamHours("Europe/Berlin", {0: (540, 1020), 6: (0, 1440)}, frozenset({date(2026, 12, 25)}))
FILLED_IN = {
    "time_zone": "Europe/Berlin",
    **{"opens_0": "09:00", "closes_0": "17:00", "opens_6": "00:00", "closes_6": "00:00"},
    "holidays": "2026-12-25",
}


@pytest.fixture
def manager(person: Callable[..., User], team: Team) -> User:
    user = person(Role.MANAGER, name="Mara")
    user.memberships.create(team=team)
    return user


def test_a_manager_of_the_team_sets_its_hours(manager: User, team: Team) -> None:
    hours.set_hours(team=team, hours=BERLIN, actor=manager, at=NOW)
    assert hours.hours_of(Team.objects.get()) == BERLIN
    entry = AuditEntry.objects.get(action="team.hours_set")
    assert entry.actor == manager
    assert entry.data["week"] == {"0": [540, 1020], "6": [0, 1440]}


def test_the_same_hours_again_are_no_news(manager: User, team: Team) -> None:
    for _ in range(2):
        hours.set_hours(team=team, hours=BERLIN, actor=manager, at=NOW)
    assert AuditEntry.objects.filter(action="team.hours_set").count() == 1


def test_hours_can_be_taken_away_again(manager: User, team: Team) -> None:
    hours.set_hours(team=team, hours=BERLIN, actor=manager, at=NOW)
    hours.set_hours(team=team, hours=TeamHours(), actor=manager, at=NOW)
    assert hours.hours_of(Team.objects.get()) == TeamHours()


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.MANAGER])
def test_nobody_else_sets_them(person: Callable[..., User], team: Team, role: Role) -> None:
    user = person(role)
    if role is not Role.MANAGER:  # A manager, but of another team.
        user.memberships.create(team=team)
    with pytest.raises(DomainError) as refused:
        hours.set_hours(team=team, hours=BERLIN, actor=user, at=NOW)
    assert refused.value.code == "hours.not_yours"
    assert not OpeningHours.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (TeamHours("Europe/Atlantis"), "hours.zone"),
        (TeamHours("UTC", {0: (600, 600)}), "hours.order"),
        (TeamHours("UTC", {0: (600, 1441)}), "hours.order"),
    ],
)
def test_hours_that_cannot_be_are_refused(manager: User, team: Team, given: TeamHours, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        hours.set_hours(team=team, hours=given, actor=manager, at=NOW)
    assert refused.value.code == code


def test_the_database_refuses_them_too(team: Team) -> None:
    for row in ({"weekday": 7, "opens": 0, "closes": 1}, {"weekday": 0, "opens": 60, "closes": 60}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OpeningHours.objects.create(team=team, **row)


def page_of(team: Team) -> str:
    return reverse("admin:people_team_change", args=(team.pk,))


def test_a_manager_fills_them_in_and_changes_nothing_else(manager: User, team: Team, client: Client) -> None:
    client.force_login(manager)
    answer = client.post(page_of(team), FILLED_IN | {"name": "Mine", "people": [], "leads_a_rep_a_day": 1})
    assert answer.status_code == 302
    changed = Team.objects.get()
    assert (changed.name, changed.leads_a_rep_a_day) == ("Europe", 20)
    assert list(changed.members.all()) == [manager]
    assert hours.hours_of(changed) == BERLIN
    html = client.get(page_of(team)).content.decode()
    assert 'value="09:00"' in html and "2026-12-25" in html


def test_an_admin_fills_them_in_beside_the_rest(admin_user: User, team: Team, client: Client) -> None:
    client.force_login(admin_user)
    rest = {"name": "Continent", "default_team": "on", "leads_a_rep_a_day": 9, "large_override_bands": 2}
    rest |= {"second_look_percent": 2}
    assert client.post(page_of(team), FILLED_IN | rest).status_code == 302
    assert Team.objects.get().name == "Continent"
    assert hours.hours_of(Team.objects.get()) == BERLIN


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opens_1": "09:00"}, "Say from when and until when"),
        ({"opens_1": "17:00", "closes_1": "09:00"}, "end after they begin"),
        ({"holidays": "Christmas"}, "is not a day"),
        ({"time_zone": "Europe/Atlantis"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    manager: User, team: Team, client: Client, wrong: dict[str, str], said: str
) -> None:
    client.force_login(manager)
    answer = client.post(page_of(team), FILLED_IN | wrong)
    assert answer.status_code == 200 and said in answer.content.decode()
    assert hours.hours_of(Team.objects.get()) == TeamHours()


def test_days_in_a_row_with_the_same_hours_are_said_as_one(manager: User, team: Team) -> None:
    week = {0: (540, 1020), 1: (540, 1020), 2: (540, 1020), 3: (540, 960), 5: (540, 960)}
    hours.set_hours(team=team, hours=TeamHours("UTC", week), actor=manager, at=NOW)
    said = hours.in_words(team)
    assert said == "Monday to Wednesday 09:00–17:00, Thursday 09:00–16:00, Saturday 09:00–16:00 (UTC)"


def test_who_may_not_set_them_reads_them(
    person: Callable[..., User], manager: User, team: Team, client: Client
) -> None:
    hours.set_hours(team=team, hours=BERLIN, actor=manager, at=NOW)
    client.force_login(person(Role.MARKETING, name="Sam"))
    html = client.get(page_of(team)).content.decode()
    assert "Monday 09:00–17:00, Sunday 00:00–24:00 (Europe/Berlin); not on 25 Dec 2026" in html
    assert client.post(page_of(team), FILLED_IN).status_code == 403
