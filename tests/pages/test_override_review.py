"""The manager's page of large overrides, and where pages show the model's number beside an override."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from leads import overrides
from leads.models import Override, OverrideKind, OverrideReason, OverrideReview
from tests.company import Company

SignIn = Callable[[str], Client]


@pytest.fixture
def made(company: Company) -> Override:
    """Ana has put Owen (Nurture) into Hot."""
    return overrides.set_override(
        lead_id=company.lead("Owen").pk,
        kind=OverrideKind.BAND,
        band="hot",
        reason=OverrideReason.MET,
        note="Met him at the fair",
        actor=company.person("ana"),
        at=timezone.now() - timedelta(minutes=5),
    )


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return " ".join(answer.content.decode().split())


def test_the_page_says_what_who_and_why(sign_in: SignIn, made: Override) -> None:
    page = text(sign_in("mara"), "/team/overrides/")

    assert "Waiting 1" in page
    for said in ("Owen Hughes", "Nurture", "Hot", "Band set to Hot", "the model said", "Met him at the fair"):
        assert said in page


def test_keeping_and_ending_by_a_form(sign_in: SignIn, made: Override) -> None:
    mara, path = sign_in("mara"), f"/team/overrides/{made.pk}/review/"

    without = mara.post(path, {"verdict": "end"}, follow=True).content.decode()
    assert "Say why it ends" in without
    ended = mara.post(path, {"verdict": "end", "comment": "He left"}, follow=True).content.decode()
    assert "Ended. The model&#x27;s score of Owen Hughes counts again" in ended
    assert "Nothing waits for you" in ended
    assert OverrideReview.objects.get().comment == "He left"
    reviewed = text(mara, "/team/overrides/?show=reviewed")
    assert "He left" in reviewed and "Ended by <bdi>Mara Test</bdi>" in reviewed


def test_the_author_reads_on_the_lead_what_the_manager_said(
    sign_in: SignIn, made: Override, company: Company
) -> None:
    lead = f"/leads/{made.lead_id}/"
    assert "A manager looks at it" in text(sign_in("ana"), lead)
    kept = {"verdict": "keep", "comment": "Good eye"}
    sign_in("mara").post(f"/team/overrides/{made.pk}/review/", kept)
    page = text(sign_in("ana"), lead)
    assert "Seen and kept by <bdi>Mara Test</bdi>" in page and "Good eye" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?reason=met", True),
        ("?reason=budget", False),
        ("?author={ana}", True),
        ("?author={jon}", False),
        ("?team={team}", True),
        ("?team=99999999", False),
        ("?after={made}", False),
        ("?show=reviewed", False),
        ("?show=all", True),
        ("?show=nonsense&author=x&team=1e9&after=²", True),
    ],
)
def test_the_list_is_filtered_by_its_address(
    sign_in: SignIn, made: Override, company: Company, query: str, found: bool
) -> None:
    people = {name: company.person(name).pk for name in ("ana", "jon")}
    team = company.lead("Owen").team_id
    page = text(sign_in("mara"), "/team/overrides/" + query.format(**people, team=team, made=made.pk))
    assert ("Met him at the fair" in page) is found


def test_an_override_that_a_version_s_band_is_gone_for_is_still_shown(
    sign_in: SignIn, made: Override
) -> None:
    Override.objects.update(model_band="gone", band="gone")
    assert "Band set to gone" in text(sign_in("mara"), "/team/overrides/")


def test_the_model_s_number_stands_beside_the_effective_one(
    sign_in: SignIn, made: Override, company: Company
) -> None:
    ana, by_model = sign_in("ana"), f"✎ {company.lead('Owen').score.total}"

    for path in ("/queue/", f"/queue/?lead={made.lead_id}", "/leads/", f"/leads/{made.lead_id}/"):
        page = text(ana, path)
        assert by_model in page and "81" in page, path
    explained = text(ana, f"/leads/{made.lead_id}/")
    assert "with the override" in explained and "Band set to Hot by <bdi>Ana Test</bdi>" in explained


def test_managers_see_in_the_menu_how_many_wait(sign_in: SignIn, made: Override) -> None:
    badge = '<span class="badge" title="Waiting for you">1</span>'
    assert f"Team {badge}" in text(sign_in("mara"), "/queue/")
    assert "Team <span" not in text(sign_in("ana"), "/queue/")
