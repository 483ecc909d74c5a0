"""/api/v1/signals/: each counts once, and bad ones take no good ones down."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.utils import timezone

from leads.intake import quarantine, work
from leads.models import IntakeMessage, Signal, SignalType, WaitingSignal
from leadscoring.api.scopes import Scope
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]


def viewed(**changes: Any) -> dict[str, Any]:
    given = {
        "external_id": "lead-freya",
        "type": "pricing_view",
        "occurred_at": "2026-03-15T14:30:00+01:00",
        "message_id": "m-1",
        "source": "site",
        "properties": {"path": "/pricing", "seconds": 12.5},
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def test_a_signal_counts_once(program: Make, company: Company) -> None:
    sam, before = program("sam"), Signal.objects.count()
    first, again = sam.post("/signals/", viewed()), sam.post("/signals/", viewed())
    other = sam.post("/signals/", viewed(properties={"path": "/"}))
    assert [(one.status, one.body["status"]) for one in (first, again, other)] == [
        (201, "created"),
        (200, "duplicate"),
        (200, "conflicting"),
    ]
    assert Signal.objects.count() == before + 1
    shown = sam.get(f"/leads/{company.lead('Freya').pk}/signals/").body["results"]
    assert {"path": "/pricing", "seconds": 12.5} in [one["properties"] for one in shown]


def test_a_signal_of_somebody_unknown_waits(program: Make) -> None:
    answer = program("sam").post("/signals/", viewed(external_id=None, email="New@One.example"))
    assert (answer.status, answer.body["status"]) == (201, "waiting")
    assert WaitingSignal.objects.get().lead_value == "new@one.example"


def test_a_lead_is_named_by_its_id_as_well(program: Make, company: Company) -> None:
    freya, before = company.lead("Freya"), Signal.objects.count()
    answer = program("sam").post("/signals/", viewed(external_id=None, lead=freya.pk))
    assert answer.body["status"] == "created"
    assert freya.signals.count() and Signal.objects.count() == before + 1


@pytest.mark.parametrize(
    ("changes", "status", "place"),
    [
        ({"lead": 1}, 422, "/lead"),
        ({"external_id": None}, 422, "/lead"),
        ({"external_id": None, "lead": 10**17}, 422, "/lead"),
        ({"external_id": None, "lead": True}, 400, "/lead"),
        ({"external_id": " "}, 422, "/external_id"),
        ({"type": 7}, 400, "/type"),
        ({"occurred_at": "yesterday"}, 400, "/occurred_at"),
        ({"occurred_at": "2026-03-15T14:30:00"}, 400, "/occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+23:00"}, 400, "/occurred_at"),
        ({"occurred_at": 5}, 400, "/occurred_at"),
        ({"properties": []}, 400, "/properties"),
        ({"properties": {"a": "\0"}}, 400, "/properties"),
        ({"properties": {"\ud800": 1}}, 400, "/properties"),
        ({"properties": {"a": "x" * 40_000}}, 400, "/properties"),
        ({"properties": {"a": 10**70}}, 400, "/properties"),
        ({"message_id": "\ud800"}, 400, "/message_id"),
        ({"received_at": "2026-03-15T14:30:00Z"}, 400, "/received_at"),
    ],
)
def test_a_signal_that_cannot_be_used_is_told_by_field(
    program: Make, changes: dict[str, Any], status: int, place: str
) -> None:
    before = Signal.objects.count()
    answer = program("sam").post("/signals/", viewed(**changes))
    assert (answer.status, answer.places) == (status, [place])
    assert Signal.objects.count() == before


def set_aside() -> list[tuple[str, str]]:
    found = IntakeMessage.objects.filter(state=IntakeMessage.State.QUARANTINED).order_by("pk")
    return list(found.values_list("message_id", "code"))


def replay(company: Company) -> None:
    """Somebody lets everything be tried again, and a worker does."""
    ids = list(IntakeMessage.objects.values_list("pk", flat=True))
    quarantine.replay(ids=ids, actor=company.person("sam"), at=timezone.now())
    while work.work():
        pass


def test_a_signal_of_an_unknown_type_is_kept_and_counts_once_the_type_is_there(
    program: Make, company: Company
) -> None:
    sam, freya = program("sam"), company.lead("Freya")
    answers = [sam.post("/signals/", viewed(type="demo_seen")) for _time in range(2)]
    assert [(one.status, one.body["status"]) for one in answers] == [(202, "quarantined")] * 2
    assert [fault["at"] for fault in answers[0].body["errors"]] == ["/type"]
    assert set_aside() == [("m-1", "refused")]
    replay(company)
    assert set_aside() == [("m-1", "refused")]
    SignalType.objects.create(key="demo_seen", label="Demo seen")
    before = freya.signals.count()
    replay(company)
    assert set_aside() == [] and freya.signals.count() == before + 1
    assert sam.post("/signals/", viewed(type="demo_seen")).body["status"] == "duplicate"
    assert freya.signals.count() == before + 1


def test_a_signal_that_counted_before_it_was_replayed_counts_once(program: Make, company: Company) -> None:
    sam, freya = program("sam"), company.lead("Freya")
    sam.post("/signals/", viewed(type="demo_seen", message_id=None, external_id=None, lead=freya.pk))
    SignalType.objects.create(key="demo_seen", label="Demo seen")
    before = freya.signals.count()
    sam.post("/signals/", viewed(type="demo_seen", message_id=None, external_id=None, lead=freya.pk))
    replay(company)
    assert set_aside() == [] and freya.signals.count() == before + 1


def test_more_than_a_day_ahead_is_kept_apart_until_then(
    program: Make, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    soon, late = now + timedelta(hours=23), now + timedelta(hours=25)
    sent = [viewed(message_id="soon", occurred_at=soon.isoformat())]
    sent += [
        viewed(message_id="late", occurred_at=late.isoformat(), email="no@one.example", external_id=None)
    ]
    results = program("sam").post("/signals/batch/", {"signals": sent}).body["results"]
    assert [one["status"] for one in results] == ["created", "quarantined"]
    assert results[1]["errors"][0]["at"] == "/occurred_at" and set_aside() == [("late", "future")]
    replay(company)
    assert set_aside() == [("late", "future")] and not WaitingSignal.objects.exists()
    monkeypatch.setattr(timezone, "now", lambda: late - timedelta(hours=1))
    replay(company)
    assert set_aside() == [] and WaitingSignal.objects.get().lead_value == "no@one.example"


def test_programs_see_why_and_have_it_tried_again(program: Make, company: Company) -> None:
    sam, freya = program("sam"), company.lead("Freya")
    for number in range(3):
        sam.post("/signals/", viewed(type="demo_seen" if number else "demo_heard", message_id=f"m-{number}"))
    first, other = program("ines").get("/quarantine/").body["results"]
    assert (first["code"], first["count"], other["count"]) == ("refused", 2, 1)
    path = "/quarantine/messages/?code=refused&limit=2"
    page = sam.get(path).body
    assert [one["message_id"] for one in page["results"]] == ["m-2", "m-1"] and "demo_seen" in page[
        "results"
    ][0]["raw"]
    (last,) = sam.get(f"{path}&cursor={page['next']}").body["results"]
    assert sam.get(f"/quarantine/messages/?reason={quote(other['reason'])}").body["results"] == [last]
    SignalType.objects.create(key="demo_seen", label="Demo seen")
    before = freya.signals.count()
    again = sam.post("/quarantine/replay/", {"code": "refused", "reason": first["reason"]})
    assert (again.status, again.body) == (200, {"messages": 2})
    assert sam.post("/quarantine/replay/", {"messages": [last["id"], 10**12]}).body == {"messages": 1}
    while work.work():
        pass
    assert freya.signals.count() == before + 2 and set_aside() == [("m-0", "refused")]
    for unclear in ({}, {"code": "refused"}, {"messages": [1], "code": "refused", "reason": "x"}):
        assert sam.post("/quarantine/replay/", unclear).code == "quarantine.unclear"
    assert program("mara").get("/quarantine/").code == "role.missing"


def test_numbers_beyond_numbers_are_refused(program: Make) -> None:
    for number in (b"1e400", b"1e999999999999", b"1e" + b"9" * 30, b"NaN", b"Infinity", b"9" * 5000):
        answer = program("sam").post("/signals/", b'{"properties": {"a": ' + number + b"}}")
        assert answer.status == 400, number


def test_a_number_beyond_numbers_takes_no_good_signal_down(program: Make) -> None:
    for number in (b"9" * 5000, b"1e" + b"9" * 30):
        bad, good = viewed(properties={"a": "@"}), viewed(message_id="good")
        body = json.dumps({"signals": [bad, good]}).encode().replace(b'"@"', number)
        answer = program("sam").post("/signals/batch/", body)
        refused, taken = answer.body["results"]
        assert refused["errors"][0]["detail"] == "It holds a number that is too large."
        assert taken["status"] in ("created", "duplicate")


def test_bad_signals_take_no_good_ones_down(program: Make) -> None:
    before = Signal.objects.count()
    sent = [
        viewed(message_id="1"),
        viewed(message_id="2", type="nothing_known"),
        "nonsense",
        viewed(message_id="1"),
        None,
        viewed(message_id="3", source="other"),
        viewed(message_id="4", properties={"a": "\0"}),
        {"message_id": ["no"]},
    ]
    answer = program("sam").post("/signals/batch/", {"signals": sent})
    results = answer.body["results"]
    assert answer.status == 207
    assert [one["status"] for one in results] == [
        *("created", "quarantined", "refused", "duplicate", "refused", "created", "refused", "refused")
    ]
    assert [one["message_id"] for one in results[:3]] == ["1", "2", None]
    assert [fault["at"] for fault in results[1]["errors"]] == ["/type"]
    assert Signal.objects.count() == before + 2


def test_a_batch_has_a_thousand_signals_at_most(program: Make) -> None:
    sam = program("sam")
    assert sam.post("/signals/batch/", {"signals": []}).places == ["/signals"]
    assert sam.post("/signals/batch/", {"signals": [1] * 1001}).places == ["/signals"]
    many = [viewed(message_id=f"m{number}") for number in range(1000)]
    results = sam.post("/signals/batch/", {"signals": many}).body["results"]
    assert {one["status"] for one in results} == {"created"}


@pytest.mark.parametrize("path", ["/signals/", "/signals/batch/"])
def test_only_marketing_sends_signals_and_only_by_a_key_for_it(
    program: Make, company: Company, path: str
) -> None:
    for name in ("ana", "mara", "ines"):
        assert program(name).post(path, {}).code == "role.missing"
    assert program("sam", Scope.READ, Scope.LEADS_WRITE).post(path, {}).code == "scope.missing"
    assert Program(None).post(path, {}).status == 401


def test_signals_of_a_lead_are_for_who_may_see_it(program: Make, company: Company) -> None:
    path = f"/leads/{company.lead('Otto').pk}/signals/"
    assert program("ana").get(path).code == "lead.not_found"
    assert program("rita", Scope.WORK).get(path).code == "scope.missing"
    assert Program(None).get(path).status == 401
    page = program("rita").get(f"{path}?limit=1").body
    rest = program("rita").get(f"{path}?limit=1&cursor={quote(page['next'])}").body
    assert {page["results"][0]["type"], rest["results"][0]["type"]} == {"dm_received", "post_comment"}
    assert program("rita").get(f"{path}?cursor=x_y").code == "cursor.invalid"
