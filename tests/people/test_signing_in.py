from collections.abc import Callable

import pytest
from django.test import Client

from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.people.conftest import PASSWORD

ENOUGH_TRIES = 10


def sign_in(client: Client, email: str, password: str) -> bool:
    client.post("/login/", {"username": email, "password": password})
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("role", list(Role))
def test_each_role_signs_in_by_e_mail_in_any_case(
    person: Callable[..., User], client: Client, role: Role
) -> None:
    assert sign_in(client, person(role).email.upper(), PASSWORD)


def test_a_wrong_password_or_a_deactivated_person_is_not_let_in(
    person: Callable[..., User], client: Client
) -> None:
    gone = person(Role.REP, name="Gone", is_active=False)
    assert not sign_in(client, person(Role.REP).email, "wrong-password")
    assert not sign_in(client, gone.email, PASSWORD)


def test_deactivating_somebody_ends_their_session(person: Callable[..., User], client: Client) -> None:
    user = person(Role.MANAGER)
    assert sign_in(client, user.email, PASSWORD)
    assert client.get("/admin/").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/login/")


def test_too_many_wrong_passwords_lock_that_person_out_here_but_nobody_else(
    person: Callable[..., User], client: Client
) -> None:
    user, other = person(Role.REP), person(Role.REP, name="Other")
    for attempt in range(ENOUGH_TRIES):
        spelling = user.email.upper() if attempt % 2 else user.email
        assert not sign_in(client, spelling, "wrong-password")
    assert not sign_in(client, user.email, PASSWORD)
    assert sign_in(Client(), other.email, PASSWORD)
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), user.email, PASSWORD)


def test_the_system_user_cannot_sign_in(db: None) -> None:
    system = User.objects.system()
    assert not system.is_active and not system.has_usable_password()
