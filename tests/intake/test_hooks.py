"""Webhooks that come in: checked on their raw bytes, kept, and used by their mapping."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from leads.intake import signatures
from leads.intake.signatures import Call
from leads.models import InboundHook, IntakeMessage, Lead, Signal, SignalDetail, SignalType
from leadscoring.people.models import Team, User
from tests.intake.conftest import set_aside, signals_of, use

VECTORS = Path(__file__).parent / "vectors"
STANDARD = json.loads((VECTORS / "standard_webhooks.json").read_text())["cases"]
HUBSPOT = json.loads((VECTORS / "hubspot_signatures.json").read_text())["vectors"]
SECRET = "s3cret"
WHO = {"mail": "Jo@Brandt.example", "title": "VP"}
BOOKED = {"event": {"id": 7, "at": 1773581400000, "who": WHO, "room": "A"}}


@pytest.mark.parametrize("case", STANDARD, ids=lambda case: case["name"])
def test_vectors_of_standard_webhooks(case: dict[str, Any]) -> None:
    call = Call(case["body"].encode(), case["headers"], case["now"])
    assert signatures.standard(call, [case["secret"]]) is case["valid"]
    assert signatures.standard(call, ["whsec_b3RoZXI=", case["secret"]]) is case["valid"]


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%"])
def test_a_secret_that_is_none_lets_nobody_in(secret: str) -> None:
    signed = base64.b64encode(hmac.new(b"", b"m.5.{}", hashlib.sha256).digest()).decode()
    headers = {"webhook-id": "m", "webhook-timestamp": "5", "webhook-signature": f"v1,{signed}"}
    assert not signatures.standard(Call(b"{}", headers, 5), [secret])


@pytest.mark.parametrize(
    "vector", HUBSPOT, ids=lambda vector: f"{vector['version']}-{vector['signature'][:6]}"
)
def test_vectors_of_hubspot(vector: dict[str, Any]) -> None:
    stamp = vector.get("timestamp", "")
    headers = {"x-hubspot-signature": vector["signature"], "x-hubspot-signature-version": vector["version"]}
    if vector["version"] == "v3":
        headers = {"x-hubspot-signature-v3": vector["signature"], "x-hubspot-request-timestamp": stamp}
    now = int(stamp or 0) / 1000

    def genuine(body: str = vector["body"], at: float = now, secret: str = vector["client_secret"]) -> bool:
        call = Call(body.encode(), headers, at, vector.get("method", "POST"), vector.get("uri", ""))
        return signatures.hubspot(call, ["other", secret])

    assert genuine()
    assert not genuine(body=vector["body"] + " ")
    assert not genuine(secret="other")
    assert genuine(at=now + 301) is (vector["version"] != "v3")


@pytest.fixture
def hook(db: None, settings: Settings) -> InboundHook:
    Team.objects.create(name="Europe", is_default=True)
    settings.INTAKE_SECRETS = {"meet": ["old", SECRET]}
    return InboundHook.objects.create(
        name="meet",
        kind=InboundHook.Kind.HMAC,
        header="X-Signed",
        id_path="event.id",
        at_path="event.at",
        email_path="event.who.mail",
        signal_type=SignalType.objects.get(key="meeting_booked"),
        properties=["event.room"],
        values=["job_title: event.who.title"],
    )


def post(said: Any, path: str = "/hooks/meet/", **headers: str) -> HttpResponse:
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    signed = {"X-Signed": "sha256=" + hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()}
    return Client().post(path, raw, content_type="application/json", headers=signed | headers)  # type: ignore[return-value]


def test_a_message_becomes_a_lead_and_a_signal_once(hook: InboundHook) -> None:
    assert [post(BOOKED).status_code, post(BOOKED).status_code] == [200, 200]
    assert IntakeMessage.objects.count() == 1
    use()
    assert signals_of("jo@brandt.example") == ["meeting_booked"]
    assert Lead.objects.get().job_title == "vp"
    assert SignalDetail.objects.get().properties == {"room": "A"}
    assert Signal.objects.get().occurred_at.isoformat() == "2026-03-15T13:30:00+00:00"


def test_what_is_not_signed_is_not_kept(hook: InboundHook, settings: Settings) -> None:
    wrong = {"X-Signed": hmac.new(b"wrong", json.dumps(BOOKED).encode(), hashlib.sha256).hexdigest()}
    assert post(BOOKED, **wrong).status_code == 401
    assert post(BOOKED, path="/hooks/nothing/").status_code == 401
    settings.INTAKE_SECRETS = {}
    assert post(BOOKED).status_code == 401
    settings.INTAKE_SECRETS = {"meet": SECRET}
    assert post(BOOKED).status_code == 200
    InboundHook.objects.update(is_on=False)
    assert post(BOOKED).status_code == 401
    assert IntakeMessage.objects.count() == 1


def test_a_list_is_many_messages_and_bad_ones_are_set_aside(hook: InboundHook) -> None:
    other = {"event": {"id": 8, "at": "soon", "who": {"mail": "a@b.example"}}}
    assert post([BOOKED, other, 5, {"event": {"id": 9}}]).status_code == 200
    use()
    assert [code for _id, code in set_aside()] == ["moment", "message", "message"]
    assert signals_of("jo@brandt.example") == ["meeting_booked"]


@pytest.mark.parametrize(("raw", "status"), [(b"{", 400), (b"NaN", 400), (b" " * 1_100_000, 413)])
def test_what_cannot_be_read_is_refused(hook: InboundHook, raw: bytes, status: int) -> None:
    assert post(raw).status_code == status


def test_pipedrive_comes_with_a_name_and_a_password(hook: InboundHook, settings: Settings) -> None:
    settings.INTAKE_SECRETS = {"meet": "pipe:drive"}
    InboundHook.objects.update(kind="basic")
    good, bad = (base64.b64encode(each).decode() for each in (b"pipe:drive", b"pipe:x"))
    assert post(BOOKED, authorization=f"Basic {bad}").status_code == 401
    assert post(BOOKED).status_code == 401
    assert post(BOOKED, authorization=f"Basic {good}").status_code == 200


def test_hubspot_counts_its_attempts_in_the_message_and_it_is_one_all_the_same(
    hook: InboundHook, settings: Settings
) -> None:
    InboundHook.objects.update(kind="hubspot", id_path="", email_path="", external_id_path="objectId")
    created = {
        "eventId": 1,
        "subscriptionType": "contact.creation",
        "objectId": 17,
        "occurredAt": 1773581400000,
    }
    for said in ({"attemptNumber": 0}, {"attemptNumber": 1}, {"attemptNumber": 0, "objectId": 18}):
        raw = json.dumps([created | said])
        signed = hashlib.sha256(f"{SECRET}{raw}".encode()).hexdigest()
        assert post(raw.encode(), **{"X-HubSpot-Signature": signed}).status_code == 200
    assert IntakeMessage.objects.count() == 2


def test_a_secret_may_stand_in_the_address(hook: InboundHook) -> None:
    InboundHook.objects.update(kind="path")
    assert post(BOOKED).status_code == 401
    assert post(BOOKED, path="/hooks/meet/wrong/").status_code == 401
    assert post(BOOKED, path=f"/hooks/meet/{SECRET}/").status_code == 200


def test_hooks_are_set_up_by_admins(hook: InboundHook, people: Callable[[str], User]) -> None:
    page = reverse("admin:leads_inboundhook_change", args=(hook.pk,))
    body = {"name": "meet", "kind": "path", "email_path": "mail", "values": "job_title: t\nnothing: x"}
    statuses = {}
    for name in ("ana", "mara", "sam", "ines"):
        client = Client()
        client.force_login(people(name), backend="django.contrib.auth.backends.ModelBackend")
        statuses[name] = client.post(page, body).status_code
    assert (statuses["ana"], statuses["mara"], statuses["sam"], statuses["ines"]) == (302, 403, 403, 200)
    body["values"] = "job_title: t"
    assert client.post(page, body).status_code == 302
    hook.refresh_from_db()
    assert (hook.kind, hook.values) == ("path", ["job_title: t"])
