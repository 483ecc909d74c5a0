"""The admin page of chat webhooks: whose it is, and that a saved address is not shown again."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import ChatWebhook, NoticeKind
from leadscoring.people.models import Team
from leadscoring.people.roles import Role

SignIn = Callable[..., Client]
LIST, ADD = reverse("admin:leads_chatwebhook_changelist"), reverse("admin:leads_chatwebhook_add")
URL = "https://hooks.slack.com/services/T0/B0/s3cret"


@pytest.fixture
def teams(db: None) -> tuple[Team, Team]:
    return Team.objects.create(name="Ours"), Team.objects.create(name="Theirs")


def given(team: Team, address: str = URL) -> dict[str, object]:
    return {"team": str(team.pk), "address": address, "kinds": [NoticeKind.REVIEW.value]}


def change_of(webhook: ChatWebhook) -> str:
    return reverse("admin:leads_chatwebhook_change", args=(webhook.pk,))


def test_a_manager_sets_it_and_sees_it_masked(signed_in: SignIn, teams: tuple[Team, Team]) -> None:
    client = signed_in(Role.MANAGER, team=teams[0])
    assert client.post(ADD, given(teams[0])).status_code == 302
    webhook = ChatWebhook.objects.get()
    assert (webhook.url, webhook.kinds) == (URL, ["review"])
    for path in (LIST, change_of(webhook)):
        html = client.get(path).content.decode()
        assert "https://hooks.slack.com/…" in html and "s3cret" not in html
        assert "Nothing has been posted yet." in html
    client.post(change_of(webhook), {"address": "", "kinds": [NoticeKind.OVERDUE.value]})
    webhook.refresh_from_db()
    assert (webhook.url, webhook.kinds) == (URL, ["overdue"])
    assert client.post(reverse("admin:leads_chatwebhook_delete", args=(webhook.pk,)), {"post": "yes"})
    assert not ChatWebhook.objects.exists()


def test_no_manager_reaches_another_teams(signed_in: SignIn, teams: tuple[Team, Team]) -> None:
    theirs = ChatWebhook.objects.create(team=teams[1], url=URL, kinds=["review"])
    client = signed_in(Role.MANAGER, team=teams[0])
    assert "Theirs" not in client.get(LIST).content.decode()
    client.post(change_of(theirs), {"address": "https://evil.example/", "kinds": ["review"]})
    client.post(reverse("admin:leads_chatwebhook_delete", args=(theirs.pk,)), {"post": "yes"})
    client.post(ADD, given(teams[1]))
    assert ChatWebhook.objects.get().url == URL


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING])
def test_other_roles_have_no_such_page(signed_in: SignIn, teams: tuple[Team, Team], role: Role) -> None:
    client = signed_in(role, team=teams[0])
    assert {client.get(LIST).status_code, client.post(ADD, given(teams[0])).status_code} <= {302, 403}
    assert not ChatWebhook.objects.exists()


def test_an_address_that_may_not_be_called_is_refused_in_a_sentence(
    signed_in: SignIn, teams: tuple[Team, Team]
) -> None:
    page = signed_in(Role.ADMIN).post(ADD, given(teams[0], "https://169.254.169.254/x"))
    assert "169.254.169.254 is not an address on the internet: use the one by which" in page.content.decode()
