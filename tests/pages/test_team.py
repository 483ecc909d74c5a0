"""The manager's page of their teams."""

import csv
import io
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from leads import reassigning
from leads.dealing import Way
from leads.models import Lead
from leads.outcomes import CallResult, log_call
from leads.reassigning import Selection
from tests.company import Company

SignIn = Callable[[str], Client]


def text(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, path
    return " ".join(answer.content.decode().split())


@pytest.fixture
def given(company: Company) -> list[Lead]:
    """Mara was given Freya and Tom, and has called Freya."""
    leads = [company.lead(name) for name in ("Freya", "Tom")]
    reassigning.reassign(
        selection=Selection(lead_ids=tuple(lead.pk for lead in leads)),
        way=Way.PEOPLE,
        to=[company.person("mara")],
        expected=2,
        actor=company.person("mara"),
        at=timezone.now(),
    )
    log_call(
        lead_id=leads[0].pk, result=CallResult.NO_ANSWER, actor=company.person("mara"), at=timezone.now()
    )
    return leads


def table(client: Client, name: str) -> list[list[str]]:
    answer = client.get(f"/team/?table={name}")
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.getvalue().decode())))


def test_every_table_is_a_file_with_the_same_figures(sign_in: SignIn, given: list[Lead]) -> None:
    mara = sign_in("mara")

    assert ["Mara Test", "1", "1", "0"] in [row[:4] for row in table(mara, "queue")]
    assert ["Mara Test", "1", "1", "0"] in table(mara, "given")
    assert ["Mara Test", "2", "1", "0", "0"] in table(mara, "answers")
    assert table(mara, "load")[1][:3] == ["Europe", "2", "40"]
    assert "There is nothing here" in text(mara, "/team/?table=nothing", 404)


def test_every_figure_leads_to_its_leads(sign_in: SignIn, given: list[Lead], company: Company) -> None:
    mara, owner = sign_in("mara"), company.person("mara").pk
    page = text(mara, "/team/")

    for link in (f"/queue/?owner={owner}&amp;band=hot", f"/team/given/?owner={owner}&amp;band=hot"):
        assert link in page
    listed = text(mara, f"/team/given/?owner={owner}&band=hot")
    assert "Freya" in listed and "Tom Okafor" not in listed and "1 lead given in 30 days" in listed
    assert "Freya" in text(mara, f"/queue/?owner={owner}&band=hot")
    assert "Nobody of your teams was given such a lead" in text(mara, "/team/given/?band=gone&owner=x")


def test_other_teams_stay_out_of_it(sign_in: SignIn, given: list[Lead], company: Company) -> None:
    page = text(sign_in("mara"), "/team/")
    assert "Rita Test" not in page and "Overseas" not in page


def test_a_manager_without_a_team_is_told_what_to_do(sign_in: SignIn, company: Company) -> None:
    company.person("mara").memberships.all().delete()
    assert "Ask your admin to put you in one" in text(sign_in("mara"), "/team/")


def test_names_that_look_like_formulas_stay_names(
    sign_in: SignIn, given: list[Lead], company: Company
) -> None:
    mara = company.person("mara")
    mara.name = "=cmd()"
    mara.save()
    assert "'=cmd()" in [row[0] for row in table(sign_in("mara"), "given")]
