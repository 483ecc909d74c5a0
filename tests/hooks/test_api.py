"""/api/v1/webhooks/: what Admins' programs do with endpoints and messages."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from leadscoring.api.models import KeptAnswer
from leadscoring.hooks import secrets_of, sending
from leadscoring.hooks.models import Delivery, Endpoint
from leadscoring.people.models import User
from tests.api.conftest import Program, Reply, key_for
from tests.hooks.conftest import Receiver

GIVEN = {"url": "https://crm.example.com/hooks", "description": "CRM", "events": ["lead.band_changed"]}


@pytest.fixture
def program(admin: User, settings: Settings) -> Program:
    return Program(key_for(admin).text)


def create(program: Program, **changes: object) -> Reply:
    return program.post("/webhooks/", GIVEN | changes)


def test_an_endpoint_is_registered_and_its_secret_told_once(program: Program) -> None:
    answer = create(program)
    assert answer.status == 201
    endpoint = Endpoint.objects.get()
    assert [answer.body["secret"]] == secrets_of.signing(endpoint, at=timezone.now())
    (listed,) = program.get("/webhooks/").body["results"]
    assert "secret" not in listed
    assert (listed["id"], listed["threshold"], listed["waiting"]) == (endpoint.pk, 10, 0)


def test_a_repeated_request_gets_no_secret(program: Program) -> None:
    first, second = (program.post("/webhooks/", GIVEN, idempotency_key="once") for _ in range(2))
    assert first.body["secret"].startswith("whsec_")
    assert second.body == first.body | {"secret": None}
    assert first.body["secret"] not in KeptAnswer.objects.get().body
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"url": "http://crm.example.com/"}, 422, "address_refused"),
        ({"url": "https://169.254.169.254/"}, 422, "address_refused"),
        ({"url": "https://crm.internal/"}, 422, "address_refused"),
        ({"events": ["lead.exploded"]}, 400, "invalid"),
        ({"events": ["test"]}, 400, "invalid"),
        ({"events": []}, 400, "invalid"),
        ({"threshold": 0}, 400, "invalid"),
        ({"secret": "whsec_mine"}, 400, "invalid"),
    ],
)
def test_what_an_endpoint_may_not_be_is_refused(
    program: Program, change: dict[str, Any], status: int, code: str
) -> None:
    answer = create(program, **change)
    assert (answer.status, answer.code) == (status, code)
    assert not Endpoint.objects.exists()


def test_it_is_changed_by_who_has_seen_it_and_removed(program: Program) -> None:
    where = f"/webhooks/{create(program).body['id']}/"
    tag = program.get(where).headers["ETag"]
    assert program.patch(where, {"is_on": False}).code == "if_match.missing"
    changed = program.patch(where, {"is_on": False, "threshold": 5}, if_match=tag)
    assert (changed.body["is_on"], changed.body["off_because"]) == (False, "by_hand")
    assert changed.body["url"] == GIVEN["url"]
    assert program.patch(where, {"is_on": True}, if_match=tag).code == "if_match.changed"
    assert program.post(f"{where}test/").code == "endpoint.off"
    assert program.delete(where).status == 204
    assert program.get(where).code == "endpoint.not_found"


def test_a_test_its_log_and_sending_again(
    program: Program, receiver: Receiver, verified: Callable[..., bytes]
) -> None:
    receiver.answer(500)
    made = create(program, url=receiver.url).body
    where = f"/webhooks/{made['id']}/"
    sent = program.post(f"{where}test/")
    assert (sent.status, sent.body["type"], sent.body["state"]) == (202, "test", "waiting")
    turn(timezone.now())
    assert program.post(f"/webhook-messages/{sent.body['id']}/replay/").code == "message.waiting"
    Delivery.objects.update(dead_at=timezone.now())
    (listed,) = program.get(f"{where}messages/?state=set_aside").body["results"]
    assert listed["reason"] == "HTTP 500"
    assert program.get(f"{where}messages/?state=delivered").body["results"] == []
    assert program.post(f"{where}replay/", {"since": "2200-01-01T00:00:00Z"}).body == {"messages": 0}
    assert program.post(f"{where}replay/", {}).body == {"messages": 1}
    receiver.answer(200)
    turn(timezone.now() + timedelta(hours=1))
    log = program.get(f"/webhook-messages/{listed['id']}/").body
    assert log["state"] == "delivered"
    assert [(one["status"], one["answer"]) for one in log["attempts"]] == [
        (200, "what it says"),
        (500, "what it says"),
    ]
    assert receiver.received[-1].body.decode() == log["body"]
    assert program.post(f"/webhook-messages/{listed['id']}/replay/").status == 202
    new = program.post(f"{where}secret/", {"overlap_hours": 1}).body
    assert new["secret"] != made["secret"]
    assert new["previous_secret_until"] is not None


def turn(at: Any) -> None:
    sending.send_due(clock=lambda: at, seconds=5)
