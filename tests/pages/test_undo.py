"""Undo for every action: what a message offers, and what has none and why."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from leads.models import Activity, ListChange, NoticeOptOut, NotSame, Reassignment, SavedView, Segment
from leads.response.targets import own_times
from leadscoring.people.models import SettingChange, Team
from tests.company import Company
from tests.pages.test_routes import ROUTES

SignIn = Callable[[str], Client]
# The addresses of the workspace that change something. What they did can be undone from the message ...
OFFERED = {
    *("add_note", "change_note", "value", "claim", "release", "extend", "skip", "snooze", "wake", "override"),
    *("end_override", "call", "signal", "accept", "return", "hand_over", "object", "withdraw_objection"),
    *("merge", "next", "review_override", "not_same", "reassign"),
    *("save_view", "change_view", "replace_list", "delete_view"),
    *("save_segment", "change_segment", "replace_segment", "delete_segment"),
    *("notice_settings", "set_response_times"),
}
# ... on the page that says how far a job is ...
OF_JOBS = {"bulk_snooze", "bulk_assign"}
# ... or not at all (docs/undo.md says why).
NEVER = {
    "nothing is changed by it": {"bulk", "bulk_export"},
    "it takes something back itself": {
        *("undo", "undo_last", "undo_list_change", "undo_merge", "undo_reassignment", "bulk_undo"),
        *("take_back_not_same", "undo_setting_change"),
    },
    "it stops what goes on; what is done already is undone as one": {"bulk_cancel", "cancel_import"},
    "a switch that is turned again where it stands; the log of the day has it": {"switch_shortcuts"},
    "it only marks as read": {"read_notices"},
    "files and messages are read once; what they brought is changed like anything else": {
        *("upload", "arrange_import", "begin_import", "discard_import", "replay", "replay_reason")
    },
}
TOAST = re.compile(r'<form method="post" action="([^"]+)">(?:(?!</form>).)*data-command="undo">', re.S)


def offered(page: str) -> str:
    """Where the latest message of a page undoes what it says."""
    return str(TOAST.findall(page.partition('id="messages"')[2])[-1])


def test_every_address_that_changes_something_offers_undo_or_has_a_reason() -> None:
    never = set().union(*NEVER.values())
    listed = [*OFFERED, *OF_JOBS, *never]
    assert len(listed) == len(set(listed))
    posts = {name for name, route in ROUTES.items() if name.startswith("leads:") and route.post}
    assert posts <= {f"leads:{name}" for name in listed}
    assert {f"leads:{name}" for name in listed} <= ROUTES.keys()


def test_what_is_done_to_a_view_is_undone_by_the_message(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    page = ana.post("/queue/views/new/?band=hot", {"name": "Burning", "team": ""}, follow=True)
    assert ana.post(offered(page.content.decode()))["Location"] == "/activity/"
    assert not SavedView.objects.exists()
    ana.post("/queue/views/new/?band=hot", {"name": "Burning", "team": ""})
    for path, form in (
        ("change/", {"name": "Cold", "team": ""}),
        ("list/?band=sql", {}),
        ("delete/", {}),
    ):
        before = SavedView.objects.values().get()
        page = ana.post(f"/queue/views/burning/{path}", form, follow=True)
        assert SavedView.objects.values().first() != before
        page = ana.post(offered(page.content.decode()), {"next": "/queue/views/"}, follow=True)
        assert "Undone:" in page.content.decode()
        assert SavedView.objects.values().get() == before


def test_the_log_of_the_day_has_lists_and_the_key_takes_the_latest_back(
    sign_in: SignIn, company: Company
) -> None:
    sam = sign_in("sam")
    sam.post("/nurture/segments/new/?where=stage:none", {"name": "Cold"})
    page = sam.post("/nurture/segments/cold/delete/", follow=True).content.decode()
    [deleted, saved] = ListChange.objects.order_by("-pk")
    assert offered(page) == f"/list-changes/{deleted.pk}/undo/"
    log = sam.get("/activity/").content.decode()
    assert log.index(f"/list-changes/{deleted.pk}/undo/") < log.index(f"/list-changes/{saved.pk}/undo/")
    sam.post("/activities/undo/")
    assert Segment.objects.get().name == "Cold"
    page = sam.get("/activity/").content.decode()
    assert f"/list-changes/{deleted.pk}/undo/" not in page and "undone" in page
    page = sam.post(f"/list-changes/{deleted.pk}/undo/", follow=True).content.decode()
    assert "This has been undone already." in page


def test_the_key_takes_back_what_was_last_of_leads_and_lists(sign_in: SignIn, company: Company) -> None:
    ana, freya = sign_in("ana"), company.lead("Freya").pk
    ana.post("/queue/views/new/?band=hot", {"name": "Burning", "team": ""})
    ana.post(f"/leads/{freya}/note/", {"text": "Prefers mornings"})
    ana.post("/activities/undo/")
    assert Activity.objects.get().undone_at and SavedView.objects.exists()
    ana.post("/activities/undo/")
    assert not SavedView.objects.exists()


def test_a_changed_note_is_changed_back_by_the_message(sign_in: SignIn, company: Company) -> None:
    ana, freya = sign_in("ana"), company.lead("Freya").pk
    ana.post(f"/leads/{freya}/note/", {"text": "Prefers mornings"})
    note = Activity.objects.get()
    page = ana.post(f"/notes/{note.pk}/", {"text": "Prefers evenings"}, follow=True).content.decode()
    assert "changed a note that said" in page and "Prefers mornings" in page
    page = ana.post(offered(page), follow=True).content.decode()
    assert "Undone: changed a note that said “Prefers mornings”." in page
    note.refresh_from_db()
    assert note.note == "Prefers mornings"
    page = ana.post(f"/notes/{note.pk}/", {"text": "Prefers mornings"}, follow=True).content.decode()
    assert not TOAST.findall(page.partition('id="messages"')[2].partition("</div>")[0])


@pytest.mark.parametrize("other", ["jon", "mara", "sam"])
def test_nobody_else_undoes_what_one_did_to_ones_lists(sign_in: SignIn, company: Company, other: str) -> None:
    sign_in("ana").post("/queue/views/new/?band=hot", {"name": "Burning", "team": ""})
    path = f"/list-changes/{ListChange.objects.get().pk}/undo/"
    assert "nothing to undo" in sign_in(other).post(path, follow=True).content.decode()
    assert SavedView.objects.exists()


def test_two_that_are_said_to_be_different_people_are_suggested_again_by_the_message(
    sign_in: SignIn, company: Company
) -> None:
    ana, pair = sign_in("ana"), {"one": company.lead("Wei").pk, "other": company.lead("Owen").pk}
    page = ana.post("/duplicates/not-the-same/", pair, follow=True).content.decode()
    ana.post(offered(page))
    assert NotSame.objects.get().undone_at


def test_the_log_of_the_day_leads_to_what_was_done_to_many(sign_in: SignIn, company: Company) -> None:
    mara, leads = sign_in("mara"), [company.lead(name).pk for name in ("Freya", "Tom")]
    snoozed = mara.post(
        "/queue/bulk/snooze/", {"lead": leads, "expected": "2", "when": "tomorrow", "note": ""}
    )
    given = {"lead": leads, "way": "people", "to": company.person("jon").pk, "expected": "2"}
    page = mara.post("/team/reassign/", given, follow=True).content.decode()
    away = Reassignment.objects.get()
    assert offered(page) == f"/team/reassign/{away.pk}/undo/"
    log = mara.get("/activity/").content.decode()
    assert "Giving leads away: <b>2 leads</b>" in log and f'href="/team/reassign/{away.pk}/"' in log
    assert "Snoozing leads: <b>2 leads</b>" in log and f'href="{snoozed["Location"]}"' in log
    mara.post(offered(page))
    mara.post(f"{snoozed['Location']}undo/")
    assert mara.get("/activity/").content.decode().count("Look at it</a>") == 2


def test_settings_are_undone_by_the_message_and_stand_in_the_log(sign_in: SignIn, company: Company) -> None:
    ana = sign_in("ana")
    page = ana.post("/settings/notices/", {"reached-app": "on"}, follow=True).content.decode()
    notices = SettingChange.objects.get()
    assert offered(page) == f"/setting-changes/{notices.pk}/undo/"
    ana.post("/shortcuts/", {})
    log = ana.get("/activity/").content.decode()
    assert "Keyboard shortcuts" in log and offered(page) in log
    assert "Undone: Notices changed." in ana.post(offered(page), follow=True).content.decode()
    assert not NoticeOptOut.objects.exists()
    ana.post("/activities/undo/")
    assert company.person("ana").shortcuts_on
    page = ana.post("/settings/notices/", {"reached-app": "on"}, follow=True).content.decode()
    page = ana.post("/settings/notices/", {"reached-app": "on"}, follow=True).content.decode()
    assert "Saved." in page and not TOAST.findall(page.partition('id="messages"')[2])


def test_response_times_and_teams_are_undone_by_the_message(sign_in: SignIn, company: Company) -> None:
    mara, europe = sign_in("mara"), Team.objects.get(name="Europe")
    before = own_times(europe.pk)
    page = mara.post(f"/response-times/{europe.pk}/", {"hot": "7"}, follow=True).content.decode()
    assert own_times(europe.pk) != before
    mara.post(offered(page))
    assert own_times(europe.pk) == before
    ines, path = sign_in("ines"), f"/admin/people/team/{europe.pk}/change/"
    form = {"name": "Europe", "people": [company.person("mara").pk], "default_team": "on", "time_zone": "UTC"}
    form |= {"leads_a_rep_a_day": "7", "large_override_bands": "3", "second_look_percent": "0"}
    members = set(europe.members.all())
    page = ines.post(path, form, follow=True).content.decode()
    europe.refresh_from_db()
    assert (europe.leads_a_rep_a_day, europe.members.count()) == (7, 1)
    ines.post(offered(page))
    europe.refresh_from_db()
    assert europe.leads_a_rep_a_day != 7 and set(europe.members.all()) == members


@pytest.mark.parametrize("other", ["ana", "jon", "sam", "ines"])
def test_nobody_else_undoes_what_one_set(sign_in: SignIn, company: Company, other: str) -> None:
    europe = Team.objects.get(name="Europe")
    sign_in("mara").post(f"/response-times/{europe.pk}/", {"hot": "7"})
    path = f"/setting-changes/{SettingChange.objects.latest('pk').pk}/undo/"
    assert "nothing to undo" in sign_in(other).post(path, follow=True).content.decode()
    assert own_times(europe.pk)["hot"] == 7
