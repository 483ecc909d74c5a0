"""The page of API keys, as each role meets it."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leadscoring.api.models import ApiKey
from tests.api.conftest import Program, key_for
from tests.company import Company

GIVEN = {"name": "CRM", "scopes": ["read", "leads:write"], "requests_a_minute": 60}


def sign_in(company: Company, name: str) -> Client:
    client = Client()
    client.force_login(company.person(name), backend="django.contrib.auth.backends.ModelBackend")
    return client


def make(company: Company, **changes: object) -> str:
    until = timezone.localdate() + timedelta(days=30)
    given = {**GIVEN, "user": company.person("sam").pk, "until": until.isoformat(), **changes}
    page = sign_in(company, "ines").post(reverse("admin:api_apikey_add"), given, follow=True)
    return str(page.content.decode())


def text_in(page: str) -> str:
    found = re.search(r"<code>(ls_[^<]+)</code>", page)
    assert found is not None, page
    return found[1]


@pytest.mark.parametrize("name", ["ana", "sam", "mara"])
def test_only_admins_open_it_and_do_anything_there(company: Company, name: str) -> None:
    key = key_for(company.person("sam")).key
    client = sign_in(company, name)
    for page, given in (
        (reverse("admin:api_apikey_changelist"), None),
        (reverse("admin:api_apikey_add"), None),
        (reverse("admin:api_apikey_change", args=(key.pk,)), None),
        (reverse("admin:api_apikey_add"), GIVEN),
        (reverse("admin:api_apikey_rotate", args=(key.pk,)), {"hours": 1}),
        (reverse("admin:api_apikey_revoke", args=(key.pk,)), {}),
    ):
        answer = client.get(page, follow=True) if given is None else client.post(page, given, follow=True)
        assert answer.status_code == 403, page
    assert ApiKey.objects.get().revoked_at is None
    assert ApiKey.objects.get().previous_hash == ""


def test_a_key_is_made_and_shown_once(company: Company) -> None:
    text = text_in(make(company))
    assert Program(text).post("/leads/", {"external_id": "1"}).status == 201
    key = ApiKey.objects.get()
    assert key.created_by == company.person("ines")
    for page in ("changelist", "change"):
        address = reverse(f"admin:api_apikey_{page}", args=(key.pk,) if page == "change" else ())
        shown = sign_in(company, "ines").get(address).content.decode()
        assert text.split("_")[2] not in shown
        assert key.prefix in shown


def test_what_a_key_may_not_be_is_said_on_the_page(company: Company) -> None:
    assert "can only be made by the person" in make(company, scopes=["models:approve"])
    assert "still ahead, and within two years" in make(company, until="2020-01-01")
    assert not ApiKey.objects.exists()


def test_it_is_rotated_and_revoked(company: Company) -> None:
    old, client = text_in(make(company)), sign_in(company, "ines")
    key = ApiKey.objects.get()
    rotate = reverse("admin:api_apikey_rotate", args=(key.pk,))
    new = text_in(client.post(rotate, {"hours": 1}, follow=True).content.decode())
    assert [Program(text).get("/leads/").status for text in (old, new)] == [200, 200]
    refused = client.post(rotate, {"hours": "x"}, follow=True).content.decode()
    assert "30 days at most" in refused
    client.post(reverse("admin:api_apikey_revoke", args=(key.pk,)))
    assert [Program(text).get("/leads/").status for text in (old, new)] == [401, 401]
    assert client.get(rotate).status_code == 405
    assert "revoked already" in client.post(rotate, {"hours": 1}, follow=True).content.decode()
