import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people import teams, users
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.people.conftest import NOW


def change(user: User, actor: User, *roles: Role, is_active: bool = True) -> None:
    users.change(
        user=user,
        email=user.email,
        name=user.name,
        roles=roles,
        teams=user.teams.all(),
        is_active=is_active,
        actor=actor,
        at=NOW,
    )


def test_the_last_admin_keeps_the_role(admin_user: User) -> None:
    with pytest.raises(DomainError) as refusal:
        change(admin_user, admin_user, Role.REP)
    assert refusal.value.code == "last_admin"
    assert User.objects.get(pk=admin_user.pk).has_role(Role.ADMIN)


def test_the_last_admin_stays_active(admin_user: User) -> None:
    with pytest.raises(DomainError) as refusal:
        change(admin_user, admin_user, Role.ADMIN, is_active=False)
    assert refusal.value.code == "last_admin"
    assert User.objects.get(pk=admin_user.pk).is_active


def test_an_admin_who_has_not_accepted_yet_does_not_count(admin_user: User) -> None:
    users.invite(
        email="new@company.example", name="New", roles=[Role.ADMIN], teams=[], actor=admin_user, at=NOW
    )
    with pytest.raises(DomainError) as refusal:
        change(admin_user, admin_user, Role.REP)
    assert refusal.value.code == "last_admin"


def test_one_of_two_admins_can_go(admin_user: User, person: Callable[..., User]) -> None:
    other = person(Role.ADMIN, name="Other")
    change(other, admin_user, Role.REP, is_active=False)
    gone = User.objects.get(pk=other.pk)
    assert not gone.is_active and gone.roles == {Role.REP}
    entry = AuditEntry.objects.get(action="user.changed")
    assert entry.data == {"is_active": False, "roles": ["Rep"], "teams": []}


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.MANAGER])
def test_nobody_else_changes_roles_not_even_their_own(person: Callable[..., User], role: Role) -> None:
    user = person(role)
    with pytest.raises(DomainError) as refusal:
        change(user, user, role, Role.ADMIN)
    assert refusal.value.code == "not_an_admin"
    assert User.objects.get(pk=user.pk).roles == {role}


def test_a_deactivated_admin_may_nothing(admin_user: User, person: Callable[..., User]) -> None:
    gone = person(Role.ADMIN, name="Gone", is_active=False)
    with pytest.raises(DomainError) as refusal:
        change(admin_user, gone, Role.REP)
    assert refusal.value.code == "not_an_admin"


def test_a_new_default_team_takes_the_place_of_the_old_one(team: Team, admin_user: User) -> None:
    new = teams.save(
        team=Team(), name="Americas", members=[admin_user], is_default=True, actor=admin_user, at=NOW
    )
    assert list(Team.objects.filter(is_default=True)) == [new]
    assert list(new.members.all()) == [admin_user]


def test_there_is_always_a_default_team(team: Team, admin_user: User) -> None:
    with pytest.raises(DomainError) as refusal:
        teams.save(team=team, name="Europe", members=[], is_default=False, actor=admin_user, at=NOW)
    assert refusal.value.code == "no_default_team"
    with pytest.raises(DomainError) as kept:
        teams.delete(team=team, actor=admin_user, at=NOW)
    assert kept.value.code == "team_in_use"


def test_a_team_without_leads_can_be_deleted_by_an_admin_alone(
    team: Team, admin_user: User, person: Callable[..., User]
) -> None:
    empty = Team.objects.create(name="Empty")
    empty.members.add(admin_user)
    with pytest.raises(DomainError):
        teams.delete(team=empty, actor=person(Role.MANAGER), at=NOW)
    teams.delete(team=empty, actor=admin_user, at=NOW)
    assert not Team.objects.filter(name="Empty").exists()


def test_two_admins_cannot_remove_each_other_at_once(committed_db: None, person: Callable[..., User]) -> None:
    pair = [person(Role.ADMIN, name="One"), person(Role.ADMIN, name="Two")]
    together = threading.Barrier(2)

    def demote(user: User, actor: User) -> str:
        try:
            together.wait()
            change(user, actor, Role.REP)
        except DomainError as refusal:
            return refusal.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(demote, pair, reversed(pair)))
    # Who comes when the other is through is no Admin any more.
    assert sorted(codes) in (["done", "last_admin"], ["done", "not_an_admin"])
    assert users.admins().count() == 1
