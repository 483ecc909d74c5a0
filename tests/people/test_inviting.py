from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people import invitations, users
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.people.conftest import NOW, PASSWORD

ADDRESS = "https://leads.example"


@pytest.fixture
def invited(admin_user: User, team: Team) -> User:
    return users.invite(
        email="Ana@Company.example", name="Ana", roles=[Role.REP], teams=[team], actor=admin_user, at=NOW
    )


def path_of(user: User) -> str:
    return invitations.link(user, address="")


def chosen(name: str = "Ana Ruiz", password: str = PASSWORD) -> dict[str, str]:
    return {"name": name, "new_password1": password, "new_password2": password}


def test_an_invited_person_has_roles_and_teams_but_no_password(invited: User, team: Team) -> None:
    assert invited.email == "ana@company.example"
    assert invited.has_role(Role.REP) and not invited.has_role(Role.MARKETING, Role.MANAGER, Role.ADMIN)
    assert invited.team_ids == (team.pk,)
    assert not invited.has_usable_password()


def test_an_invitation_is_audited_without_personal_data(invited: User, admin_user: User, team: Team) -> None:
    entry = AuditEntry.objects.get(action="user.invited")
    assert (entry.object_id, entry.actor) == (str(invited.pk), admin_user)
    assert entry.data == {"roles": ["Rep"], "teams": [team.pk]}


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.MANAGER])
def test_only_an_admin_invites(person: Callable[..., User], role: Role) -> None:
    with pytest.raises(DomainError) as refusal:
        users.invite(
            email="me@company.example", name="Me", roles=[Role.ADMIN], teams=[], actor=person(role), at=NOW
        )
    assert refusal.value.code == "not_an_admin"
    assert not User.objects.filter(email="me@company.example").exists()


def test_nobody_is_invited_twice_in_whatever_case(invited: User, admin_user: User) -> None:
    with pytest.raises(DomainError) as refusal:
        users.invite(
            email="ANA@company.example", name="A", roles=[Role.REP], teams=[], actor=admin_user, at=NOW
        )
    assert refusal.value.code == "email_taken"


def test_the_link_lets_the_person_set_a_password_and_signs_them_in(invited: User, client: Client) -> None:
    assert "Set the password and sign in" in client.get(path_of(invited)).content.decode()
    response = client.post(path_of(invited), chosen())
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(invited.pk)
    invited.refresh_from_db()
    assert invited.name == "Ana Ruiz" and invited.check_password(PASSWORD)
    assert AuditEntry.objects.filter(action="user.invitation_accepted", actor=invited).exists()


def test_the_link_works_once(invited: User, client: Client) -> None:
    path = path_of(invited)
    client.post(path, chosen())
    assert client.get(path).status_code == 410
    assert client.post(path, chosen(password="another-long-password")).status_code == 410
    invited.refresh_from_db()
    assert invited.check_password(PASSWORD)


def test_the_link_expires(invited: User, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    path = path_of(invited)
    now = invitations.tokens._now()
    late = now + invitations.valid_for() + timedelta(seconds=1)
    monkeypatch.setattr(invitations.tokens, "_now", lambda: late)
    assert client.get(path).status_code == 410


def test_a_link_of_somebody_deactivated_is_dead(invited: User, client: Client) -> None:
    path = path_of(invited)
    User.objects.filter(pk=invited.pk).update(is_active=False)
    assert client.get(path).status_code == 410


def test_a_made_up_link_is_dead(invited: User, client: Client) -> None:
    for uid, token in (("zzz", "a-b"), ("MQ", "set-password"), ("%", "x")):
        path = reverse("people:accept_invitation", args=(uid, token))
        assert client.get(path).status_code == 410


def test_a_weak_password_is_refused(invited: User, client: Client) -> None:
    response = client.post(path_of(invited), chosen(password="short"))
    assert response.status_code == 200 and "too short" in response.content.decode()
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_a_new_link_ends_the_old_one_and_the_password(
    invited: User, admin_user: User, client: Client
) -> None:
    old = path_of(invited)
    invitations.accept(user=invited, name="Ana", password=PASSWORD, at=NOW)
    invitations.renew(user=invited, actor=admin_user, at=NOW)
    assert not User.objects.get(pk=invited.pk).check_password(PASSWORD)
    assert client.get(old).status_code == 410
    assert client.get(path_of(invited)).status_code == 200


def test_nobody_renews_their_own_link_or_one_without_being_admin(invited: User, admin_user: User) -> None:
    with pytest.raises(DomainError) as own:
        invitations.renew(user=admin_user, actor=admin_user, at=NOW)
    with pytest.raises(DomainError) as other:
        invitations.renew(user=admin_user, actor=invited, at=NOW)
    assert (own.value.code, other.value.code) == ("own_link", "not_an_admin")


def test_the_link_is_mailed_where_mail_is_set_up(invited: User) -> None:
    url = invitations.link(invited, address=ADDRESS)
    assert invitations.send(invited, url=url)
    assert url in mail.outbox[0].body and mail.outbox[0].to == ["ana@company.example"]


def test_without_a_mail_server_nothing_is_sent(
    invited: User, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND = invitations.CONSOLE
    assert not invitations.send(invited, url=ADDRESS)
    assert ADDRESS not in capsys.readouterr().out


def test_a_mail_server_that_fails_does_not_end_the_invitation(
    invited: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> None:
        raise SMTPException("no")

    monkeypatch.setattr(invitations, "send_mail", fail)
    assert not invitations.send(invited, url=ADDRESS)


def test_the_command_prints_a_link_that_works(team: Team, client: Client) -> None:
    out = StringIO()
    call_command(
        "invite", "first@company.example", "--name=First", "--role=Admin", "--team=Europe",
        f"--address={ADDRESS}", stdout=out, stderr=StringIO(),
    )  # fmt: skip
    url = out.getvalue().strip()
    assert url.startswith(f"{ADDRESS}/invitation/")
    assert client.post(url.removeprefix(ADDRESS), chosen()).status_code == 302
    assert User.objects.get(email="first@company.example").has_role(Role.ADMIN)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-address", "--name=X", "--role=Rep"], "not an e-mail address"),
        (["x@company.example", "--name=X", "--role=Rep", "--team=Mars"], "There is no team Mars"),
        (["system@leadscoring.invalid", "--name=X", "--role=Rep"], "here already"),
    ],
)
def test_the_command_says_what_is_wrong(team: Team, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        call_command("invite", *arguments, stdout=StringIO())


def test_createsuperuser_works(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command(
        "createsuperuser", "--noinput", "--email=root@company.example", "--name=Root", stdout=StringIO()
    )
    root = User.objects.get(email="root@company.example")
    assert root.has_role(Role.ADMIN) and root.is_staff and root.check_password(PASSWORD)
