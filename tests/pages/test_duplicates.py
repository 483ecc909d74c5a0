"""The page of suggestions, the hint on a lead's page, and its company's people."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from leads import overrides
from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Lead, NotSame, OverrideKind, OverrideReason
from leadscoring.people.models import User
from tests.company import Company, score

SignIn = Callable[[str], Client]


def come(*rows: LeadRow) -> None:
    save_leads(rows, at=timezone.now(), actor=User.objects.system())
    Lead.objects.update(owner=None)
    score()


@pytest.fixture
def twin(company: Company) -> Lead:
    """Wei Zhang of Hanshi once more."""
    values = {"first_name": "Wei", "last_name": "Zhang", "company": "Hanshi", "email": "wei2@hanshi.example"}
    come(LeadRow(1, values, external_id="twin", team="Europe"))
    return Lead.objects.get(external_id="twin")


def test_a_pair_is_shown_with_what_to_do_about_it(sign_in: SignIn, company: Company, twin: Lead) -> None:
    wei = company.lead("Wei")
    page = sign_in("ana").get("/duplicates/").content.decode()
    assert f"/leads/{wei.pk}/merge/?with={twin.pk}" in page
    hint = sign_in("ana").get(f"/leads/{twin.pk}/").content.decode()
    assert f"/leads/{twin.pk}/merge/?with={wei.pk}" in hint
    sign_in("ana").post("/duplicates/not-the-same/", {"one": wei.pk, "other": twin.pk})
    page = sign_in("ana").get("/duplicates/").content.decode()
    assert "No duplicates" in page
    assert "You said these are different people" in page
    sign_in("ana").post(f"/duplicates/{NotSame.objects.get().pk}/take-back/")
    assert "merge/?with=" in sign_in("ana").get("/duplicates/").content.decode()


def test_who_may_not_merge_a_pair_sees_whom_to_ask(sign_in: SignIn, company: Company, twin: Lead) -> None:
    Lead.objects.filter(pk=twin.pk).update(owner=company.person("jon"))
    page = sign_in("ana").get("/duplicates/").content.decode()
    assert "Their manager can merge them" in page
    assert "merge/?with=" not in page
    wei = company.lead("Wei")
    assert "merge/?with=" not in sign_in("ana").get(f"/leads/{wei.pk}/").content.decode()
    assert sign_in("rita").get("/duplicates/").context["rows"] == []
    sign_in("rita").post("/duplicates/not-the-same/", {"one": wei.pk, "other": twin.pk})
    assert not NotSame.objects.exists()


def test_the_committee_is_in_the_order_of_what_counts(sign_in: SignIn, company: Company) -> None:
    wei = company.lead("Wei")
    for number, (name, title, team) in enumerate(
        (("Ada", "VP Sales", "Europe"), ("Bo", "Intern", "Europe"), ("Cy", "VP", "Overseas"))
    ):
        values = {"first_name": name, "job_title": title, "company": "Hanshi"}
        come(LeadRow(number, values, external_id=f"h-{number}", team=team))
    bo = Lead.objects.get(external_id="h-1")
    context = sign_in("ana").get(f"/leads/{wei.pk}/").context
    assert [one.lead.name for one in context["colleagues"]] == ["Ada", "Bo"]
    assert (context["more_colleagues"], context["hidden_colleagues"]) == (0, 1)
    overrides.set_override(
        lead_id=bo.pk,
        kind=OverrideKind.SCORE,
        points=90,
        reason=OverrideReason.MET,
        actor=company.person("ana"),
        at=timezone.now(),
    )
    first, _ = sign_in("ana").get(f"/leads/{wei.pk}/").context["colleagues"]
    assert (first.lead, first.total, first.band.key) == (bo, 90, "hot")
