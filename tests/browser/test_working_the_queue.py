"""Reps at work, in a real browser against a real server."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from leads.models import Activity, Claim, NoticeOptOut, Override
from leads.queue import saved_views
from leadscoring.people.models import SettingChange
from tests import company as companies
from tests.browser.conftest import AsPerson, follow, sign_in
from tests.company import Company

ROW = "a[data-row]"


def shown(page: Page) -> Locator:
    return page.locator(".rows .who b")


def names(page: Page) -> list[str]:
    return [text.split()[0] for text in shown(page).all_inner_texts()]


def save_button(page: Page) -> Locator:
    return page.locator(".verb-form button.primary:visible")


def save(page: Page) -> None:
    save_button(page).click()


def press(page: Page, key: str) -> None:
    """Press a key once the page has loaded what listens to it."""
    page.wait_for_load_state()
    page.keyboard.press(key)


def chosen(page: Page) -> str:
    return page.locator("#panel .top h2").inner_text().split()[0]


def test_one_signs_in_and_sees_the_ranked_queue(page: Page, company: Company) -> None:
    page.goto("/queue/")
    expect(page).to_have_title(re.compile("Sign in"))
    sign_in(page, "ana")
    expect(page).to_have_url(re.compile("/queue/"))
    assert names(page) == ["Freya", "Tom", "Lucia", "Wei"]
    scores = [int(text) for text in page.locator(".rows .score").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)


def test_a_wrong_password_is_answered_in_words(page: Page, company: Company) -> None:
    page.goto("/login/")
    page.get_by_label("E-mail").fill("ana@company.example")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("don't go together")


def test_one_signs_out(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.get_by_label("Menu of Ana Test").click()
    follow(page.get_by_role("button", name="Sign out"))
    expect(page).to_have_url(re.compile("/login/"))
    page.goto("/queue/")
    expect(page).to_have_url(re.compile("/login/"))


def test_choosing_a_lead_shows_why_without_a_new_page(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.evaluate("window.same = true")
    page.locator(ROW, has_text="Tom").click()
    expect(page.locator("#panel .top h2")).to_have_text("Tom Okafor")
    expect(page.locator("#panel")).to_contain_text("Started a conversation")
    assert page.evaluate("window.same")
    page.reload()
    expect(page.locator("#panel .top h2")).to_have_text("Tom Okafor")


def test_two_reps_who_ask_at_once_never_get_the_same_lead(as_person: AsPerson) -> None:
    ana, jon = as_person("ana"), as_person("jon")
    got: list[str] = []
    for _turn in range(2):
        # Both are under way before either has its answer.
        for page in (ana, jon):
            page.evaluate("document.querySelector('[data-command=next]').click()")
        for page in (ana, jon):
            expect(page.locator(".toast")).to_contain_text("is yours")
            got.append(chosen(page))
            page.goto("/queue/")
    assert sorted(got) == ["Freya", "Lucia", "Tom", "Wei"]
    assert Claim.objects.count() == 4


def test_a_signal_that_moves_a_lead_announces_itself_and_nothing_jumps(
    as_person: AsPerson, company: Company
) -> None:
    page = as_person("ana")
    companies.happen(company.lead("Wei"), "dm_received", at=timezone.now())
    companies.score()
    expect(page.locator("#news-line")).to_contain_text("1 lead has moved")
    assert names(page) == ["Freya", "Tom", "Lucia", "Wei"]
    follow(page.get_by_role("link", name="Show"))
    assert names(page) == ["Freya", "Wei", "Tom", "Lucia"]


def test_a_real_worker_scores_a_signal_while_another_rep_looks_on(
    as_person: AsPerson, celery_worker_process: Callable[..., object]
) -> None:
    celery_worker_process("--concurrency=1")
    onlooker, page = as_person("jon"), as_person("ana")
    page.locator(ROW, has_text="Wei").click()
    expect(page.locator("#panel .top h2")).to_have_text("Wei Zhang")
    page.locator("summary", has_text="Log a signal").click()
    page.get_by_label("What they did").select_option(label="Started a conversation")
    save(page)
    expect(page.locator(".toast")).to_contain_text("Logged for Wei")
    expect(onlooker.locator("#news-line")).to_contain_text("1 lead has moved")
    onlooker.keyboard.press(".")
    expect(onlooker.locator(".rows .who b").nth(1)).to_have_text("Wei Zhang")


def test_an_override_is_set_seen_in_the_queue_and_ended(as_person: AsPerson, company: Company) -> None:
    page = as_person("ana")
    page.locator(ROW, has_text="Wei").click()
    expect(page.locator("#panel .top h2")).to_have_text("Wei Zhang")
    page.locator("summary", has_text="Override").click()
    page.get_by_label("set the score").check()
    page.get_by_role("spinbutton", name="Points").fill("99")
    page.get_by_label("Note").locator("visible=true").fill("Met him at the fair")
    save(page)
    expect(page.locator(".toast")).to_contain_text("Your judgement counts for Wei Zhang")
    expect(page.locator(ROW).first).to_contain_text("Wei")
    expect(page.locator(".rows li").first).to_contain_text("✎")
    expect(page.locator("#panel")).to_contain_text("Met him at the fair")
    page.get_by_role("button", name="End it").click()
    expect(page.locator(".toast")).to_contain_text("The override has ended")
    expect(page.locator(ROW).last).to_contain_text("Wei")
    assert Override.objects.get().ends_at <= timezone.now()


def test_what_was_done_is_undone_from_the_message(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.get_by_role("button", name="Claim and call").click()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Undone: claimed")
    assert not Claim.objects.exists()


def test_of_several_messages_the_key_undoes_what_was_done_last(as_person: AsPerson) -> None:
    page = as_person("ana", "/settings/notices/")
    token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
    # What this message says waits for the next page.
    page.request.post("/settings/notices/", form={"csrfmiddlewaretoken": token}, max_redirects=0)
    assert NoticeOptOut.objects.exists()
    page.get_by_role("checkbox").first.check()
    follow(page.get_by_role("button", name="Save"))
    toasts = page.locator(".toast").filter(has=page.get_by_role("button", name="Undo"))
    expect(toasts).to_have_count(2)
    press(page, "z")
    # Which is said on another page: on this one there are still two.
    expect(page.locator(".toast", has_text="Undone: Notices changed.")).to_be_visible()
    undone = SettingChange.objects.order_by("pk").values_list("undone_at", flat=True)
    assert [at is None for at in undone] == [True, False]


def test_the_main_verbs_work_by_keyboard_alone(as_person: AsPerson) -> None:
    page = as_person("ana")
    press(page, "j")
    expect(page.locator("#panel .top h2")).to_have_text("Tom Okafor")
    press(page, "k")
    expect(page.locator("#panel .top h2")).to_have_text("Freya Vogel")
    press(page, "n")
    expect(page.locator(".toast")).to_contain_text("Freya Vogel is yours")
    press(page, "e")
    press(page, "Space")
    expect(page.get_by_label("No answer")).to_be_checked()
    press(page, "Enter")
    expect(page.locator(".toast")).to_contain_text("Logged for Freya Vogel: No answer")
    press(page, "z")
    expect(page.locator(".toast")).to_contain_text("Undone")
    press(page, "o")
    expect(page.get_by_label("add or take points")).to_be_focused()
    press(page, "Escape")
    press(page, "r")
    expect(page.locator(".toast")).to_contain_text("Given back")
    press(page, "c")
    expect(page.locator(".toast")).to_contain_text("Freya Vogel is yours")
    press(page, "w")
    expect(page.locator("section.reasons")).to_be_focused()
    press(page, "Enter")
    page.wait_for_url("**/leads/*/")
    press(page, "/")
    page.keyboard.type("okafor")
    press(page, "Enter")
    expect(page.locator("table")).to_contain_text("Tom Okafor")


def test_the_sheet_of_keys_lists_them_and_switches_them_off(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(sheet).to_contain_text("Work the next lead")
    with page.expect_response("**/shortcuts/"):
        sheet.get_by_label("Keys are switched on").uncheck()
    sheet.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    elsewhere = as_person("ana")
    elsewhere.keyboard.press("n")
    elsewhere.reload()
    assert not Claim.objects.exists()
    elsewhere.keyboard.press("?")
    expect(elsewhere.get_by_role("dialog")).to_have_count(0)
    elsewhere.keyboard.press("Control+k")
    expect(elsewhere.get_by_role("combobox")).to_be_focused()


def test_the_palette_finds_leads_lists_and_commands_by_keyboard_alone(
    as_person: AsPerson, company: Company
) -> None:
    ana = company.person("ana")
    saved_views.save(name="My hot ones", query="band=hot", actor=ana, at=timezone.now())
    page = as_person("ana")
    # With the lead comes what can be done with it.
    expect(page.locator("#panel .top h2")).to_have_text("Freya Vogel")
    row = page.locator(ROW).first
    row.focus()
    press(page, "Control+k")
    field = page.get_by_role("combobox", name="Find a lead, a list or a command")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(row).to_be_focused()

    def choose(typed: str, option: str) -> None:
        press(page, "Control+k")
        page.keyboard.type(typed)
        expect(page.get_by_role("option", name=option)).to_be_visible()
        while option not in page.locator("#palette [aria-selected=true]").inner_text():
            page.keyboard.press("ArrowDown")
        chosen = page.locator("#palette [aria-selected=true]").get_attribute("id")
        expect(field).to_have_attribute("aria-activedescendant", chosen or "")
        page.keyboard.press("Enter")

    press(page, "Control+k")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/palette/?q=o", hold)
    page.keyboard.type("o")
    page.keyboard.press("ArrowDown")
    stepped_to = field.get_attribute("aria-activedescendant") or ""
    expect(page.locator("#palette [role=option]:visible").nth(1)).to_have_id(stepped_to)
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.get_by_role("option", name="Tom Okafor")).to_be_visible()
    expect(field).to_have_attribute("aria-activedescendant", stepped_to)
    page.unroute_all()
    page.keyboard.press("Escape")

    choose("claim", "Claim this lead")
    expect(page.locator(".toast")).to_contain_text("Freya Vogel is yours")
    choose("hot", "My hot ones")
    expect(page.get_by_role("heading", name="My hot ones")).to_be_visible()
    choose("okaf", "Tom Okafor")
    page.wait_for_url(f"**/leads/{company.lead('Tom').pk}/")
    press(page, "Control+k")
    page.keyboard.type("finch")
    expect(page.get_by_role("option", name="Tom Okafor")).to_be_visible()


def test_after_a_verb_the_row_below_is_chosen_and_has_the_focus(as_person: AsPerson) -> None:
    page = as_person("ana")
    press(page, "j")
    expect(page.locator("#panel .top h2")).to_have_text("Tom Okafor")
    press(page, "h")
    page.get_by_label("In 3 days").check()
    save(page)
    expect(page.locator(".toast")).to_contain_text("Tom Okafor is out of all queues")
    expect(page.locator("#panel .top h2")).to_have_text("Lucia Prado")
    expect(page.locator(ROW, has_text="Lucia")).to_be_focused()


def test_keys_in_a_hurry_show_whom_they_gave_and_escape_leads_back_there(as_person: AsPerson) -> None:
    page = as_person("ana")
    press(page, "j")
    page.keyboard.press("n")  # while the lead below is still asked for
    expect(page.locator(".toast")).to_contain_text("Freya Vogel is yours")
    row = page.locator(f"{ROW}[aria-current]")
    expect(row).to_contain_text("Freya Vogel")
    expect(row).to_be_focused()
    assert chosen(page) == "Freya"
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row).to_be_focused()


def test_offline_and_signed_out_are_said_and_nothing_is_lost(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.locator(ROW, has_text="Wei").click()
    expect(page.locator("#panel .top h2")).to_have_text("Wei Zhang")
    page.locator("summary", has_text="Override").click()
    page.get_by_label("Note").locator("visible=true").fill("Met him at the fair")
    page.context.set_offline(True)
    expect(page.get_by_role("alert")).to_contain_text("You are offline")
    save(page)
    expect(page.get_by_role("alert")).to_contain_text("Nothing was sent")
    expect(page.get_by_label("Note").locator("visible=true")).to_have_value("Met him at the fair")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.context.clear_cookies()
    page.locator(ROW, has_text="Tom").click()
    expect(page.get_by_role("alert")).to_contain_text("You were signed out")
    expect(page.get_by_label("Note").locator("visible=true")).to_have_value("Met him at the fair")
    page.get_by_label("add or take points").check()
    page.get_by_role("spinbutton", name="Points").fill("60")
    sign_in(page.context.new_page(), "ana")  # which gives all forms new tokens
    save(page)
    expect(page.get_by_role("status").locator("visible=true")).to_contain_text("nothing is saved yet")
    expect(page.get_by_label("Note")).to_have_value("Met him at the fair")
    page.get_by_role("button", name="Override the score").click()
    expect(page.locator(".toast")).to_contain_text("Your judgement counts for Wei Zhang")
    assert Override.objects.get().note == "Met him at the fair"


@pytest.mark.parametrize(
    ("minutes", "said"), [(0, "The server failed to answer"), (1, "The server doesn't answer")]
)
def test_a_server_that_is_gone_takes_nothing_of_what_was_typed(
    as_person: AsPerson, minutes: int, said: str
) -> None:
    page, now = as_person("ana", "/settings/notices/"), timezone.now()
    page.clock.set_fixed_time(now)
    # When the server was last heard of is not to be a matter of when the page asks for news.
    page.route("**/queue/news/**", lambda route: route.abort())
    page.goto("/queue/")
    page.locator(ROW, has_text="Wei").click()
    expect(page.locator("#panel .top h2")).to_have_text("Wei Zhang")
    page.locator("summary", has_text="Log the outcome").click()
    page.get_by_label("No answer").check()
    page.get_by_label("Note").locator("visible=true").fill("Rang twice")
    expect(page.locator("#views .htmx-request")).to_have_count(0)
    page.clock.set_fixed_time(now + timedelta(minutes=minutes))
    page.route("**/*", lambda route: route.abort())
    save(page)
    expect(page.get_by_role("alert")).to_contain_text(said)
    with page.expect_event("requestfailed", lambda request: "/queue/news/" in request.url):
        pass  # what nobody waits for fails as well, and doesn't take the place of what was done
    expect(page.get_by_role("alert")).to_contain_text(said)
    expect(page.get_by_label("Note").locator("visible=true")).to_have_value("Rang twice")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".toast")).to_be_visible()
    assert Activity.objects.get().note == "Rang twice"
    expect(page.get_by_role("alert")).to_have_count(0)


def test_news_that_once_did_not_come_are_not_told_of_for_ever(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.route("**/queue/news/**", lambda route: route.abort(), times=1)
    expect(page.get_by_role("alert")).to_contain_text("The server failed to answer")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_typing_is_not_taken_for_keys(as_person: AsPerson) -> None:
    page = as_person("ana")
    page.locator("#find").fill("")
    page.locator("#find").press_sequentially("ncz?")
    expect(page.locator("#find")).to_have_value("ncz?")
    assert not Claim.objects.exists()


def test_the_main_verbs_work_without_script(as_person: AsPerson, company: Company) -> None:
    page = as_person("ana", java_script_enabled=False)
    follow(page.get_by_role("button", name="Work the next lead"))
    assert chosen(page) == "Freya"
    follow(page.get_by_role("button", name="Release"))
    follow(page.locator(ROW, has_text="Wei"))
    assert chosen(page) == "Wei"
    follow(page.get_by_role("button", name="Claim and call"))
    page.locator("summary", has_text="Override").click()
    page.get_by_label("add or take points").check()
    page.get_by_role("spinbutton", name="Points").fill("60")
    follow(save_button(page))
    assert names(page)[:2] == ["Wei", "Freya"]
    page.locator("summary", has_text="Log the outcome").click()
    page.get_by_label("Lost", exact=True).check()
    page.get_by_label("Why was it lost?").select_option("price")
    follow(save_button(page))
    assert "Wei" not in names(page)
    company.lead("Wei").refresh_from_db()
    assert not company.lead("Wei").is_open


def test_filters_work_as_links_and_stay_in_the_address(as_person: AsPerson) -> None:
    page = as_person("ana", java_script_enabled=False)
    page.locator("summary", has_text="Source").click()
    follow(page.get_by_role("link", name="Webinar"))
    assert names(page) == ["Tom", "Wei"]
    follow(page.get_by_label("Bands").get_by_role("link", name="SQL"))
    assert names(page) == ["Tom"]
    assert "source=webinar" in page.url
    follow(page.get_by_role("link", name="Take filters away"))
    assert len(names(page)) == 4


def test_more_leads_come_by_key_and_none_twice(as_person: AsPerson, company: Company) -> None:
    people = [
        companies.Person(f"Lead{number:03}", "More", "VP Sales", f"Company{number}", (("dm_received", 1),))
        for number in range(60)
    ]
    companies.add_leads(people, now=timezone.now() - timedelta(hours=1))
    page = as_person("ana")
    first = names(page)
    follow(page.locator(".pager").get_by_role("link", name="More"))
    assert "after=" in page.url
    second = names(page)
    assert len(first) == 50
    assert len(first + second) == len(set(first + second)) == 64


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone_one_goes_from_the_list_to_the_lead_and_back(as_person: AsPerson, scheme: str) -> None:
    page = as_person("ana", viewport={"width": 375, "height": 700}, color_scheme=scheme)
    expect(page.locator("#panel")).to_be_hidden()
    page.locator(ROW, has_text="Wei").click()
    expect(page.locator("#panel .top h2")).to_have_text("Wei Zhang")
    expect(page.locator(".rows")).to_be_hidden()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".rows")).to_be_visible()


def test_verbs_are_reached_by_pointer_from_a_row(as_person: AsPerson) -> None:
    page = as_person("ana", "/queue/?only=now")
    row = page.locator(".rows li", has_text="Lucia")
    expect(row.get_by_role("link", name="Skip: Lucia")).to_be_hidden()
    row.hover()
    row.get_by_role("link", name="Skip: Lucia").click()
    expect(page.locator("#panel details[open]")).to_contain_text("Skip")
    assert chosen(page) == "Lucia"
    expect(row.locator(ROW)).to_have_attribute("aria-current", "true")
    page.keyboard.press("Escape")
    press(page, "k")
    expect(page.locator("#panel .top h2")).to_contain_text("Tom")

    page.set_viewport_size({"width": 375, "height": 800})
    page.goto("/queue/?only=now")
    expect(row.get_by_role("link", name="Why: Lucia")).to_be_hidden()
    row.get_by_role("button", name="More: Lucia").click()
    row.get_by_role("button", name="Claim: Lucia").click()
    expect(page.get_by_role("button", name="Release")).to_be_visible()
    assert chosen(page) == "Lucia"
