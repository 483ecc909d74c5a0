"""A plain form sent after the session ended: what was typed waits for its person and for nobody else."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from leads.models import Activity, Lead
from tests.company import PASSWORD, Company

TYPED = {"result": "conversation", "note": "Wants an offer for <40> seats", "stage": "decision"}
SAID = "You were signed out before this was sent"


def sign_in(client: Client, name: str, onward: str = "/") -> str:
    """Where signing in leads."""
    form = {"username": f"{name}@company.example", "password": PASSWORD, "next": onward}
    return str(client.post("/login/", form).headers["Location"])


def sent_too_late(client: Client, lead: Lead, verb: str, typed: dict[str, str]) -> str:
    """Where a form leads whose session has ended."""
    form = typed | {"next": f"/queue/?lead={lead.pk}"}
    if verb == "call":
        page = client.get(f"/leads/{lead.pk}/").content.decode()
        form["opened_on"] = str(re.findall(r'name="opened_on" value="([^"]+)"', page)[0])
    Session.objects.all().delete()
    answer = client.post(f"/leads/{lead.pk}/{verb}/", form)
    assert answer.headers["Location"] == f"/login/?next=/leads/{lead.pk}/{verb}/"
    return f"/leads/{lead.pk}/{verb}/"


@pytest.fixture
def browser(company: Company) -> Client:
    client = Client()
    sign_in(client, "ana")
    return client


def test_what_was_typed_is_there_again_after_signing_in(browser: Client, company: Company) -> None:
    freya = company.lead("Freya")
    form = sent_too_late(browser, freya, "call", TYPED)
    assert sign_in(browser, "ana", form) == form
    for _again in range(2):  # until it is sent, it stays
        html = browser.get(form).content.decode()
        assert SAID in html and "Wants an offer for &lt;40&gt; seats" in html
        assert re.search(r'value="conversation"[^>]* checked', html)
        assert f'name="next" value="/queue/?lead={freya.pk}"' in html
    assert not Activity.objects.filter(lead=freya).exists()  # never sent by itself

    opened_on = re.findall(r'name="opened_on" value="([^"]+)"', html)[0]
    answer = browser.post(form, TYPED | {"opened_on": opened_on, "next": f"/queue/?lead={freya.pk}"})
    assert answer.headers["Location"] == f"/queue/?lead={freya.pk}"
    assert TYPED["note"] in [activity.note for activity in Activity.objects.filter(lead=freya)]
    assert SAID not in browser.get(form).content.decode()


def test_a_note_is_there_again(browser: Client, company: Company) -> None:
    freya = company.lead("Freya")
    form = sent_too_late(browser, freya, "note", {"text": "Prefers mornings"})
    sign_in(browser, "ana", form)
    html = browser.get(form).content.decode()
    assert SAID in html and ">Prefers mornings</textarea>" in html
    assert not Activity.objects.filter(lead=freya).exists()


def test_nobody_else_sees_it(browser: Client, company: Company) -> None:
    form = sent_too_late(browser, company.lead("Freya"), "call", TYPED)
    assert sign_in(browser, "jon", form) == form
    html = browser.get(form).content.decode()
    assert SAID not in html and "Wants an offer" not in html
    assert "unsent" not in browser.session


def test_of_whom_nobody_knows_and_what_is_too_long_is_not_kept(browser: Client, company: Company) -> None:
    freya = company.lead("Freya")
    sent_too_late(browser, freya, "note", {"text": "x" * 20_001})
    assert "unsent" not in browser.session
    stranger = Client()
    stranger.cookies["leadscoring_person"] = str(company.person("ana").pk)
    stranger.post(f"/leads/{freya.pk}/call/", TYPED)
    assert "unsent" not in stranger.session
