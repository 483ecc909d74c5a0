"""The pages of versions in a real browser: nothing for axe to find, nothing wider than a phone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page

from leads.models import Lead
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import drafts, versions
from scoring_models.models import ModelVersion
from scoring_models.spec_text import parse
from tests.browser.test_every_page import violations
from tests.scoring_models.versions.conftest import REFERENCE, person
from tests.scoring_models.versions.pages import client_of

NewPage = Callable[..., Page]


@pytest.fixture
def people(committed_db: None) -> dict[str, User]:
    return {"mara": person("mara", Role.MARKETING), "nina": person("nina", Role.MANAGER)}


@pytest.fixture
def shown(people: dict[str, User]) -> dict[str, tuple[str, str]]:
    """Who looks at which address: a draft in the editor, another version in review, and the rest."""
    Lead.objects.bulk_create(Lead(external_id=str(number)) for number in range(20))
    spec, now = parse(REFERENCE.read_text()), timezone.now()
    live = versions.set_up(spec=spec, actor=people["mara"], at=now).version
    comments = replace(spec.rules[3], points=25)
    changed = replace(spec, rules=(*spec.rules[1:3], comments, *spec.rules[4:]))
    sent = drafts.create(spec=changed, actor=people["mara"], at=now, note="Comments close better.")
    sent = versions.submit(version=sent, actor=people["mara"], at=now)
    draft: ModelVersion = drafts.start_from(version=live, actor=people["mara"], at=now)
    return {
        "editor": ("mara", f"/admin/scoring_models/modelversion/{draft.pk}/change/"),
        "review": ("nina", f"/models/{sent.pk}/review/"),
        "version": ("nina", f"/models/{live.pk}/"),
        "models": ("mara", "/models/"),
        "set-up": ("mara", "/set-up/"),
    }


def sign_in(page: Page, user: User, address: str) -> None:
    cookie = client_of(user).cookies["leadscoring_session"]
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": address}])


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (375, "dark")])
def test_pages_suit_every_eye_and_width(
    width: int,
    scheme: str,
    live_server_url: str,
    new_page: NewPage,
    people: dict[str, User],
    shown: dict[str, tuple[str, str]],
) -> None:
    page = new_page(base_url=live_server_url, viewport={"width": width, "height": 900}, color_scheme=scheme)
    for name, (who, path) in shown.items():
        sign_in(page, people[who], live_server_url)
        page.goto(path)
        assert page.url.endswith(path)
        for details in page.locator("form.draft :is(.edit, .part)").all()[::6]:
            details.locator("summary").click()
        assert not violations(page), name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.slow
def test_the_editor_shows_only_the_fields_that_a_kind_uses(
    live_server_url: str, new_page: NewPage, people: dict[str, User], shown: dict[str, tuple[str, str]]
) -> None:
    page = new_page(base_url=live_server_url)
    sign_in(page, people["mara"], live_server_url)
    page.goto(shown["editor"][1])
    rule = add_rule(page, "Fit")
    rule.get_by_label("Counts").select_option("attribute")
    rule.get_by_label("Attribute").select_option(label="LinkedIn SSI")
    assert not rule.get_by_text("For so many days").is_visible()
    offered = rule.get_by_label("Condition").locator("option:not([hidden])").all_inner_texts()
    assert "is at least" in offered
    assert "contains any of" not in offered
    rule.get_by_label("Condition").select_option(label="is at least")
    assert not rule.get_by_label("or the values of a list").is_visible()
    rule.get_by_role("textbox", name="Values").fill("50")
    rule.get_by_label("Points of the new rule").fill("7")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("LinkedIn SSI is at least 50", exact=True).wait_for()


def add_rule(page: Page, group: str) -> Locator:
    card = page.locator("section[data-rules]", has=page.get_by_role("heading", name=group))
    card.locator("button[data-add]").click()
    return card.locator(".rule").last


@pytest.mark.slow
def test_several_new_rules_are_saved_at_once(
    live_server_url: str, new_page: NewPage, people: dict[str, User], shown: dict[str, tuple[str, str]]
) -> None:
    page = new_page(base_url=live_server_url)
    sign_in(page, people["mara"], live_server_url)
    page.goto(shown["editor"][1])
    for least in ("50", "60"):
        rule = add_rule(page, "Fit")
        assert page.evaluate("document.activeElement.name").endswith("-kind")
        rule.get_by_label("Points of the new rule").fill("7")
        rule.get_by_label("Counts").select_option("attribute")
        rule.get_by_label("Attribute").select_option(label="LinkedIn SSI")
        rule.get_by_label("Condition").select_option(label="is at least")
        rule.get_by_role("textbox", name="Values").fill(least)
    unwanted = add_rule(page, "Engagement")
    unwanted.get_by_label("Points of the new rule").fill("1")
    unwanted.get_by_label("More about this rule").click()
    unwanted.get_by_label("Remove this rule").check()
    page.get_by_role("button", name="Save", exact=True).click()
    for least in ("50", "60"):
        page.get_by_text(f"LinkedIn SSI is at least {least}", exact=True).wait_for()


@pytest.mark.slow
def test_without_script_there_is_one_new_rule(
    live_server_url: str, new_page: NewPage, people: dict[str, User], shown: dict[str, tuple[str, str]]
) -> None:
    page = new_page(base_url=live_server_url, java_script_enabled=False)
    sign_in(page, people["mara"], live_server_url)
    page.goto(shown["editor"][1])
    assert not page.locator("button[data-add]").first.is_visible()
    rule = page.locator(".rule[data-blank]").last
    rule.locator(".edit > summary").click()
    rule.get_by_label("Counts").select_option("attribute")
    rule.get_by_label("Attribute").select_option(label="LinkedIn SSI")
    rule.get_by_label("Condition").select_option(label="is at least")
    rule.get_by_role("textbox", name="Values").fill("50")
    rule.get_by_label("Points of the new rule").fill("7")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("LinkedIn SSI is at least 50", exact=True).wait_for()
