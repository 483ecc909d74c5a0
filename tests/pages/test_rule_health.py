"""The page of rule health, and the list of leads behind a finding."""

import csv
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client

from leads.models import Lead
from leadscoring.actors import acting
from scoring_models import drafts
from scoring_models.health.selection import PAGE_SIZE
from scoring_models.models import ModelVersion
from tests.company import Company

SignIn = Callable[[str], Client]


def read(client: Client, path: str, status: int = 200, *, headers: dict[str, str] | None = None) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == status
    return unescape(answer.content.decode())


@pytest.fixture
def live(company: Company) -> ModelVersion:
    return ModelVersion.objects.get(number=1)


@pytest.fixture
def many(company: Company) -> None:
    """A hundred leads of whom little is known, so that something can be said of all."""
    Lead.objects.bulk_create(Lead(attributes={"first_name": f"Nr {n}"}) for n in range(100))


def test_a_version_offers_its_health_with_and_without_script(
    live: ModelVersion, many: None, sign_in: SignIn
) -> None:
    html = read(sign_in("ana"), f"/models/{live.pk}/")
    path = f"/models/{live.pk}/health/"
    assert f'hx-get="{path}"' in html
    assert f'href="{path}"' in html
    page = read(sign_in("ana"), path)
    assert "<h1>Rule health</h1>" in page
    assert "Company size is missing for 106 of 106 leads (100 %)" in page
    part = read(sign_in("ana"), path, headers={"HX-Request": "true"})
    assert "Company size is missing" in part
    assert "<h1>" not in part


def test_a_review_shows_health(live: ModelVersion, sign_in: SignIn) -> None:
    assert f'hx-get="/models/{live.pk}/health/"' in read(sign_in("mara"), f"/models/{live.pk}/review/")


def test_each_link_leads_to_as_many_leads_as_it_says(live: ModelVersion, many: None, sign_in: SignIn) -> None:
    sam = sign_in("sam")
    html = read(sam, f"/models/{live.pk}/health/")
    links = re.findall(r'href="(/models/\d+/leads/\?[^"]+)"[^>]*>See (\d+) leads?<', html)
    assert len(links) > 3
    for path, count in links:
        assert followed(sam, path) == int(count), path


def followed(client: Client, path: str) -> int:
    """How many leads the pages of a list have."""
    html = read(client, path)
    shown = html.count('<th scope="row">')
    more = re.search(r'href="(\?[^"]*after=\d+)"', html)
    return shown + (followed(client, path.partition("?")[0] + more[1]) if more else 0)


def test_whoever_may_not_see_all_leads_gets_no_links(live: ModelVersion, many: None, sign_in: SignIn) -> None:
    for name in ("ana", "mara"):
        assert "/leads/?" not in read(sign_in(name), f"/models/{live.pk}/health/")
        read(sign_in(name), f"/models/{live.pk}/leads/?band=hot", 403)
        read(sign_in(name), f"/models/{live.pk}/leads/export/?band=hot", 403)


def test_the_leads_of_a_list_are_exported_with_what_the_version_gives_them(
    live: ModelVersion, many: None, sign_in: SignIn
) -> None:
    query = "?missing=company_size"
    html = read(sign_in("sam"), f"/models/{live.pk}/leads/{query}")
    path = f"/models/{live.pk}/leads/export/{query}"
    assert f'href="{path}"' in html and f'href="{path}&format=xlsx"' in html
    text = sign_in("sam").get(path).getvalue().decode()
    header, *rows = csv.reader(text.splitlines())
    assert len(rows) == followed(sign_in("sam"), f"/models/{live.pk}/leads/{query}") > PAGE_SIZE
    assert header[-3:] == ["score_then", "band_then", "scored_as_of"]
    assert {row[-2] for row in rows} <= {"Hot", "SQL", "MQL", "Nurture"} and all(row[-3] for row in rows)


def test_the_list_says_whose_leads_it_has_and_what_they_score(live: ModelVersion, sign_in: SignIn) -> None:
    html = read(sign_in("ines"), f"/models/{live.pk}/leads/?band=hot&needs=started-conversation")
    assert "Leads: band Hot; “Started a conversation” decides the band" in html
    assert "Freya" in html
    assert "Owen" not in html
    assert "No lead is like this." in read(sign_in("ines"), f"/models/{live.pk}/leads/?band=hot&band=mql")


@pytest.mark.parametrize(
    "query",
    ["", "?band=none", "?fires=none", "?only=money", "?reasons=x", "?missing=shoe", "?band=hot&after=x",
     "?band=hot&at=soon", "?band=hot&after=" + "9" * 40],
)  # fmt: skip
def test_a_list_that_nobody_asked_for_is_not_found(query: str, live: ModelVersion, sign_in: SignIn) -> None:
    read(sign_in("sam"), f"/models/{live.pk}/leads/{query}", 404)


def test_a_draft_that_cannot_be_read_says_so(live: ModelVersion, company: Company, sign_in: SignIn) -> None:
    draft = drafts.start_from(version=live, actor=company.person("sam"), at=live.created_at)
    client = sign_in("sam")
    with acting(company.person("sam")):
        draft.rules.filter(key="comments").update(signal_types=["gone"])
    assert "There is no signal type “gone”" in read(client, f"/models/{draft.pk}/health/")
    assert "There is no signal type “gone”" in read(client, f"/models/{draft.pk}/leads/?band=hot", 400)
