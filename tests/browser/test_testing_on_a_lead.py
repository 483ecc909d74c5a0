"""Trying a draft on a lead in a browser, and keeping the lead as a golden one."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scoring_models import drafts
from scoring_models.models import ModelVersion
from tests.browser.conftest import AsPerson, follow
from tests.browser.test_every_page import violations
from tests.company import Company


@pytest.fixture
def draft(company: Company) -> ModelVersion:
    live = ModelVersion.objects.get(number=1)
    return drafts.start_from(version=live, actor=company.person("sam"), at=timezone.now())


def type_in(page: Page) -> None:
    page.get_by_label("Job title").fill("VP Sales")
    first = page.get_by_role("group", name="Signal 1")
    first.get_by_label("Signal").select_option("dm_received")
    first.get_by_label("Days ago").fill("2")


def test_a_lead_is_typed_in_tested_and_kept(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", f"/models/{draft.pk}/test/")
    type_in(page)
    page.get_by_role("button", name="More rows").click()
    expect(page.get_by_role("group", name="Signal 4")).to_be_visible()
    expect(page.get_by_label("Job title")).to_have_value("VP Sales")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("heading", name="The lead that you typed in")).to_be_visible()
    assert not violations(page)
    page.get_by_label("Name", exact=True).fill("Ideal buyer")
    page.get_by_label("Expected band").select_option("mql")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("Ideal buyer", exact=True)).to_be_visible()
    expect(page.get_by_text("as expected")).to_be_visible()
    assert not violations(page)


def test_what_is_wrong_is_shown_in_place(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", f"/models/{draft.pk}/test/")
    type_in(page)
    page.get_by_label("Days ago").first.fill("-3")
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Correct what is marked")
    expect(page.get_by_label("Job title")).to_have_value("VP Sales")


def test_without_a_script_it_works_too(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", f"/models/{draft.pk}/test/", java_script_enabled=False)
    page.get_by_label("Name, e-mail, company or external id").fill("freya")
    follow(page.get_by_role("button", name="Find"))
    follow(page.get_by_role("link", name="Freya Vogel"))
    expect(page.get_by_role("status").get_by_role("heading")).to_contain_text("Freya Vogel")
    follow(page.get_by_role("button", name="Test", exact=True))
    expect(page.get_by_role("heading", name="The lead that you typed in")).to_be_visible()
