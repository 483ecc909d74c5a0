"""Who may what, for every operation there is: strangers, roles and scopes."""

from collections.abc import Callable, Iterator, Mapping

import pytest
from django.contrib.auth.models import Group

from leadscoring.api import schema
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.api.conftest import Program, key_for
from tests.api.operations import Place, every_operation
from tests.company import Company

Make = Callable[..., Program]
OPERATIONS = every_operation()


@pytest.fixture
def people(db: None) -> Mapping[Role, User]:
    """Somebody with each role in an installation where nothing is live yet."""
    found = {role: User.objects.create_user(f"{role}@company.example") for role in Role}
    for role, user in found.items():
        user.groups.add(Group.objects.get(name=role))
    return found


def test_an_operation_is_for_its_roles_alone(people: Mapping[Role, User]) -> None:
    programs = {role: Program(key_for(user).text) for role, user in people.items()}
    documented = _documented()
    for place in OPERATIONS:
        for role, program in programs.items():
            answer = program.ask(place.method, place.path, {})
            is_refused = answer.status == 403 and answer.code == "role.missing"
            assert is_refused == (role not in place.operation.roles), (place, role, answer)
            assert answer.status in documented[place.operation.name], (place, role, answer)


def _documented() -> Mapping[str, set[int]]:
    """The statuses of each operation."""
    paths = schema.description(own=True)["paths"].values()
    return {
        operation["operationId"]: {int(status) for status in operation["responses"]}
        for operations in paths
        for operation in operations.values()
    }


def test_an_operation_is_for_its_scope_alone(people: Mapping[Role, User]) -> None:
    programs = dict(_without_one_scope(people))
    for place in OPERATIONS:
        program = programs[place.operation.roles[0], place.operation.scope]
        assert program.ask(place.method, place.path, {}).code == "scope.missing", place


def test_an_operation_is_for_no_stranger(db: None) -> None:
    for place in OPERATIONS:
        answer = Program(None).ask(place.method, place.path, {})
        assert (answer.status, answer.code) == (401, "not_authenticated"), place


def _without_one_scope(people: Mapping[Role, User]) -> Iterator[tuple[tuple[Role, Scope], Program]]:
    for role, user in people.items():
        for scope in Scope:
            others = [other for other in Scope if other != scope]
            yield (role, scope), Program(key_for(user, others).text)


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [place.operation.name for place in OPERATIONS]
    assert len(names) == len(set(names)) > 100


@pytest.mark.parametrize("place", OPERATIONS, ids=str)
def test_what_changes_something_has_no_reading_scope(place: Place) -> None:
    assert (place.operation.scope == Scope.READ) == (place.method == "GET")


def test_an_edit_says_what_was_seen_of_it() -> None:
    edits = [place for place in OPERATIONS if place.method in ("PUT", "PATCH") and place.operation.takes]
    assert [place for place in edits if not place.operation.matches] == []
    readable = {place.path for place in OPERATIONS if place.method == "GET"}
    assert {place.path for place in edits} - readable == {"/models/1/owner/", "/versions/1/schedule/"}


def test_a_person_without_a_role_may_nothing(program: Make, company: Company) -> None:
    company.person("ana").groups.clear()
    assert program("ana").get("/leads/").code == "role.missing"
