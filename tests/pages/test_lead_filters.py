"""The filters of the list of all leads."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from leads.models import Lead, OutcomeReason, OverrideKind, OverrideReason
from leads.outcomes import CallResult, log_call
from leads.overrides import set_override
from leads.values import set_value
from leadscoring.people.models import Team
from tests.company import Company, happen

SignIn = Callable[[str], Client]


@pytest.fixture
def company(company: Company) -> Company:
    """Freya is Ana's and unsubscribed by hand, Tom is lost, Wei counts as Hot, Owen broke the connection."""
    now, ana = timezone.now(), company.person("ana")
    Lead.objects.filter(pk=company.lead("Freya").pk).update(owner=ana)
    set_value(lead_id=company.lead("Freya").pk, key="unsubscribed", raw="yes", actor=ana, at=now)
    lost, why = CallResult.LOST, OutcomeReason.PRICE
    log_call(lead_id=company.lead("Tom").pk, result=lost, reason=why, actor=ana, at=now)
    wei, band = company.lead("Wei").pk, OverrideKind.BAND
    set_override(lead_id=wei, kind=band, band="hot", reason=OverrideReason.MET, actor=ana, at=now)
    happen(company.lead("Owen"), "disconnected", at=now - timedelta(days=1))
    return company


def shown(client: Client, query: str) -> set[str]:
    page = client.get(f"/leads/?{query}")
    assert page.status_code == 200
    return {str(lead.attributes["first_name"]) for lead, _judged in page.context["rows"]}


def test_each_filter_narrows_the_list(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    europe = Team.objects.get(name="Europe").pk
    for query, expected in {
        "": "Freya Tom Lucia Wei Owen",
        "band=hot": "Freya Wei",
        "band=mql": "Lucia",
        "band=mql&band=sql": "Lucia Tom",
        "state=lost": "Tom",
        "state=open": "Freya Lucia Wei Owen",
        "state=converted": "",
        "owner=me": "Freya",
        "owner=none": "Tom Lucia Wei Owen",
        f"team={europe}": "Freya Tom Lucia Wei Owen",
        "source=Webinar": "Tom Wei",
        "stage=decision": "Freya Tom",
        "stage=none": "Owen",
        "contact=unsubscribed": "Freya",
        "contact=disconnected": "Owen",
        "contact=possible": "Tom Lucia Wei",
        "band=hot&contact=possible&q=zhang": "Wei",
        "band=none-such&state=none-such&owner=99x": "Freya Tom Lucia Wei Owen",
    }.items():
        assert shown(ana, query) == set(expected.split()), query


def test_nobody_filters_other_teams_leads_into_view(sign_in: SignIn, company: Company) -> None:
    assert shown(sign_in("rita"), "owner=none") == {"Otto"}
    assert shown(sign_in("sam"), "source=Webinar") == {"Tom", "Wei", "Otto"}
    assert shown(sign_in("ana"), f"team={Team.objects.get(name='Overseas').pk}") != {"Otto"}


def test_the_export_is_of_the_filtered_list_and_few_questions_are_asked(
    sign_in: SignIn, company: Company
) -> None:
    ana = sign_in("ana")
    query = "band=hot&contact=possible&stage=consideration&state=open&source=webinar&owner=none"
    file = b"".join(ana.get(f"/leads/export/?{query}"))
    assert [row["first_name"] for row in csv.DictReader(io.StringIO(file.decode("utf-8-sig")))] == ["Wei"]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert shown(ana, query) == {"Wei"}
    assert len(asked) <= 12
    nobody = ana.get("/leads/?state=wrong_person").content.decode()
    assert "No lead matches all of these filters." in nobody and "Take filters away" in nobody
