"""A form sent after the session ended: what was typed waits for its person, and for nobody else."""

import re
from collections.abc import Mapping
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from leads.models import Activity, BulkJob, FileImport, Lead, Merge, SavedView, Segment
from leadscoring import unsent
from tests.company import PASSWORD, Company

TYPED = {"result": "conversation", "note": "Wants an offer for <40> seats", "buying_stage": "decision"}
SAID = "You were signed out before this was sent"


def sign_in(client: Client, name: str, onward: str = "/") -> str:
    """Where signing in leads."""
    form = {"username": f"{name}@company.example", "password": PASSWORD, "next": onward}
    return str(client.post("/login/", form).headers["Location"])


def sent_too_late(client: Client, to: str, typed: Mapping[str, object], page: str = "") -> None:
    """Send a form, from a page, whose session has ended."""
    Session.objects.all().delete()
    answer = client.post(to, typed, headers={"Referer": f"http://testserver{page or to}"})
    assert answer.headers["Location"].startswith(("/login/?next=", "/admin/login/?next="))


def shown_to(client: Client, name: str) -> str:
    """The page that somebody is led to who signs in."""
    page = client.get(sign_in(client, name), follow=True)
    assert page.status_code == 200
    return page.content.decode()


@pytest.fixture
def browser(company: Company) -> Client:
    client = Client()
    sign_in(client, "ana")
    return client


def browser_of(name: str) -> Client:
    client = Client()
    sign_in(client, name)
    return client


def test_what_was_typed_is_there_again_after_signing_in(browser: Client, company: Company) -> None:
    freya = company.lead("Freya")
    form, home = f"/leads/{freya.pk}/call/", f"/queue/?lead={freya.pk}"
    opened_on = re.findall(r'name="opened_on" value="([^"]+)"', browser.get(form).content.decode())[0]
    sent_too_late(browser, form, TYPED | {"next": home, "opened_on": opened_on})
    assert sign_in(browser, "ana", form) == form
    for _again in range(2):  # until it is sent, it stays
        html = browser.get(form).content.decode()
        assert SAID in html and "Wants an offer for &lt;40&gt; seats" in html
        assert re.search(r'value="conversation"[^>]* checked', html)
        assert re.search(r'<option value="decision" selected', html)
        assert f'name="next" value="{home}"' in html and f'name="opened_on" value="{opened_on}"' in html
    assert not Activity.objects.filter(lead=freya).exists()  # never sent by itself

    answer = browser.post(form, TYPED | {"opened_on": opened_on, "next": home})
    assert answer.headers["Location"] == home
    assert TYPED["note"] in [activity.note for activity in Activity.objects.filter(lead=freya)]
    assert SAID not in browser.get(form).content.decode()


def test_any_form_is_filled_again(browser: Client, company: Company) -> None:
    freya = company.lead("Freya").pk
    sent_too_late(browser, f"/leads/{freya}/note/", {"text": "Prefers mornings"}, f"/leads/{freya}/")
    assert ">\nPrefers mornings</textarea>" in shown_to(browser, "ana")
    value = f"/leads/{freya}/values/?key=job_title"
    sent_too_late(browser, value, {"key": "job_title", "value": "Chief <Sales>"})
    assert 'value="Chief &lt;Sales&gt;"' in shown_to(browser, "ana")
    sent_too_late(browser, "/queue/views/new/?band=hot", {"name": "Burning", "team": ""})
    assert 'value="Burning"' in shown_to(browser, "ana")
    assert not SavedView.objects.exists()


def test_a_segment_and_what_it_asks_for_are_filled_again(company: Company) -> None:
    client = browser_of("sam")
    new = "/nurture/segments/new/?where=stage%3Anone&band=nurture"
    sent_too_late(client, new, {"name": "Cold <ones>", "shared": "on"})
    html = shown_to(client, "sam")
    assert 'value="Cold &lt;ones&gt;"' in html and re.search(r'name="shared"[^>]* checked', html)
    assert not Segment.objects.exists()
    client.post(new, {"name": "Cold <ones>", "shared": "on"})
    segment = Segment.objects.get()
    assert (segment.query, segment.shared) == ("band=nurture&where=stage%3Anone", True)
    sent_too_late(client, f"/nurture/segments/{segment.slug}/change/", {"name": "Cold, private"})
    html = shown_to(client, "sam")
    assert 'value="Cold, private"' in html and not re.search(r'name="shared"[^>]* checked', html)


