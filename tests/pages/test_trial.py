"""Testing a version on a lead, real or typed in, and keeping what was typed in as a golden lead."""

from collections.abc import Callable
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Attribute, Lead, Signal, Stale
from leadscoring.actors import acting
from scoring_models import drafts
from scoring_models.models import ModelVersion
from tests.company import Company

SignIn = Callable[[str], Client]
BUYER = {
    "known-job_title": "VP Sales",
    "known-company_size": "",
    "did-TOTAL_FORMS": "2",
    "did-INITIAL_FORMS": "0",
    "did-0-type": "dm_received",
    "did-0-days_ago": "2",
    "did-0-times": "1",
    "did-1-type": "",
    "did-1-days_ago": "1",
    "did-1-times": "1",
}


def read(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return unescape(answer.content.decode())


def send(client: Client, path: str, status: int = 200, **fields: str) -> str:
    answer = client.post(
        path, BUYER | {key.replace("__", "-"): value for key, value in fields.items()}, follow=True
    )
    assert answer.status_code == status
    return " ".join(unescape(answer.content.decode()).split())


@pytest.fixture
def draft(company: Company) -> ModelVersion:
    """Sam's draft, which gives 5 more for a message and nothing for a title."""
    live, sam = ModelVersion.objects.get(number=1), company.person("sam")
    version = drafts.start_from(version=live, actor=sam, at=timezone.now())
    with acting(sam):
        version.rules.filter(key="started-conversation").update(points=45)
        version.rules.filter(key="target-title").delete()
    return version


def test_a_real_lead_is_shown_with_both_versions(
    draft: ModelVersion, company: Company, sign_in: SignIn
) -> None:
    freya = company.lead("Freya")
    html = read(sign_in("sam"), f"/models/{draft.pk}/test/?lead={freya.pk}")
    assert "Freya Vogel" in html
    assert "−10 against the live version" in html
    assert "+45" in html and "+40" in html
    assert "no such rule" in html
    assert 'value="VP Sales"' in html


def test_a_search_finds_leads_to_test_on(draft: ModelVersion, company: Company, sign_in: SignIn) -> None:
    freya = company.lead("Freya")
    assert f'href="?lead={freya.pk}"' in read(sign_in("sam"), f"/models/{draft.pk}/test/?q=freya")
    by_id = read(sign_in("sam"), f"/models/{draft.pk}/test/?q={freya.external_id}")
    assert f'href="?lead={freya.pk}"' in by_id
    assert "No lead of that name" in read(sign_in("sam"), f"/models/{draft.pk}/test/?q=nobody")


def test_nobody_tests_on_a_lead_of_another_team(
    draft: ModelVersion, company: Company, sign_in: SignIn
) -> None:
    otto, mara = company.lead("Otto"), sign_in("mara")
    read(mara, f"/models/{draft.pk}/test/?lead={otto.pk}", 404)
    read(mara, f"/models/{draft.pk}/test/?lead=x", 404)
    assert f'href="?lead={otto.pk}"' not in read(mara, f"/models/{draft.pk}/test/?q=otto")
    read(sign_in("sam"), f"/models/{draft.pk}/test/?lead={otto.pk}")


def test_a_rep_does_not_test(draft: ModelVersion, sign_in: SignIn) -> None:
    assert sign_in("ana").get(f"/models/{draft.pk}/test/").status_code == 403
    assert sign_in("ana").post(f"/models/{draft.pk}/test/", BUYER).status_code == 403


def test_a_lead_that_is_typed_in_is_scored_and_nothing_is_written(
    draft: ModelVersion, sign_in: SignIn
) -> None:
    before = [model.objects.count() for model in (Lead, Signal, Stale)]
    html = send(sign_in("mara"), f"/models/{draft.pk}/test/")
    assert "The lead that you typed in" in html
    assert "−10 against the live version" in html
    assert [model.objects.count() for model in (Lead, Signal, Stale)] == before


def test_the_live_version_is_tested_alone(draft: ModelVersion, sign_in: SignIn) -> None:
    live = ModelVersion.objects.get(number=1)
    html = send(sign_in("ines"), f"/models/{live.pk}/test/")
    assert "What version 1 says. Nothing is saved." in html
    assert "against the live version" not in html


def test_what_is_wrong_in_the_form_is_marked(draft: ModelVersion, sign_in: SignIn) -> None:
    html = send(sign_in("sam"), f"/models/{draft.pk}/test/", 400, did__0__days_ago="-1", known__ssi_score="x")
    assert "Correct what is marked below." in html
    assert "Enter a number." in html
    assert "greater than or equal to 0" in html


def test_more_rows_keep_what_was_typed_in(draft: ModelVersion, sign_in: SignIn) -> None:
    html = send(sign_in("sam"), f"/models/{draft.pk}/test/", more="1")
    assert 'value="VP Sales"' in html
    assert 'name="did-3-type"' in html
    assert "Enter a whole number" not in html
    assert "against the live version" not in html


# Golden leads.


def test_what_was_typed_in_is_kept_as_a_golden_lead(draft: ModelVersion, sign_in: SignIn) -> None:
    sam = sign_in("sam")
    assert "Keep it as a golden lead" in send(sam, f"/models/{draft.pk}/test/")
    html = send(sam, f"/models/{draft.pk}/golden/add/", golden__name="Buyer", golden__band="mql")
    assert "“Buyer” is a golden lead of this draft." in html
    assert "is MQL with 45, as expected" in html
    row = draft.golden.get()
    assert (row.attributes, row.expect_band) == ({"job_title": "VP Sales"}, "mql")
    assert row.signals == [{"type": "dm_received", "days_ago": "2", "properties": {}}]


def test_a_red_one_says_what_it_got_where_the_version_is_shown(draft: ModelVersion, sign_in: SignIn) -> None:
    sam = sign_in("sam")
    send(sam, f"/models/{draft.pk}/golden/add/", golden__name="Buyer", golden__band="hot")
    for name in ("ana", "mara", "ines"):
        assert "should be Hot and is MQL with 45" in read(sign_in(name), f"/models/{draft.pk}/golden/")
    for page in (f"/models/{draft.pk}/", f"/models/{draft.pk}/review/"):  # of a draft there is no evidence
        assert f'hx-get="/models/{draft.pk}/golden/"' in read(sam, page)
    editor = read(sam, f"/admin/scoring_models/modelversion/{draft.pk}/change/")
    assert f'hx-get="/models/{draft.pk}/golden/"' in editor
    assert f'hx-get="/models/{draft.pk}/health/"' in editor


def test_a_golden_lead_is_removed_with_one_button(draft: ModelVersion, sign_in: SignIn) -> None:
    sam = sign_in("sam")
    send(sam, f"/models/{draft.pk}/golden/add/", golden__name="Buyer", golden__score="45")
    assert "Remove “Buyer”" in read(sam, f"/models/{draft.pk}/golden/")
    assert "Remove" not in read(sign_in("mara"), f"/models/{draft.pk}/golden/")
    html = send(sam, f"/models/{draft.pk}/golden/remove/", name="Buyer")
    assert "None yet." in html
    assert not draft.golden.exists()


def test_a_nameless_one_is_refused(draft: ModelVersion, sign_in: SignIn) -> None:
    test_page = f"/models/{draft.pk}/test/"
    html = send(sign_in("sam"), f"/models/{draft.pk}/golden/add/", golden__band="mql", next=test_page)
    assert "Give the golden lead a name" in html
    assert not draft.golden.exists()


def test_only_a_draft_offers_to_keep_a_lead(draft: ModelVersion, sign_in: SignIn) -> None:
    live = ModelVersion.objects.get(number=1)
    assert "Keep it" not in send(sign_in("sam"), f"/models/{live.pk}/test/")
    assert "Keep it" not in send(sign_in("mara"), f"/models/{draft.pk}/test/")


def test_who_somebody_is_does_not_go_into_an_example(
    draft: ModelVersion, company: Company, sign_in: SignIn
) -> None:
    with acting(company.person("sam")):
        rule = draft.rules.get(key="linkedin-ssi")
        rule.attribute, rule.operator, rule.values = Attribute.objects.get(key="email"), "is_set", []
        rule.save()
    html = read(sign_in("sam"), f"/models/{draft.pk}/test/?lead={company.lead('Freya').pk}")
    assert 'name="known-email"' in html
    assert 'value="freya@' not in html


def test_rows_without_a_type_are_left_out(draft: ModelVersion, sign_in: SignIn) -> None:
    html = send(sign_in("sam"), f"/models/{draft.pk}/test/", did__TOTAL_FORMS="4", did__1__days_ago="")
    assert "The lead that you typed in" in html
