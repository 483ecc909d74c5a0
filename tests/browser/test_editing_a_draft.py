"""A draft edited by pointer and by keyboard alone, with its numbers beside it, and by two people at once."""

from collections.abc import Sequence

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from scoring_models import drafts
from scoring_models.models import ModelVersion, Rule
from scoring_models.spec_text import spec_of
from tests.browser.conftest import AsPerson, follow
from tests.browser.test_every_page import violations
from tests.company import Company

DM = "Started a conversation"
COMMENTS = "Commented on a post"


@pytest.fixture
def draft(company: Company) -> ModelVersion:
    live = ModelVersion.objects.get(number=1)
    return drafts.start_from(version=live, actor=company.person("sam"), at=timezone.now())


def address(draft: ModelVersion) -> str:
    return f"/admin/scoring_models/modelversion/{draft.pk}/change/"


def rule(page: Page, said: str) -> Locator:
    """The first rule that reads so."""
    return page.locator(".rule", has=page.locator(".said", has_text=said)).first


def counted(page: Page) -> None:
    """Wait until the numbers of what the form says are there."""
    expect(page.locator("#preview-status")).to_contain_text("As of")


def sentences(page: Page) -> Locator:
    return page.locator("[data-rules=rules] .said")


def order(page: Page) -> Sequence[str]:
    return [" ".join(each.split()[:3]) for each in sentences(page).all_inner_texts()]


def save(page: Page) -> None:
    follow(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()


def test_numbers_follow_a_press_of_plus_without_a_reload(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft))
    counted(page)
    expect(page.locator("#preview-numbers")).to_contain_text("all 6 leads")
    expect(page.locator("#preview-numbers")).to_contain_text("No lead changes band.")
    before = page.evaluate("performance.timeOrigin")
    plus = rule(page, COMMENTS).get_by_role("button", name="One point more")
    for _ in range(12):
        plus.click()
    expect(page.locator("#preview-numbers")).to_contain_text("band")
    expect(page.locator("#preview-numbers .plus").first).to_be_visible()
    expect(rule(page, COMMENTS).get_by_label("Points")).to_have_value("32")
    assert page.evaluate("performance.timeOrigin") == before
    assert Rule.objects.get(version=draft, key="comments").points == 20


def test_numbers_that_do_not_come_are_told(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft))
    counted(page)
    page.route("**/preview/", lambda route: route.abort())
    rule(page, DM).get_by_role("button", name="One point more").click()
    expect(page.locator("#preview-status")).to_contain_text("could not be loaded")
    page.unroute("**/preview/")
    rule(page, DM).get_by_role("button", name="One point more").click()
    counted(page)


def test_points_step_over_nothing(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft))
    points = rule(page, DM).get_by_label("Points")
    points.fill("1")
    rule(page, DM).get_by_role("button", name="One point less").click()
    expect(points).to_have_value("-1")
    rule(page, DM).get_by_role("button", name="One point more").click()
    expect(points).to_have_value("1")


def test_a_sentence_is_said_anew_while_its_fields_change(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft))
    rule(page, DM).locator(".edit > summary").click()
    rule(page, DM).get_by_label("In the last days").fill("7")
    expect(rule(page, DM).locator(".said")).to_contain_text("in the last 7 days")
    counted(page)
    rule(page, DM).get_by_label("In the last days").fill("0")
    missing = page.locator("#preview-status a", has_text="In the last days")
    missing.click()
    expect(rule(page, DM).get_by_label("In the last days")).to_be_focused()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    expect(page.get_by_text("Changed, not saved")).to_be_visible()


def test_a_rule_is_dragged_copied_and_turned_off_by_pointer(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft))
    counted(page)
    before = order(page)
    rule(page, DM).locator(".grip").drag_to(rule(page, COMMENTS), target_position={"x": 60, "y": 38})
    after = [*before[1:4], before[0], *before[4:]]
    expect(sentences(page)).to_contain_text(after)
    more = rule(page, COMMENTS).get_by_label("More about this rule")
    more.click()
    rule(page, COMMENTS).get_by_role("button", name="Duplicate").click()
    more.click()
    rule(page, COMMENTS).get_by_label("Turned on").uncheck()
    save(page)
    assert order(page) == [*after[:3], after[2], *after[3:]]
    off = [each.key for each in spec_of(draft).rules if not each.enabled]
    assert off == ["comments"]


