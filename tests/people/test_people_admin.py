"""The admin pages for people, as each role meets them."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.people.conftest import PASSWORD

PAGES = ("people_user_changelist", "people_user_add", "audit_auditentry_changelist", "people_team_add")


@pytest.fixture
def as_admin(admin_user: User, client: Client) -> Client:
    client.force_login(admin_user)
    return client


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.MANAGER])
@pytest.mark.parametrize("page", PAGES)
def test_the_pages_of_admins_are_closed_to_others(
    person: Callable[..., User], client: Client, role: Role, page: str
) -> None:
    client.force_login(person(role))
    assert client.get(reverse(f"admin:{page}"), follow=True).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_an_admin_opens_them(as_admin: Client, page: str) -> None:
    assert as_admin.get(reverse(f"admin:{page}")).status_code == 200


def test_an_admin_invites_somebody_and_sees_the_link(as_admin: Client, team: Team, client: Client) -> None:
    given = {"email": "jon@company.example", "name": "Jon", "roles": ["Rep"], "teams": [team.pk]}
    response = as_admin.post(reverse("admin:people_user_add"), given, follow=True)
    page = response.content.decode()
    jon = User.objects.get(email="jon@company.example")
    assert jon.roles == {"Rep"} and jon.team_ids == (team.pk,)
    url = page.split("<code>http://testserver")[1].split("</code>")[0]
    assert Client().get(url).status_code == 200
    assert "password" not in set(response.context["adminform"].form.fields)


def test_no_role_or_a_known_address_is_said_on_the_form(as_admin: Client, admin_user: User) -> None:
    given = {"email": admin_user.email.upper(), "name": "Jon"}
    page = as_admin.post(reverse("admin:people_user_add"), given).content.decode()
    assert "This field is required." in page and "already exists" in page
    assert User.objects.people().count() == 1


def test_an_admin_changes_roles_and_deactivates(as_admin: Client, person: Callable[..., User]) -> None:
    user = person(Role.REP)
    given = {"email": user.email, "name": "New Name", "roles": ["Marketing"]}
    response = as_admin.post(reverse("admin:people_user_change", args=(user.pk,)), given)
    assert response.status_code == 302
    changed = User.objects.get(pk=user.pk)
    assert changed.name == "New Name" and changed.roles == {"Marketing"} and not changed.is_active
    assert changed.check_password(PASSWORD)


def test_the_last_admin_is_told_on_the_form(as_admin: Client, admin_user: User) -> None:
    given = {"email": admin_user.email, "name": admin_user.name, "roles": ["Rep"], "is_active": "on"}
    page = as_admin.post(reverse("admin:people_user_change", args=(admin_user.pk,)), given)
    assert "This is the last active Admin" in page.content.decode()
    assert User.objects.get(pk=admin_user.pk).roles == {"Admin"}


def test_a_manager_cannot_post_a_role_for_themselves(person: Callable[..., User], client: Client) -> None:
    user = person(Role.MANAGER)
    client.force_login(user)
    given = {"email": user.email, "name": "M", "roles": ["Admin"], "is_active": "on"}
    assert client.post(reverse("admin:people_user_change", args=(user.pk,)), given).status_code == 403
    assert User.objects.get(pk=user.pk).roles == {"Manager"}


def test_a_new_link_is_for_admins_and_by_post(
    as_admin: Client, person: Callable[..., User], admin_user: User
) -> None:
    user = person(Role.MANAGER)
    path = reverse("admin:people_user_link", args=(user.pk,))
    assert as_admin.get(path).status_code == 405
    assert "<code>http" in as_admin.post(path, follow=True).content.decode()
    assert not User.objects.get(pk=user.pk).has_usable_password()
    other = Client()
    other.force_login(person(Role.MANAGER, name="Other"))
    assert other.post(reverse("admin:people_user_link", args=(admin_user.pk,))).status_code == 403
    assert User.objects.get(pk=admin_user.pk).has_usable_password()


def test_users_are_never_deleted(as_admin: Client, person: Callable[..., User]) -> None:
    user = person(Role.REP)
    assert (
        as_admin.post(reverse("admin:people_user_delete", args=(user.pk,)), {"post": "yes"}).status_code
        == 403
    )
    assert User.objects.filter(pk=user.pk).exists()


def test_the_system_user_and_groups_are_not_on_offer(as_admin: Client) -> None:
    assert "system@leadscoring" not in as_admin.get(reverse("admin:people_user_changelist")).content.decode()
    assert as_admin.get("/admin/auth/group/").status_code == 404
    assert Group.objects.count() == len(Role)


def test_an_admin_makes_and_changes_a_team(as_admin: Client, person: Callable[..., User], team: Team) -> None:
    rep = person(Role.REP)
    given = {
        "name": "Americas",
        "people": [rep.pk],
        "default_team": "on",
        "leads_a_rep_a_day": 35,
        "large_override_bands": 3,
        "second_look_percent": 0,
    }
    assert as_admin.post(reverse("admin:people_team_add"), given).status_code == 302
    made = Team.objects.get(name="Americas")
    assert made.is_default and list(made.members.all()) == [rep] and made.leads_a_rep_a_day == 35
    assert (made.large_override_bands, made.second_look_percent) == (3, 0)
    page = as_admin.post(reverse("admin:people_team_change", args=(made.pk,)), {"name": "Americas"})
    assert "Some team has to be the default" in page.content.decode()


def test_deleting_the_default_team_is_refused_in_words(as_admin: Client, team: Team) -> None:
    path = reverse("admin:people_team_delete", args=(team.pk,))
    assert "default" in as_admin.post(path, {"post": "yes"}, follow=True).content.decode()
    assert Team.objects.filter(pk=team.pk).exists()


def test_a_manager_reads_teams_but_cannot_change_them(
    person: Callable[..., User], client: Client, team: Team
) -> None:
    client.force_login(person(Role.MANAGER))
    path = reverse("admin:people_team_change", args=(team.pk,))
    assert client.get(path).status_code == 200
    assert client.post(path, {"name": "Mine"}).status_code == 403
    assert Team.objects.get(pk=team.pk).name == "Europe"


def test_the_audit_log_can_only_be_read(as_admin: Client, admin_user: User, team: Team) -> None:
    given = {
        "name": "E",
        "default_team": "on",
        "leads_a_rep_a_day": 9,
        "large_override_bands": 2,
        "second_look_percent": 2,
    }
    as_admin.post(reverse("admin:people_team_change", args=(team.pk,)), given)
    entry = AuditEntry.objects.get(action="team.saved")
    assert "team.saved" in as_admin.get(reverse("admin:audit_auditentry_changelist")).content.decode()
    assert as_admin.post(reverse("admin:audit_auditentry_change", args=(entry.pk,)), {}).status_code == 403
    assert as_admin.get(reverse("admin:audit_auditentry_add")).status_code == 403