def test_leads_that_were_chosen_are_chosen_still_and_what_to_do_with_them_is_kept(
    browser: Client, company: Company
) -> None:
    chosen = {str(company.lead(name).pk) for name in ("Freya", "Tom")}
    sent_too_late(browser, "/queue/bulk/", {"lead": sorted(chosen), "do": "snooze"}, "/queue/")
    html = shown_to(browser, "ana")
    assert set(re.findall(r'name="lead" value="(\d+)"[^>]* checked', html)) == chosen
    told = {"lead": sorted(chosen), "expected": "2", "when": "next_week", "note": "Fair"}
    sent_too_late(browser, "/queue/bulk/snooze/", told, "/queue/bulk/")
    html = shown_to(browser, "ana")
    assert SAID in html and "<h1>Snooze 2 leads</h1>" in html and "Freya Vogel" in html
    assert re.search(r'name="when" value="next_week"[^>]* checked', html) and "Fair" in html
    assert set(re.findall(r'name="lead" value="(\d+)"', html)) == chosen and "unsent-1" not in html
    assert not BulkJob.objects.exists()
    assert browser.post("/queue/bulk/snooze/", told)["Location"].startswith(
        f"/bulk/{BulkJob.objects.get().pk}/"
    )
    assert browser.get("/queue/bulk/snooze/").status_code == 405


@pytest.mark.parametrize("do", ["assign", "export"])
def test_what_was_to_be_done_with_a_whole_list_is_asked_again_with_the_number_of_now(
    company: Company, do: str
) -> None:
    client, jon = browser_of("mara"), company.person("jon").pk
    path = f"/queue/bulk/{do}/?only=now"
    told = {"all": "1"} | ({"to": str(jon)} if do == "assign" else {"format": "xlsx"})
    asked = client.post("/queue/bulk/?only=now", {"do": do, "all": "1"}).content.decode()
    count = int(re.findall(r'name="expected" value="(\d+)"', asked)[0])
    lead = company.lead("Tom")
    sent_too_late(client, path, told | {"expected": str(count)}, "/queue/bulk/?only=now")
    Lead.objects.filter(pk=lead.pk).update(is_open=False)
    html = shown_to(client, "mara")
    assert SAID in html and "The list has changed meanwhile." in html and "unsent-1" not in html
    assert f'name="expected" value="{count - 1}"' in html and 'name="all" value="1"' in html
    chosen = f'value="{jon}" selected' if do == "assign" else 'name="format" value="xlsx" checked'
    assert chosen in html and not BulkJob.objects.exists()


def test_whose_values_hold_in_a_merge_is_chosen_still_and_it_is_known_what_was_seen(
    browser: Client, company: Company
) -> None:
    wei, owen = company.lead("Wei").pk, company.lead("Owen").pk
    page = f"/leads/{wei}/merge/?with={owen}"
    seen = re.findall(r'name="seen" value="([^"]+)"', browser.get(page).content.decode())[0]
    typed = {"with": str(owen), "seen": seen, "of.job_title": "absorbed", "of.@account": "kept"}
    sent_too_late(browser, page, typed)
    Lead.objects.filter(pk=owen).update(attributes={"job_title": "Owner"})
    html = shown_to(browser, "ana")
    assert SAID in html and f'name="seen" value="{seen}"' in html
    assert re.search(r'name="of.job_title" value="absorbed"[^>]* checked', html)
    assert browser.post(page, typed).status_code == 409
    assert not Merge.objects.exists()


@pytest.mark.parametrize("button", ["begin", "arrange"])
def test_what_columns_mean_is_filled_again(company: Company, button: str) -> None:
    client = browser_of("sam")
    file = SimpleUploadedFile("people.csv", b"Id,Name\n1,Ann\n")
    page = client.post("/imports/upload/", {"kind": "leads", "file": file})["Location"]
    typed = {"column-0": "external_id", "column-1": "last_name", "missing": "n/a", "save_as": "Fair"}
    sent_too_late(client, f"{page}{button}/", typed, page)
    html = shown_to(client, "sam")
    assert SAID in html and 'value="n/a"' in html and 'value="Fair"' in html
    assert '<option value="last_name" selected' in html and "unsent-1" not in html
    assert FileImport.objects.get().begun_at is None