def test_a_draft_is_edited_by_keyboard_alone(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft))
    counted(page)
    before = order(page)
    tab_to(page, rule(page, DM).locator(".edit > summary"))
    page.keyboard.press("Enter")
    tab_to(page, rule(page, DM).get_by_role("button", name="+ Add a condition on the lead"))
    page.keyboard.press("Enter")
    condition = rule(page, DM).locator("[data-rows$='-when'] [data-condition]")
    expect(condition.get_by_label("Attribute")).to_be_focused()
    step_to(condition.get_by_label("Attribute"), "Inbound")
    tab_to(page, condition.get_by_label("Condition"))
    step_to(condition.get_by_label("Condition"), "is yes")
    tab_to(page, rule(page, DM).get_by_label("Points"))
    page.keyboard.press("Control+a")
    page.keyboard.type("33")
    tab_to(page, rule(page, DM).get_by_label("More about this rule"))
    page.keyboard.press("Enter")
    tab_to(page, rule(page, DM).get_by_role("button", name="Move down"))
    page.keyboard.press("Enter")
    expect(sentences(page)).to_contain_text([before[1], before[0], *before[2:]])
    expect(page.locator("#said-aloud")).to_have_text("Moved to place 2 of 8.")
    expect(rule(page, DM).get_by_role("button", name="Move down")).to_be_focused()
    page.keyboard.press("Escape")
    expect(rule(page, DM).get_by_label("More about this rule")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Save", exact=True))
    with page.expect_navigation():  # what listens to keys comes last
        page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    rules = spec_of(draft).rules
    assert (rules[1].key, rules[1].points) == ("started-conversation", 33)
    assert [condition.field for condition in rules[1].only_when] == ["inbound"]
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Find a lead, a list or a command")).to_be_focused()


def tab_to(page: Page, wanted: Locator, most: int = 150) -> None:
    """Press Tab until it has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            return
    pytest.fail("The keyboard doesn't get there.")


def step_to(select: Locator, wanted: str) -> None:
    """Press Down until it is chosen. Letters would be a word only while they come in haste."""
    for _ in range(select.locator("option").count()):
        if select.evaluate("it => it.selectedOptions[0].text").strip() == wanted:
            return
        select.page.keyboard.press("ArrowDown")
    expect(select.locator("option:checked")).to_have_text(wanted)


def test_of_two_who_edit_the_second_is_told(as_person: AsPerson, draft: ModelVersion) -> None:
    sam, nora = (as_person(name, address(draft)) for name in ("sam", "nora"))
    counted(nora)
    rule(sam, DM).get_by_label("Points").fill("50")
    save(sam)
    rule(nora, DM).get_by_label("Points").fill("60")
    expect(nora.locator("#preview-status")).to_contain_text("Somebody else saved this draft meanwhile")
    follow(nora.get_by_role("button", name="Save", exact=True))
    expect(nora.get_by_role("alert").first).to_contain_text("Somebody else saved this draft meanwhile")
    assert Rule.objects.get(version=draft, key="started-conversation").points == 50


def test_a_draft_is_edited_without_a_script(as_person: AsPerson, draft: ModelVersion) -> None:
    page = as_person("sam", address(draft), java_script_enabled=False)
    before = order(page)
    rule(page, DM).get_by_label("Points").fill("44")
    rule(page, DM).get_by_label("More about this rule").click()
    follow(rule(page, DM).get_by_role("button", name="Move down"))
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    moved = order(page)
    assert (moved[0], moved[1]) == (before[1], before[0])
    assert Rule.objects.get(version=draft, key="started-conversation").points == 44


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (375, "light")])
def test_an_open_rule_suits_every_eye_and_width(
    width: int, scheme: str, as_person: AsPerson, draft: ModelVersion
) -> None:
    size = {"width": width, "height": 900}
    page = as_person("sam", address(draft), viewport=size, color_scheme=scheme)
    counted(page)
    rule(page, COMMENTS).locator(".edit > summary").click()
    for subject in ("lead", "signals"):
        rule(page, COMMENTS).get_by_role("button", name=f"+ Add a condition on the {subject}").click()
    rule(page, COMMENTS).get_by_label("Points").fill("")
    expect(page.locator("#preview-status a").first).to_be_visible()
    rule(page, COMMENTS).get_by_label("More about this rule").click()
    assert not violations(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
