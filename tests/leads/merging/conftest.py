"""Two leads that are one person: what each is known by, and who works them."""

from datetime import datetime, timedelta

import pytest

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Lead
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, cast, live_scale, make_score

__all__ = ("cast", "live_scale")


def save(*rows: LeadRow, at: datetime = NOW - timedelta(days=1)) -> None:
    save_leads(rows, at=at, actor=User.objects.system())


def by_id(external_id: str) -> Lead:
    return Lead.objects.select_related("account").get(external_id=external_id)


@pytest.fixture
def pair(cast: Cast) -> tuple[Lead, Lead]:
    """Kim, and Kim once more: k-1 of Acme, whom nobody owns, and k-2, without a company."""
    save(
        LeadRow(
            1,
            {"email": "kim@acme.example", "first_name": "Kim", "job_title": "Buyer", "company": "Acme"},
            external_id="k-1",
            team="North",
        ),
        LeadRow(
            2,
            {"email": "kim@home.example", "first_name": "Kim", "job_title": "VP", "city": "Bonn"},
            external_id="k-2",
            team="North",
        ),
    )
    Lead.objects.update(owner=None)
    for external_id in ("k-1", "k-2"):
        make_score(by_id(external_id), 70)
    return by_id("k-1"), by_id("k-2")
