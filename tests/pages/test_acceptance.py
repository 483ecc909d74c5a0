"""What sales accepts, as marketing and managers see it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Handoff, ReturnReason
from tests.company import Company

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def said(company: Company) -> None:
    """Freya was accepted and Tom returned; Otto of the other team accepted; one undone, one long ago."""
    now = timezone.now()
    for name, accepted, age, undone in (
        ("Freya", True, 1, None),
        ("Tom", False, 2, None),
        ("Otto", True, 3, None),
        ("Lucia", True, 4, now),
        ("Wei", True, 91, None),
    ):
        Handoff.objects.create(
            lead=company.lead(name),
            by=company.person("ana"),
            at=now - timedelta(days=age),
            accepted=accepted,
            reason="" if accepted else ReturnReason.TOO_EARLY,
            band="hot",
            rank=-1,
            source="webinar" if accepted else "",
            version_id=1,
            undone_at=undone,
        )


def lines(client: Client, table: str) -> list[str]:
    return client.get(f"/handoffs/?table={table}").getvalue().decode().splitlines()[1:]


def test_marketing_sees_the_rates_of_all_and_a_manager_of_their_teams(sign_in: SignIn) -> None:
    assert lines(sign_in("sam"), "band") == ["Hot,3,2,67,21 to 94 %"]
    assert lines(sign_in("sam"), "source") == ["Webinar,2,2,100,34 to 100 %", "No source,1,0,0,0 to 79 %"]
    assert lines(sign_in("mara"), "band") == ["Hot,2,1,50,9 to 91 %"]


def test_a_figure_leads_to_its_leads(sign_in: SignIn) -> None:
    page = sign_in("mara").get("/handoffs/?source=").content.decode()

    assert "Tom Okafor" in page and "Too early" in page and "Freya" not in page
    assert "Otto" not in sign_in("mara").get("/handoffs/?band=hot").content.decode()
    assert sign_in("sam").get("/handoffs/?table=x").status_code == 404


def test_sources_are_spelt_as_people_do(sign_in: SignIn) -> None:
    page = sign_in("sam").get("/handoffs/?source=webinar").content.decode()
    assert "Webinar" in page and ">webinar" not in page


def test_reps_do_not_see_it(sign_in: SignIn) -> None:
    assert sign_in("ana").get("/handoffs/").status_code == 403
