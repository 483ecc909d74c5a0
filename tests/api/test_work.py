"""Working the queue by programs: what they get is what the pages give, and no more."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from leads.models import Claim, Lead
from leads.queue.ranking import ranked
from leadscoring.api.scopes import Scope
from tests import company as companies
from tests.api.conftest import Program, Reply, key_for
from tests.company import Company

Make = Callable[..., Program]


def test_the_queue_is_that_of_the_page(program: Make, company: Company) -> None:
    rows = program("ana").get("/queue/").body["results"]
    page = ranked(user=company.person("ana"), now=timezone.now()).rows
    assert [(row["lead"], row["total"]) for row in rows] == [(row.lead.pk, row.score) for row in page]
    assert rows[0]["name"] == "Freya Vogel" and rows[0]["reasons"][0]["points"] > 0
    first = program("ana").get("/queue/?limit=1").body
    second = program("ana").get(f"/queue/?limit=1&cursor={first['next']}").body
    assert [first["results"][0]["lead"], second["results"][0]["lead"]] == [row["lead"] for row in rows[:2]]
    assert second["previous"] is not None


def test_the_queue_is_filtered_as_on_the_page_and_nothing_is_filtered_silently(program: Make) -> None:
    ana = program("ana")
    assert {row["band"] for row in ana.get("/queue/?band=hot,sql").body["results"]} == {"hot", "sql"}
    assert ana.get("/queue/?owner=me").body["results"] == []
    assert ana.get("/queue/?band=none_such").status == 422
    assert ana.get("/queue/?team=999").status == 422
    assert ana.get("/queue/?only=mine").places == ["only"]
    assert ana.get("/queue/?cursor=garbage").code == "cursor.invalid"


def test_marketings_list_is_theirs(program: Make) -> None:
    assert [row["name"] for row in program("sam").get("/nurture/").body["results"]] == ["Owen Hughes"]
    assert program("ana").get("/nurture/").code == "role.missing"


def test_the_next_lead_is_claimed(program: Make, company: Company) -> None:
    ana, jon = program("ana"), program("jon")
    first, second = ana.post("/queue/next/", {}), jon.post("/queue/next/")
    assert first.body["lead"]["name"] == "Freya Vogel"
    assert second.body["lead"]["name"] == "Tom Okafor"
    assert datetime.fromisoformat(first.body["claimed_until"]) > timezone.now()
    assert ana.post("/queue/next/", {"band": "hot"}).body == {"lead": None, "claimed_until": None}


def test_a_claim_is_taken_extended_shown_and_given_back(program: Make, company: Company) -> None:
    ana, jon, path = program("ana"), program("jon"), f"/leads/{company.lead('Wei').pk}/claim/"
    assert ana.get(path).code == "claim.not_found"
    taken = ana.post(path)
    assert taken.body["user"]["name"] == "Ana Test"
    assert (jon.post(path).status, jon.post(path).code) == (409, "claim.held")
    assert jon.patch(path).code == "claim.held" and jon.delete(path).code == "claim.held"
    assert ana.patch(path).body["expires_at"] > taken.body["expires_at"]
    assert jon.get(path).body["user"]["name"] == "Ana Test"
    assert (ana.delete(path).status, ana.delete(path).code) == (204, "claim.none")


def test_an_outcome_closes_the_lead_and_undo_opens_it(program: Make, company: Company) -> None:
    ana, wei = program("ana"), company.lead("Wei").pk
    path = f"/leads/{wei}/outcomes/"
    assert ana.post(path, {"result": "lost"}).code == "outcome.reason"
    assert ana.post(path, {"result": "sold"}).places == ["/result"]
    closed = ana.post(path, {"result": "lost", "reason": "price", "note": "Too much"})
    assert (closed.status, closed.body["verb"]) == (201, "outcome")
    assert ana.post(path, {"result": "no_answer"}).code == "lead.closed"
    assert ana.get(f"/leads/{wei}/").body["is_open"] is False
    assert program("jon").post(f"/activities/{closed.body['id']}/undo/").code == "activity.not_yours"
    assert ana.post(f"/activities/{closed.body['id']}/undo/").body["undone_at"] is not None
    assert ana.post(f"/activities/{closed.body['id']}/undo/").code == "activity.undone"
    assert ana.get(f"/leads/{wei}/").body["is_open"] is True
    log = ana.get(f"/leads/{wei}/activities/").body["results"]
    assert [(one["verb"], one["note"]) for one in log] == [("outcome", "Too much")]


def test_what_a_conversation_told_is_kept_with_its_signal(program: Make, company: Company) -> None:
    ana, wei = program("ana"), company.lead("Wei").pk
    learned = {"budget": "approved", "goals": "Fewer lists"}
    assert ana.post(f"/leads/{wei}/outcomes/", {"result": "conversation", "learned": learned}).status == 201
    assert ana.get(f"/leads/{wei}/signals/").body["results"][0]["properties"] == learned
    bad = ana.post(
        f"/leads/{wei}/outcomes/", {"result": "conversation", "learned": {"budget": "huge", "x": 1}}
    )
    assert bad.places == ["/learned/x"]


def test_a_signal_that_somebody_saw_is_logged(program: Make, company: Company) -> None:
    ana, wei = program("ana"), company.lead("Wei").pk
    path, body = f"/leads/{wei}/signals/", {"type": "post_comment", "occurred_at": "2026-01-02T03:04:05Z"}
    assert ana.post(path, body).body["verb"] == "signal"
    assert ana.post(path, {**body, "occurred_at": "2126-01-02T03:04:05Z"}).code == "signal.future"
    assert ana.post(path, {**body, "type": "nothing_known"}).code == "signal.type"


def test_a_lead_is_left_for_later(program: Make, company: Company) -> None:
    ana, tom = program("ana"), company.lead("Tom").pk
    until = (timezone.now() + timedelta(days=3)).isoformat()
    path = f"/leads/{tom}/snooze/"
    assert ana.post(path, {"until": "2020-01-01T00:00:00Z"}).code == "snooze.until"
    assert ana.post(path, {"until": until}).body["verb"] == "snoozed"
    assert tom not in {row["lead"] for row in ana.get("/queue/").body["results"]}
    assert ana.delete(path).body["verb"] == "woken"
    assert (ana.delete(path).status, ana.delete(path).code) == (409, "snooze.none")
    assert ana.post(f"/leads/{tom}/skip/", {"reason": "bad_time"}).body["verb"] == "skipped"
    assert tom not in {row["lead"] for row in ana.get("/queue/").body["results"]}
    assert tom in {row["lead"] for row in program("jon").get("/queue/").body["results"]}
    assert ana.post(f"/leads/{tom}/skip/", {}).places == ["/reason"]


def test_an_override_counts_until_it_ends(program: Make, company: Company) -> None:
    ana, wei = program("ana"), company.lead("Wei").pk
    body = {"lead": wei, "kind": "band", "band": "hot", "reason": "met"}
    made = ana.post("/overrides/", body)
    assert made.status == 201 and made.body["is_large"] is True
    assert ana.get(f"/leads/{wei}/").body["score"]["band"] == "hot"
    assert [one["id"] for one in ana.get("/overrides/").body["results"]] == [made.body["id"]]
    assert program("rita").get("/overrides/").body["results"] == []
    assert ana.post(f"/overrides/{made.body['id']}/end/").status == 200
    assert ana.post(f"/overrides/{made.body['id']}/end/").code == "override.ended"
    assert ana.get(f"/leads/{wei}/").body["score"]["band"] == "mql"


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"points": 0}, 422, "override.points"),
        ({"points": None}, 422, "override.points"),
        ({"points": 10**7}, 400, "invalid"),
        ({"points": 1.5}, 400, "invalid"),
        ({"band": "hot"}, 422, "override.points"),
        ({"kind": "band", "points": None, "band": "x"}, 422, "override.band"),
        ({"ends_at": "2120-01-01T00:00:00Z"}, 422, "override.end"),
        ({"author": 1}, 400, "invalid"),
    ],
)
def test_an_override_that_says_nothing_or_too_much_is_refused(
    program: Make, company: Company, changes: dict[str, object], status: int, code: str
) -> None:
    body = {"lead": company.lead("Wei").pk, "kind": "points", "points": 5, "reason": "met"} | changes
    sent = {name: value for name, value in body.items() if value is not None}
    answer = program("ana").post("/overrides/", sent)
    assert (answer.status, answer.code) == (status, code)


def test_a_manager_reviews_large_overrides_of_others(program: Make, company: Company) -> None:
    body = {"lead": company.lead("Wei").pk, "kind": "band", "band": "hot", "reason": "met"}
    made = program("ana").post("/overrides/", body).body["id"]
    mara, path = program("mara"), f"/overrides/{made}/review/"
    assert mara.post(path, {"verdict": "end"}).code == "override.comment"
    assert mara.post(path, {"verdict": "keep"}).status == 200
    assert (mara.post(path, {"verdict": "keep"}).status) == 409


def test_the_leads_of_another_team_are_nobodys_business(program: Make, company: Company) -> None:
    otto, ana = company.lead("Otto").pk, program("ana")
    held = program("rita").post(f"/leads/{otto}/claim/")
    assert held.status == 200
    deed = program("rita").post(f"/leads/{otto}/outcomes/", {"result": "no_answer"}).body["id"]
    body = {"lead": otto, "kind": "points", "points": 5, "reason": "met"}
    override = program("rita").post("/overrides/", body).body["id"]
    account = program("rita").get(f"/leads/{otto}/").body["account"]["id"]
    seen = {"type": "post_comment", "occurred_at": "2026-01-02T03:04:05Z"}
    later = (timezone.now() + timedelta(days=3)).isoformat()
    for answer in (
        ana.get(f"/leads/{otto}/claim/"),
        ana.post(f"/leads/{otto}/claim/"),
        ana.patch(f"/leads/{otto}/claim/"),
        ana.delete(f"/leads/{otto}/claim/"),
        ana.post(f"/leads/{otto}/outcomes/", {"result": "won"}),
        ana.post(f"/leads/{otto}/signals/", seen),
        ana.post(f"/leads/{otto}/skip/", {"reason": "weak"}),
        ana.post(f"/leads/{otto}/snooze/", {"until": later}),
        ana.delete(f"/leads/{otto}/snooze/"),
        ana.get(f"/leads/{otto}/activities/"),
        ana.post(f"/activities/{deed}/undo/"),
        ana.post("/overrides/", body),
        ana.post(f"/overrides/{override}/end/"),
        program("mara").post(f"/overrides/{override}/review/", {"verdict": "keep"}),
        ana.get(f"/accounts/{account}/"),
    ):
        assert answer.status == 404, answer.body
    assert program("sam").get(f"/accounts/{account}/").status == 200
    assert Lead.objects.get(pk=otto).is_open


def test_companies_are_listed_with_the_people_one_may_see(program: Make, company: Company) -> None:
    names = {one["name"] for one in program("ana").get("/accounts/").body["results"]}
    assert "Faraway" not in names and "Brandt" in names
    found = program("sam").get("/accounts/?q=brand").body["results"]
    assert [(one["name"], one["leads"]) for one in found] == [("Brandt", 1)]


def test_what_the_installation_speaks_of_is_listed(program: Make, company: Company) -> None:
    ana = program("ana")
    assert "job_title" in {one["key"] for one in ana.get("/attributes/").body["results"]}
    assert "pricing_view" in {one["key"] for one in ana.get("/signal-types/").body["results"]}
    assert [one["name"] for one in ana.get("/teams/").body["results"]] == ["Europe"]
    people = {one["name"] for one in ana.get("/people/").body["results"]}
    assert people == {"Ana Test", "Jon Test", "Mara Test"}
    assert len(program("sam").get("/people/").body["results"]) == 7
    assert [one["name"] for one in program("sam").get("/teams/?limit=1").body["results"]] == ["Overseas"]


def test_of_many_programs_that_take_the_next_lead_no_two_get_the_same(committed: Company) -> None:
    texts = [key_for(committed.person(name), [Scope.WORK]).text for name in ("ana", "jon", "mara", "ana")]
    answers = at_once(*(partial(Program(text).post, "/queue/next/") for text in texts))
    taken = [answer.body["lead"] and answer.body["lead"]["id"] for answer in answers]
    assert len({*taken}) == len(taken) == Claim.objects.count()


def test_a_list_that_is_changed_while_it_is_deleted_is_one_of_both(committed: Company) -> None:
    ana, sam = (Program(key_for(committed.person(name)).text) for name in ("ana", "sam"))
    view = {"name": "Hot", "filters": {"band": "hot"}}
    segment = {"name": "Berlin", "asks": {"conditions": ["attribute:city:is:Berlin"]}, "shared": False}
    for one, path, body in ((ana, "/views/", view), (sam, "/segments/", segment)):
        made = one.post(path, body)
        address = f"{path}{made.body['id']}/"
        change = partial(one.patch, address, {"name": "Other"}, if_match=made.headers["ETag"])
        answers = at_once(change, partial(one.delete, address), change, partial(one.delete, address))
        told = [answer.status for answer in answers]
        assert told.count(204) == 1 and {*told} <= {200, 204, 404, 412}


def at_once(*asks: Callable[[], Reply]) -> list[Reply]:
    gate = threading.Barrier(len(asks))

    def run(ask: Callable[[], Reply]) -> Reply:
        try:
            connection.ensure_connection()
            gate.wait(60)
            return ask()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(asks)) as threads:
        return list(threads.map(run, asks))


@pytest.fixture
def committed(committed_db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


def test_nobody_calls_who_unsubscribed(program: Make, company: Company) -> None:
    ana, freya = program("ana"), company.lead("Freya")
    companies.happen(freya, "unsubscribed", at=timezone.now())
    path = f"/leads/{freya.pk}/outcomes/"
    assert ana.get("/queue/").body["results"][0]["refuses_contact"] == "unsubscribed"
    assert ana.get("/queue/").body["results"][1]["refuses_contact"] is None
    refused = ana.post(path, {"result": "conversation"})
    assert (refused.status, refused.code) == (409, "contact.refused")
    assert ana.post(path, {"result": "conversation", "they_began": True}).status == 201
