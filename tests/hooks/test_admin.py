"""The admin pages of webhooks, as each role meets them."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leadscoring.hooks import replaying, secrets_of, sending
from leadscoring.hooks.models import Delivery, Endpoint, EventKind, Off
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.hooks.conftest import Receiver, register

GIVEN = {
    "url": "https://crm.example.com/hooks",
    "description": "CRM",
    "events": ["lead.score_changed", "override.set"],
    "threshold": 15,
}
LIST, LOG = "admin:hooks_endpoint_changelist", "admin:hooks_delivery_changelist"
NO_NEXT_TRY = re.compile(r"Next try:</label>\s*<div class=\"readonly\">–<")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def client(admin: User) -> Client:
    return client_of(admin)


@pytest.fixture
def endpoint(receiver: Receiver, admin: User) -> Endpoint:
    return register(receiver.url, admin).endpoint


def address(page: str, pk: int) -> str:
    return reverse(f"admin:hooks_{page}", args=(pk,))


def said(client: Client, path: str, given: dict[str, object] | None = None) -> str:
    answer = client.get(path) if given is None else client.post(path, given, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.MANAGER])
def test_only_admins_open_them_and_do_anything_there(endpoint: Endpoint, admin: User, role: Role) -> None:
    message = replaying.send_test(endpoint_id=endpoint.pk, actor=admin, at=timezone.now())
    Delivery.objects.update(dead_at=timezone.now())
    admin.groups.set([Group.objects.get(name=role)])
    client = client_of(User.objects.get(pk=admin.pk))
    gets = [reverse(LIST), reverse(LOG), reverse("admin:hooks_endpoint_add")]
    gets += [address("endpoint_change", endpoint.pk), address("delivery_change", message.pk)]
    gets += [address("endpoint_delete", endpoint.pk)]
    posts = [address(f"endpoint_{deed}", endpoint.pk) for deed in ("test", "rotate", "replay")]
    posts += [address("delivery_replay", message.pk), reverse("admin:hooks_endpoint_add")]
    for path in gets:
        assert client.get(path, follow=True).status_code == 403, path
    for path in posts:
        assert client.post(path, GIVEN | {"hours": 1}, follow=True).status_code == 403, path
    after = Endpoint.objects.get()
    assert (after.salt, Delivery.objects.get().dead_at is None) == (endpoint.salt, False)


def test_an_endpoint_is_registered_and_its_secret_shown_once(client: Client) -> None:
    page = said(client, reverse("admin:hooks_endpoint_add"), GIVEN)
    found = re.search(r"<code>(whsec_[^<]+)</code>", page)
    endpoint = Endpoint.objects.get()
    assert found and secrets_of.signing(endpoint, at=timezone.now()) == [found[1]]
    assert (endpoint.events, endpoint.threshold) == (sorted(GIVEN["events"]), 15)  # type: ignore[call-overload]
    for path in (reverse(LIST), address("endpoint_change", endpoint.pk)):
        assert "whsec_" not in said(client, path)
    assert str(EventKind(endpoint.events[0]).label) in said(client, reverse(LIST))


def test_what_it_may_not_be_is_said_on_the_page(client: Client) -> None:
    page = said(client, reverse("admin:hooks_endpoint_add"), GIVEN | {"url": "https://10.1.2.3/"})
    assert "not an address on the internet" in page
    assert not Endpoint.objects.exists()


def test_it_is_switched_off_and_on(client: Client, endpoint: Endpoint, receiver: Receiver) -> None:
    path, given = address("endpoint_change", endpoint.pk), GIVEN | {"url": receiver.url}
    assert "Off: switched off by hand" in said(client, path, given) + said(client, path)
    off = Endpoint.objects.get()
    assert (off.is_on, off.off_because) == (False, Off.BY_HAND)
    assert "The endpoint is off" in said(client, address("endpoint_test", endpoint.pk), {})
    said(client, path, given | {"is_on": "on"})
    assert Endpoint.objects.get().is_on


def test_a_test_is_sent_and_its_log_shows_what_came_back(
    client: Client, endpoint: Endpoint, receiver: Receiver
) -> None:
    receiver.answer(418)
    assert "on its way" in said(client, address("endpoint_test", endpoint.pk), {})
    sending.send_due(clock=timezone.now, seconds=1)
    message = Delivery.objects.get()
    page = said(client, address("delivery_change", message.pk))
    assert "what it says" in page and "418" in page
    assert "Send it again" not in page
    assert not NO_NEXT_TRY.search(page)
    Delivery.objects.update(dead_at=timezone.now())
    assert NO_NEXT_TRY.search(said(client, address("delivery_change", message.pk)))
    assert "418 ·" in said(client, f"{reverse(LOG)}?state=set_aside")
    assert "418 ·" not in said(client, f"{reverse(LOG)}?state=delivered&q=17")
    assert "0 messages" in said(client, f"{reverse(LOG)}?q=nobody")
    assert "goes out again" in said(client, address("delivery_replay", message.pk), {})
    assert "on its way already" in said(client, address("delivery_replay", message.pk), {})


def test_all_that_was_set_aside_is_sent_again(client: Client, endpoint: Endpoint, admin: User) -> None:
    for _ in range(2):
        replaying.send_test(endpoint_id=endpoint.pk, actor=admin, at=timezone.now())
    Delivery.objects.update(dead_at=timezone.now())
    path = address("endpoint_replay", endpoint.pk)
    assert "0 messages go out again" in said(client, path, {"since": "2200-01-01T00:00"})
    assert "Write a date" in said(client, path, {"since": "yesterday"})
    assert "2 messages go out again" in said(client, path, {})
    assert client.get(path).status_code == 405


def test_a_new_secret_is_shown_once(client: Client, endpoint: Endpoint) -> None:
    path = address("endpoint_rotate", endpoint.pk)
    assert "30 days more at most" in said(client, path, {"hours": "x"})
    assert "whsec_" in said(client, path, {"hours": 1})
    assert Endpoint.objects.get().previous_salt == endpoint.salt


def test_it_is_removed_with_its_messages(client: Client, endpoint: Endpoint, admin: User) -> None:
    replaying.send_test(endpoint_id=endpoint.pk, actor=admin, at=timezone.now())
    path = address("endpoint_delete", endpoint.pk)
    assert "1" in said(client, path)
    said(client, path, {"post": "yes"})
    assert not Endpoint.objects.exists() and not Delivery.objects.exists()
