"""Who may what, for every operation there is: strangers, roles and scopes."""

from collections.abc import Callable

import pytest

from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role
from tests.api.conftest import Program
from tests.api.operations import Place, every_operation
from tests.company import Company

Make = Callable[..., Program]
WHO = {Role.REP: "ana", Role.MARKETING: "sam", Role.MANAGER: "mara", Role.ADMIN: "ines"}
OPERATIONS = every_operation()


@pytest.mark.parametrize("place", OPERATIONS, ids=str)
def test_an_operation_is_for_its_roles_and_scope_alone(place: Place, program: Make, company: Company) -> None:
    stranger = Program(None).ask(place.method, place.path, {})
    assert (stranger.status, stranger.code) == (401, "not_authenticated")
    for role, name in WHO.items():
        answer = program(name).ask(place.method, place.path, {})
        is_refused = answer.status == 403 and answer.code == "role.missing"
        assert is_refused == (role not in place.operation.roles), role
    allowed = WHO[place.operation.roles[0]]
    others = [scope for scope in Scope if scope != place.operation.scope]
    assert program(allowed, *others).ask(place.method, place.path, {}).code == "scope.missing"


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [place.operation.name for place in OPERATIONS]
    assert len(names) == len(set(names)) > 5


@pytest.mark.parametrize("place", OPERATIONS, ids=str)
def test_what_changes_something_has_no_reading_scope(place: Place) -> None:
    assert (place.operation.scope == Scope.READ) == (place.method == "GET")


def test_a_person_without_a_role_may_nothing(program: Make, company: Company) -> None:
    company.person("ana").groups.clear()
    assert program("ana").get("/leads/").code == "role.missing"
