"""The queue as the server sends it, without a browser."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Activity, Claim, Outcome, Override, Score, Snooze
from tests import company as companies
from tests.company import Company

SignIn = Callable[[str], Client]


def names(html: str) -> list[str]:
    return re.findall(r'<span class="what"><span class="who"><b dir="auto">(\w+)', html)


def test_leads_are_ranked_and_those_of_other_teams_and_of_marketing_are_not_there(sign_in: SignIn) -> None:
    html = sign_in("ana").get("/queue/").content.decode()
    assert names(html) == ["Freya", "Tom", "Lucia", "Wei"]


def test_a_row_says_why_in_words(sign_in: SignIn) -> None:
    assert "Started a conversation" in sign_in("ana").get("/queue/").content.decode()


def test_a_lead_says_what_is_missing_and_what_to_ask_first(sign_in: SignIn, company: Company) -> None:
    tom = company.lead("Tom").pk
    for path in (f"/queue/?lead={tom}", f"/leads/{tom}/"):
        html = sign_in("ana").get(path).content.decode()
        assert re.search(r"\d+ to \d+ if all were known. Ask first: \w+", html)


def test_a_band_in_the_address_shows_only_that_band(sign_in: SignIn) -> None:
    assert names(sign_in("ana").get("/queue/?band=hot").content.decode()) == ["Freya"]


def test_a_source_in_the_address_shows_only_that_source(sign_in: SignIn) -> None:
    assert names(sign_in("ana").get("/queue/?source=webinar").content.decode()) == ["Tom", "Wei"]


def test_values_that_cannot_be_read_filter_nothing(sign_in: SignIn) -> None:
    html = sign_in("ana").get("/queue/?band=x&owner=%00&team=99999999999999999999&only=y").content.decode()
    assert len(names(html)) == 4


def test_a_cursor_that_nobody_gave_out_is_refused_in_words(sign_in: SignIn) -> None:
    answer = sign_in("ana").get("/queue/?after=rubbish")
    assert answer.status_code == 400
    assert "Start from the top" in answer.content.decode()


def test_a_lead_of_another_team_is_not_found(sign_in: SignIn, company: Company) -> None:
    client = sign_in("ana")
    for path in ("/queue/?lead={}", "/leads/{}/"):
        answer = client.get(path.format(company.lead("Otto").pk))
        assert answer.status_code == 404
        assert "Otto" not in answer.content.decode()


def test_htmx_gets_the_panel_alone_and_caches_are_told(sign_in: SignIn, company: Company) -> None:
    url = f"/queue/?lead={company.lead('Tom').pk}"
    answer = sign_in("ana").get(url, headers={"HX-Request": "true", "HX-Target": "panel"})
    html = answer.content.decode()
    assert "<html" not in html
    assert "Tom Okafor" in html
    assert "HX-Request" in answer["Vary"]


def test_htmx_gets_the_list_alone_with_the_lists_at_its_side(sign_in: SignIn, company: Company) -> None:
    url = f"/queue/?lead={company.lead('Tom').pk}"
    html = sign_in("ana").get(url, headers={"HX-Request": "true", "HX-Target": "list"}).content.decode()
    assert "<html" not in html
    assert re.findall(r' id="(list|views|panel)"', html) == ["list", "views"]
    assert re.search(rf'data-row="/leads/{company.lead("Tom").pk}/"[^>]* aria-current="true"', html)


AS_PANEL = {"HX-Request": "true", "HX-Target": "panel"}


def test_what_was_done_is_said_once_with_the_panel_that_follows(sign_in: SignIn, company: Company) -> None:
    client, tom, wei = sign_in("ana"), company.lead("Tom").pk, company.lead("Wei").pk
    onward = f"/queue/?band=hot&lead={wei}"
    answer = client.post(f"/leads/{tom}/claim/", {"next": onward}, headers=AS_PANEL)
    html, again = answer.content.decode(), client.get(onward, headers=AS_PANEL).content.decode()
    assert answer.headers["Content-Location"] == onward
    assert f'data-chosen="{wei}" class="asked-for"' in html
    assert "/queue/?band=hot&amp;lead=" in html
    assert 'hx-swap-oob="innerHTML"' in html
    assert "Tom Okafor is yours until" in html
    assert 'id="messages"' not in again


def test_a_deed_of_a_panel_whose_lead_is_gone_sends_one_there_to_learn_why(
    sign_in: SignIn, company: Company
) -> None:
    tom, otto = company.lead("Tom").pk, company.lead("Otto").pk
    for onward in (f"/queue/?lead={otto}", "/queue/", f"/leads/{tom}/"):
        answer = sign_in("ana").post(f"/leads/{tom}/claim/", {"next": onward}, headers=AS_PANEL)
        assert (answer.status_code, answer.headers["Location"]) == (302, onward)


def test_the_parts_of_the_chosen_lead_add_up(sign_in: SignIn, company: Company) -> None:
    html = sign_in("ana").get(f"/queue/?lead={company.lead('Tom').pk}").content.decode()
    reasons = html[
        html.index('data-command="why"') : html.index(
            "Can&#x27;t tell" if "Can&#x27;t tell" in html else "Human judgement"
        )
    ]
    points = [
        int(text.replace("−", "-")) for text in re.findall(r'<b class="(?:plus|minus)">([+−]\d+)', reasons)
    ]
    total = int(re.findall(r'class="reason total"><b>(-?\d+)', reasons)[0])
    assert sum(points) == total > 0


def test_work_the_next_lead_claims_the_best_and_shows_it(sign_in: SignIn, company: Company) -> None:
    answer = sign_in("ana").post("/queue/next/")
    assert answer["Location"] == f"/queue/?lead={company.lead('Freya').pk}"
    assert Claim.objects.get().user == company.person("ana")


def test_a_claimed_lead_leaves_the_queue_of_the_others(sign_in: SignIn, company: Company) -> None:
    sign_in("ana").post(f"/leads/{company.lead('Freya').pk}/claim/")
    assert names(sign_in("jon").get("/queue/").content.decode())[0] == "Tom"
    assert "Yours" in sign_in("ana").get("/queue/?only=claimed").content.decode()


def test_what_cannot_be_done_is_said_where_one_was(sign_in: SignIn, company: Company) -> None:
    freya = company.lead("Freya").pk
    sign_in("ana").post(f"/leads/{freya}/claim/")
    answer = sign_in("jon").post(f"/leads/{freya}/claim/", {"next": "/queue/?band=hot"}, follow=True)
    assert answer.redirect_chain[0][0] == "/queue/?band=hot"
    assert "Ana Test holds this lead until" in answer.content.decode()


def test_one_is_never_sent_to_another_site(sign_in: SignIn, company: Company) -> None:
    path = f"/leads/{company.lead('Freya').pk}/claim/"
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        assert sign_in("ana").post(path, {"next": elsewhere})["Location"] == "/"


def test_an_override_is_set_seen_in_the_queue_and_ended(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    until = timezone.localdate() + timedelta(days=5)
    form = {"kind": "band", "band": "hot", "reason": "met", "note": "at the fair", "until": str(until)}
    client.post(f"/leads/{wei.pk}/override/", form)
    html = client.get("/queue/").content.decode()
    assert set(names(html)[:2]) == {"Freya", "Wei"}
    assert "Overridden by Ana Test" in html
    client.post(f"/overrides/{Override.objects.get().pk}/end/")
    assert names(client.get("/queue/").content.decode())[-1] == "Wei"


def test_a_form_that_was_filled_in_wrongly_comes_back_with_what_was_written(
    sign_in: SignIn, company: Company
) -> None:
    path = f"/leads/{company.lead('Wei').pk}/override/"
    answer = sign_in("ana").post(path, {"kind": "score", "note": "kept", "reason": "met"})
    assert answer.status_code == 422
    assert "kept" in answer.content.decode()
    assert not Override.objects.exists()


@pytest.mark.parametrize("until", ["0001-01-01", "2026-01-01", "9999-12-30", "9999-12-31"])
def test_an_override_for_no_possible_length_is_refused_at_its_field(
    sign_in: SignIn, company: Company, until: str
) -> None:
    path = f"/leads/{company.lead('Wei').pk}/override/"
    answer = sign_in("ana").post(path, {"kind": "hold", "reason": "met", "until": until})
    assert answer.status_code == 422
    assert "Choose a day from today to" in answer.content.decode()
    assert not Override.objects.exists()


@pytest.mark.parametrize("days", [0, 89])
def test_an_override_lasts_from_the_rest_of_today_to_ninety_days(
    sign_in: SignIn, company: Company, days: int
) -> None:
    until = timezone.localdate() + timedelta(days=days)
    form = {"kind": "hold", "reason": "met", "until": str(until)}
    sign_in("ana").post(f"/leads/{company.lead('Wei').pk}/override/", form)
    assert timezone.localdate(Override.objects.get().ends_at) == until + timedelta(days=1)


def test_a_call_is_logged_and_undone(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    client.post(f"/leads/{wei.pk}/call/", {"result": "won", "note": "signed"})
    assert "Wei" not in names(client.get("/queue/").content.decode())
    client.post(f"/activities/{Activity.objects.get().pk}/undo/")
    assert "Wei" in names(client.get("/queue/").content.decode())


def test_the_undo_key_takes_back_what_one_did_last(sign_in: SignIn, company: Company) -> None:
    client = sign_in("ana")
    client.post(f"/leads/{company.lead('Wei').pk}/claim/")
    client.post("/activities/undo/")
    assert not Claim.objects.exists()
    answer = client.post("/activities/undo/", follow=True)
    assert "nothing left to undo" in answer.content.decode()


def test_a_signal_logged_by_hand_moves_the_lead(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    when = timezone.now().strftime("%Y-%m-%dT%H:%M")
    client.post(f"/leads/{wei.pk}/signal/", {"type": "dm_received", "occurred_at": when})
    companies.score()
    assert names(client.get("/queue/").content.decode())[:2] == ["Freya", "Wei"]


def test_news_come_only_when_something_moved(sign_in: SignIn, company: Company) -> None:
    client = sign_in("ana")
    seen = re.findall(r'name="seen" value="([^"]*)"', client.get("/queue/").content.decode())[0]
    assert client.get("/queue/news/", {"seen": seen}).status_code == 204
    companies.happen(company.lead("Wei"), "dm_received", at=timezone.now())
    companies.score()
    assert "1 lead has moved" in client.get("/queue/news/", {"seen": seen}).content.decode()


def test_names_are_text_whatever_they_contain(sign_in: SignIn, company: Company) -> None:
    freya = company.lead("Freya")
    freya.attributes |= {"first_name": "<script>x</script>", "last_name": "\u202eעברית"}
    freya.save()
    for path in ("/queue/", f"/leads/{freya.pk}/", "/leads/"):
        html = sign_in("ana").get(path).content.decode()
        assert "<script>x" not in html
        assert "&lt;script&gt;x" in html


def test_a_skipped_lead_leaves_the_own_queue_alone_and_comes_back_by_undo(
    sign_in: SignIn, company: Company
) -> None:
    client, freya = sign_in("ana"), company.lead("Freya")
    form = {"reason": "research", "note": "who decides?", "next": "/queue/"}
    said = client.post(f"/leads/{freya.pk}/skip/", form, follow=True).content.decode()
    assert "Freya Vogel is out of your queue until" in said
    assert names(said)[0] == "Tom"
    assert names(sign_in("jon").get("/queue/").content.decode())[0] == "Freya"
    assert "You skipped this lead" in client.get(f"/leads/{freya.pk}/").content.decode()
    client.post("/activities/undo/")
    assert names(client.get("/queue/").content.decode())[0] == "Freya"


def test_a_snoozed_lead_is_in_no_queue_and_in_the_list_of_who_snoozed_it(
    sign_in: SignIn, company: Company
) -> None:
    client, freya = sign_in("ana"), company.lead("Freya")
    client.post(f"/leads/{freya.pk}/snooze/", {"when": "three_days", "note": "after the fair"})
    assert "Freya" not in names(sign_in("jon").get("/queue/").content.decode())
    assert names(client.get("/queue/?only=snoozed").content.decode()) == ["Freya"]
    html = sign_in("jon").get(f"/leads/{freya.pk}/").content.decode()
    assert "<bdi>Ana Test</bdi> snoozed this lead until" in html
    assert "after the fair" in html
    client.post(f"/leads/{freya.pk}/wake/")
    assert names(client.get("/queue/?only=now").content.decode())[0] == "Freya"


def test_a_new_intent_signal_wakes_a_snoozed_lead_once_it_is_scored(
    sign_in: SignIn, company: Company
) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    client.post(f"/leads/{wei.pk}/snooze/", {"when": "next_week"})
    companies.happen(wei, "post_comment", at=timezone.now())
    companies.score()
    assert "Wei" not in names(client.get("/queue/").content.decode())
    companies.happen(wei, "dm_received", at=timezone.now())
    companies.score()
    html = client.get("/queue/").content.decode()
    assert "Wei" in names(html)
    assert "back from snooze" in html
    assert "early, since they showed intent" in client.get(f"/leads/{wei.pk}/").content.decode()


def test_a_lead_that_was_snoozed_before_its_first_score_stays_away(sign_in: SignIn, company: Company) -> None:
    client, freya = sign_in("ana"), company.lead("Freya")
    Score.objects.filter(lead=freya).delete()
    client.post(f"/leads/{freya.pk}/snooze/", {"when": "tomorrow"})
    companies.score()
    assert Score.objects.filter(lead=freya).exists()
    assert "Freya" not in names(client.get("/queue/").content.decode())


@pytest.mark.parametrize("until", ["", "2020-01-01T10:00", "9999-12-31T23:59", "soon"])
def test_a_snooze_until_no_possible_moment_is_refused_at_its_field(
    sign_in: SignIn, company: Company, until: str
) -> None:
    path = f"/leads/{company.lead('Wei').pk}/snooze/"
    answer = sign_in("ana").post(path, {"when": "at", "until": until})
    assert answer.status_code == 422
    assert not Snooze.objects.exists()


def test_a_lost_lead_needs_a_reason_and_keeps_what_was_written(sign_in: SignIn, company: Company) -> None:
    client, path = sign_in("ana"), f"/leads/{company.lead('Wei').pk}/call/"
    answer = client.post(path, {"result": "lost", "note": "kept"})
    assert answer.status_code == 422
    assert "Choose why" in answer.content.decode()
    assert "kept" in answer.content.decode()
    client.post(path, {"result": "lost", "lost_because": "price", "disqualified_because": "size"})
    assert Outcome.objects.get().reason == "price"


def test_a_claim_says_until_when_and_is_kept_for_longer(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    client.post(f"/leads/{wei.pk}/claim/")
    early = timezone.now() + timedelta(minutes=1)
    Claim.objects.update(expires_at=early)
    assert f"Yours until {early:%H:%M}" in client.get(f"/leads/{wei.pk}/").content.decode()
    client.post(f"/leads/{wei.pk}/extend/")
    assert Claim.objects.get().expires_at > early + timedelta(minutes=25)
    client.post("/activities/undo/")
    assert Claim.objects.get().expires_at == early


def test_what_was_heard_is_in_the_timeline_in_words(sign_in: SignIn, company: Company) -> None:
    client, wei = sign_in("ana"), company.lead("Wei")
    form = {
        "result": "conversation",
        "buying_stage": "decision",
        "budget": "approved",
        "goals": "Fewer returns",
    }
    client.post(f"/leads/{wei.pk}/call/", form)
    html = client.get(f"/leads/{wei.pk}/").content.decode()
    for said in ("Where they are: Decides between vendors", "Budget: Approved", "Fewer returns"):
        assert said in html
    answer = client.post(f"/leads/{wei.pk}/call/", {"result": "no_answer", "goals": "left from before"})
    assert answer.status_code == 302


def test_a_row_offers_its_verbs_by_pointer(sign_in: SignIn, company: Company) -> None:
    ana, freya = sign_in("ana"), company.lead("Freya")
    html = ana.get("/queue/?only=now&band=hot&band=sql").content.decode()
    row = html.split(f'id="verbs-{freya.pk}"')[1].split("</div>")[0]
    assert f'popovertarget="verbs-{freya.pk}"' in html
    for verb in ("Claim", "Outcome", "Snooze", "Skip", "Why"):
        assert f'aria-label="{verb}: Freya' in row
    assert f'formaction="/leads/{freya.pk}/claim/"' in row
    for verb in ("call", "snooze", "skip"):
        address = f"/queue/?only=now&amp;band=hot&amp;band=sql&amp;lead={freya.pk}&amp;verb={verb}"
        assert f'href="{address}"' in row
        panel = ana.get(unescape(address)).content.decode().split('id="panel"')[1]
        [opened] = re.findall(r'<details name="verb" open><summary [^>]*data-command="(\w+)"', panel)
        assert opened == verb
        assert "verb=" not in panel  # what is sent comes back to the list as it was
    why = ana.get(f"/queue/?lead={freya.pk}&verb=why").content.decode()
    assert 'tabindex="-1" autofocus' in why and '<details name="verb" open' not in why


def test_a_lead_is_claimed_from_its_row(sign_in: SignIn, company: Company) -> None:
    ana, freya = sign_in("ana"), company.lead("Freya")
    here = f"/queue/?only=now&lead={freya.pk}"
    answer = ana.post(f"/leads/{freya.pk}/claim/", {"next": here})
    assert answer.headers["Location"] == here
    row = ana.get(here).content.decode().split(f'id="verbs-{freya.pk}"')[1].split("</div>")[0]
    assert "/claim/" not in row and "verb=skip" in row
