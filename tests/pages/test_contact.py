"""Leads that don't want to be contacted, as the pages and the API show them."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from leads.models import Activity, Cause, ScoreChange
from tests import company as companies
from tests.company import Company

SignIn = Callable[[str], Client]


def test_their_addresses_are_no_links_and_say_why(sign_in: SignIn, company: Company) -> None:
    freya, client = company.lead("Freya"), sign_in("ana")
    for path in (f"/leads/{freya.pk}/", f"/queue/?lead={freya.pk}"):
        assert 'href="mailto:freya' in client.get(path).content.decode()

    companies.happen(freya, "unsubscribed", at=timezone.now())
    companies.score()

    rows = client.get("/queue/?only=now").content.decode()
    assert re.search(r"Freya Vogel</b> <span class=\"state bad\"[^>]*>unsubscribed", rows)
    for path in (f"/leads/{freya.pk}/", f"/queue/?lead={freya.pk}", f"/leads/{company.lead('Tom').pk}/"):
        html = client.get(path).content.decode()
        assert not re.search(r'href="(mailto|tel):freya', html)
        if "Tom" not in path and str(freya.pk) in path:
            assert "They unsubscribed: don&#x27;t write or call" in html
            assert "Claim and call" not in html
    assert "not to be used" in client.get(f"/leads/{freya.pk}/").content.decode()


def test_a_call_to_them_is_refused_and_what_was_typed_stays(sign_in: SignIn, company: Company) -> None:
    freya, client = company.lead("Freya"), sign_in("ana")
    companies.happen(freya, "disconnected", at=timezone.now())
    path, said = f"/leads/{freya.pk}/call/", {"result": "conversation", "note": "kept as typed"}

    refused = client.post(path, said)
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "Log it only where they got in touch with us" in html and "kept as typed" in html
    assert not Activity.objects.exists()

    client.post(path, said | {"they_began": "on"})
    assert Activity.objects.get().note == "kept as typed"


def test_a_row_says_how_the_score_moved_since_yesterday(sign_in: SignIn, company: Company) -> None:
    score = company.lead("Freya").score
    ScoreChange.objects.create(
        lead_id=score.lead_id,
        at=timezone.now() - timedelta(days=3),
        version_id=score.version_id,
        total=score.total - 40,
        engagement=score.engagement - 40,
        fit=score.fit,
        band=-3,
        cause=Cause.SIGNAL,
    )

    html = sign_in("ana").get("/queue/?only=now").content.decode()

    assert '▲ 40</span><span class="visually-hidden">up 40 since yesterday</span>' in html
    assert re.search(r'class="delta up" title="\d+ since \d+ \w+ \d{4}, \d\d:\d\d UTC"', html)
    assert '<span class="crossed">was MQL</span>' in html