def test_a_file_itself_has_to_be_chosen_again(company: Company) -> None:
    client = browser_of("sam")
    typed = {"kind": "signals", "file": SimpleUploadedFile("people.csv", b"Id\n1\n")}
    sent_too_late(client, "/imports/upload/", typed, "/imports/")
    html = shown_to(client, "sam")
    assert "Choose the file again." in html and re.search(r'value="signals"[^>]* checked', html)
    assert not FileImport.objects.exists()


def test_admin_forms_and_forms_without_a_page_of_their_own_are_filled_too(company: Company) -> None:
    client, team = browser_of("mara"), company.person("mara").team_ids[0]
    sent_too_late(client, f"/response-times/{team}/", {"hot": "5"}, "/response-times/")
    html = shown_to(client, "mara")
    assert SAID in html and re.search(r'name="hot"[^>]* value="5"', html)
    client = browser_of("sam")
    typed = {"key": "budget", "label": "Budget <in €>", "kind": "number", "of_before": "kept & all"}
    sent_too_late(client, "/admin/leads/attribute/add/", typed)
    html = shown_to(client, "sam")
    assert 'value="Budget &lt;in €&gt;"' in html
    assert re.search(r'<label for="unsent-\d+">Of before</label>', html) and "kept &amp; all" in html


def test_a_form_whose_page_is_gone_is_shown_on_a_page_of_its_own(browser: Client, company: Company) -> None:
    otto = company.lead("Otto").pk
    sent_too_late(browser, f"/leads/{otto}/call/", TYPED)
    html = shown_to(browser, "ana")
    assert SAID in html and f'action="/leads/{otto}/call/"' in html and "Wants an offer" in html
    assert browser.post("/unsent/drop/").headers["Location"] == "/"
    assert browser.get("/unsent/").headers["Location"] == "/"


def test_a_form_of_before_one_signed_in_again_is_kept(company: Company) -> None:
    freya = company.lead("Freya").pk
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.person("ana"), backend="django.contrib.auth.backends.ModelBackend")
    late = {"text": "Prefers mornings", "csrfmiddlewaretoken": "x" * 64}
    note, ours = f"/leads/{freya}/note/", {"Origin": "http://testserver"}
    client.get(note)
    answer = client.post(note, late, headers={"Origin": "http://elsewhere.example"})
    assert answer.status_code == 403 and "unsent" not in client.session
    assert client.post(note, late, headers=ours).headers["Location"] == note
    assert ">\nPrefers mornings</textarea>" in client.get(note).content.decode()
    assert not Activity.objects.filter(lead=freya).exists()
    part = client.post(note, late, headers=ours | {"HX-Request": "true"})
    renewed = {"X-CSRFToken": part.headers["X-CSRFToken"], "HX-Request": "true"} | ours
    assert part.status_code == 403
    assert client.post(note, {"text": "Prefers mornings"}, headers=renewed).status_code == 302


def test_nobody_else_sees_it_and_nobody_after_some_hours(browser: Client, company: Company) -> None:
    form = f"/leads/{company.lead('Freya').pk}/call/"
    sent_too_late(browser, form, TYPED)
    assert sign_in(browser, "jon", form) == form
    html = browser.get(form).content.decode()
    assert SAID not in html and "Wants an offer" not in html
    assert "unsent" not in browser.session
    sent_too_late(browser, form, TYPED)
    session = browser.session
    session["unsent"] |= {"at": (timezone.now() - timedelta(seconds=unsent.KEPT_FOR)).timestamp()}
    session.save()
    assert SAID not in shown_to(browser, "ana")


def test_secrets_what_is_nobodys_and_what_is_too_long_are_never_kept(company: Company) -> None:
    client = browser_of("mara")
    passwords = {"old_password": PASSWORD, "new_password1": "n" * 20, "new_password2": "n" * 20}
    sent_too_late(client, "/password/", passwords)
    assert client.session["unsent"]["fields"] == ""
    sent_too_late(client, "/admin/leads/chatwebhook/add/", {"team": "1", "address": "https://chat.example/x"})
    assert client.session["unsent"]["fields"] == "team=1"
    browser, form = browser_of("ana"), f"/leads/{company.lead('Freya').pk}/note/"
    sent_too_late(browser, form, {"text": "x" * (unsent.LARGEST + 1)})
    assert "unsent" not in browser.session
    stranger = Client()
    stranger.cookies["leadscoring_person"] = str(company.person("ana").pk)
    stranger.post(form, TYPED)
    assert "unsent" not in stranger.session
