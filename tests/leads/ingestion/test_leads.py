"""Saving leads: found again, written, routed, marked."""

from datetime import UTC, datetime

import pytest

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Account, Lead, Stale
from leadscoring.people.models import Team, User

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def team() -> Team:
    return Team.objects.create(name="Sales", is_default=True)


def save(*rows: LeadRow):
    return save_leads(rows, at=NOW, actor=User.objects.system())


def test_a_new_lead_is_written_with_its_facts_and_account() -> None:
    row = LeadRow(
        1,
        {"email": "Ann@Acme.com", "job_title": "VP,  Sales", "company": "ACME Inc", "ssi_score": "70.50"},
        external_id="7",
    )
    result = save(row)
    assert (result.read, result.created, result.refusals) == (1, 1, [])
    lead = Lead.objects.get()
    assert lead.attributes == {"email": "Ann@Acme.com", "job_title": "VP,  Sales", "ssi_score": "70.50"}
    assert (lead.email, lead.job_title, str(lead.ssi_score)) == ("ann@acme.com", "vp, sales", "70.50")
    assert lead.words == {"email": "ann acme com", "job_title": "vp sales"}
    assert lead.account == Account.objects.get(company="acme inc")
    assert list(Stale.objects.values_list("lead_id", flat=True)) == [lead.pk]


def test_the_same_row_again_changes_and_marks_nothing() -> None:
    row = LeadRow(1, {"email": "ann@acme.com", "company": "Acme", "industry": "IT"}, external_id="7")
    save(row)
    Stale.objects.all().delete()
    result = save(row)
    assert (result.created, result.updated, result.unchanged) == (0, 0, 1)
    assert not Stale.objects.exists()
