"""Several people at the same leads, and one person with nothing but a keyboard."""

from collections.abc import Callable

from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Activity, Claim
from tests import company as companies
from tests.browser.conftest import AsPerson
from tests.browser.test_working_the_queue import press, save
from tests.company import Company, Person

TWENTY = 20
Verb = Activity.Verb


def outcome(page: Page) -> str:
    press(page, "e")
    press(page, "Space")  # no answer
    press(page, "Enter")
    return "Logged for"


def skip(page: Page) -> str:
    press(page, "s")
    press(page, "Space")
    press(page, "Enter")
    return "out of your queue"


def snooze(page: Page) -> str:
    press(page, "h")
    press(page, "Enter")  # until the next working day
    return "out of all queues"


def override(page: Page) -> str:
    press(page, "o")
    press(page, "Tab")
    page.keyboard.type("5")
    press(page, "Enter")
    return "Your judgement counts"


def skip_and_undo(page: Page) -> str:
    expect(page.locator(".toast")).to_contain_text(skip(page))
    press(page, "z")
    return "Undone: skipped"


DEEDS: tuple[Callable[[Page], str], ...] = (outcome, skip, snooze, override, skip_and_undo)


def test_a_rep_works_twenty_leads_by_keyboard_alone(as_person: AsPerson, company: Company) -> None:
    people = (
        Person(f"Lead{n}", "Test", "CEO", f"Firm{n}", (("dm_received", 1), ("post_comment", 1)))
        for n in range(TWENTY)
    )
    companies.add_leads(people, now=timezone.now())
    page, worked = as_person("ana"), set()
    for turn in range(TWENTY):
        press(page, "n")
        expect(page.locator(".toast")).to_contain_text("is yours")
        worked.add(page.locator("#panel .top h2").inner_text())
        expect(page.locator(".toast")).to_contain_text(DEEDS[turn % len(DEEDS)](page))
    assert len(worked) == TWENTY
    done = Activity.objects.filter(actor=company.person("ana"))
    for verb, count in ((Verb.NO_ANSWER, 4), (Verb.SKIPPED, 8), (Verb.SNOOZED, 4), (Verb.OVERRIDE, 4)):
        assert done.filter(verb=verb).count() == count, verb
    assert done.filter(verb=Verb.SKIPPED, undone_at__isnull=False).count() == 4


def test_two_reps_and_a_manager_at_once(as_person: AsPerson, company: Company) -> None:
    wei = company.lead("Wei")
    ana, jon, mara = (as_person(name, f"/queue/?lead={wei.pk}") for name in ("ana", "jon", "mara"))
    for page in (ana, mara):  # both have begun to write
        page.locator("summary", has_text="Override").first.click()
        page.get_by_label("Note").locator("visible=true").fill("Met him")
        page.get_by_role("spinbutton", name="Points").fill("9")
    press(jon, "c")
    expect(jon.locator(".toast")).to_contain_text("Wei Zhang is yours")
    save(ana)
    expect(ana.locator("#moved")).to_contain_text("Jon Test works this lead")
    expect(ana.get_by_label("Note")).to_have_value("Met him")
    expect(ana.get_by_role("button", name="Apply on top")).to_have_count(0)
    save(mara)  # a manager may, on top of it
    expect(mara.locator("#moved")).to_contain_text("Jon Test")
    mara.get_by_role("button", name="Apply on top").click()
    expect(mara.locator(".toast")).to_contain_text("Your judgement counts for Wei Zhang")
    assert Claim.objects.get(lead=wei).user == company.person("jon")
