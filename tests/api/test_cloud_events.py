"""CloudEvents at /api/v1/signals/: each (source, id) counts once, whichever form it comes in."""

import json
from collections.abc import Callable
from typing import Any

from leads.models import Signal, SignalDetail
from leadscoring.api.scopes import Scope
from tests.api.conftest import Program

Make = Callable[..., Program]
ONE = "application/cloudevents+json"
MANY = "application/cloudevents-batch+json"


def event(**changes: Any) -> dict[str, Any]:
    given = {
        "specversion": "1.0",
        "id": "e-1",
        "source": "/shop",
        "type": "com.example.pricing_view",
        "subject": "lead-freya",
        "time": "2026-03-15T14:30:00Z",
        "data": {"path": "/pricing", "seconds": 1.5},
    }
    return {name: value for name, value in {**given, **changes}.items() if value is not None}


def test_one_event_is_one_signal_in_any_form(program: Make) -> None:
    sam, before = program("sam"), Signal.objects.count()
    first = sam.post("/signals/", event(), content_type=ONE)
    assert (first.status, first.body["status"]) == (201, "created")
    headers = {f"ce_{name}": str(event()[name]) for name in ("id", "source", "type", "subject", "time")}
    binary = sam.post("/signals/", event()["data"], ce_specversion="1.0", **headers)
    batch = sam.post("/signals/", [event(), event(id="e-2", subject="new@one.example")], content_type=MANY)
    assert binary.body["status"] == "duplicate"
    assert [one["status"] for one in batch.body["results"]] == ["duplicate", "waiting"]
    assert Signal.objects.count() == before + 1
    detail = SignalDetail.objects.get(source="/shop")
    assert detail.properties == {"path": "/pricing", "seconds": 1.5}


def test_an_event_may_name_its_person_in_its_data_and_lack_a_time(program: Make) -> None:
    data = {"email": "freya@brandt.example", "path": "/"}
    answer = program("sam").post("/signals/", event(subject=None, time=None, data=data), content_type=ONE)
    assert answer.body["status"] == "created"


def test_what_an_event_lacks_is_refused(program: Make) -> None:
    sam = program("sam")
    assert sam.post("/signals/", event(subject=None, data={}), content_type=ONE).status == 422
    unknown = sam.post("/signals/", event(type="com.example.dance"), content_type=ONE)
    assert (unknown.status, unknown.body["status"]) == (202, "quarantined")
    assert sam.post("/signals/", event(source=7), content_type=ONE).places == ["/source"]
    for raw in (b"{", b"[]", b"7"):
        assert sam.post("/signals/", raw, content_type=ONE).status == 400
    assert sam.post("/signals/", b"{}", content_type=MANY).status == 400
    mixed = sam.post("/signals/", json.dumps([event(), 5]).encode(), content_type=MANY)
    assert [one["status"] for one in mixed.body["results"]] == ["created", "refused"]


def test_events_need_the_same_rights_as_signals(program: Make) -> None:
    assert program("ana").post("/signals/", event(), content_type=ONE).code == "role.missing"
    assert program("sam", Scope.READ).post("/signals/", [event()], content_type=MANY).code == "scope.missing"
    assert Program(None).post("/signals/", event(), content_type=ONE).status == 401
