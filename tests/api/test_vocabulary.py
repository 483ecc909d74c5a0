"""What marketing keeps in the admin, kept by programs: attributes, signal types, owners of companies."""

from collections.abc import Callable

import pytest

from leads.models import Account, Attribute, SignalType
from leadscoring.audit.models import AuditEntry
from tests.api.conftest import Program
from tests.company import Company

Make = Callable[..., Program]
PLAN = {"key": "plan", "name": "Plan", "kind": "choice", "choices": ["Free", "Pro"]}
WEBINAR = {"key": "joined_demo", "name": "Joined a demo", "is_engagement": True, "stage": "decision"}


def test_an_attribute_is_added_and_leads_have_values_of_it(program: Make) -> None:
    sam = program("sam")
    added = sam.post("/attributes/", PLAN)
    assert (added.status, added.body["describes"], added.body["choices"]) == (201, "lead", ["Free", "Pro"])
    assert sam.post("/leads/", {"external_id": "p-1", "attributes": {"plan": "pro"}}).status == 201
    assert AuditEntry.objects.filter(action="attribute.added").count() == 1
    again = sam.post("/attributes/", PLAN)
    assert (again.status, again.code) == (409, "key.taken")


def test_a_type_of_signals_is_added_and_sent(program: Make) -> None:
    sam = program("sam")
    signal = {"type": "joined_demo", "occurred_at": "2026-03-15T14:30:00Z", "external_id": "p-1"}
    assert sam.post("/signals/", signal).body["status"] == "quarantined"
    added = sam.post("/signal-types/", WEBINAR)
    assert (added.status, added.body["is_engagement"], added.body["stage"]) == (201, True, "decision")
    assert sam.post("/signals/", signal).body["status"] == "waiting"
    assert AuditEntry.objects.filter(action="signaltype.added").count() == 1


def test_what_the_forms_refuse_is_named(program: Make) -> None:
    sam, before = program("sam"), (Attribute.objects.count(), SignalType.objects.count())
    assert sam.post("/attributes/", {**PLAN, "key": "Plan!", "name": " "}).places == ["/name", "/key"]
    assert sam.post("/attributes/", {**PLAN, "kind": "text"}).places == ["/choices"]
    assert sam.post("/signal-types/", {**WEBINAR, "key": "9", "stage": ""}).places == ["/key"]
    assert (Attribute.objects.count(), SignalType.objects.count()) == before


def test_a_company_gets_an_owner_and_loses_them(program: Make, company: Company) -> None:
    sam, ana = program("sam"), company.person("ana")
    path = f"/accounts/{Account.objects.latest('pk').pk}/"
    seen = sam.get(path).headers["ETag"]
    changed = sam.patch(path, {"owner": ana.pk}, if_match=seen)
    assert (changed.status, changed.body["owner"]["id"]) == (200, ana.pk)
    assert sam.patch(path, {"owner": None}, if_match=seen).status == 412
    assert sam.patch(path, {"owner": 999}, if_match=changed.headers["ETag"]).places == ["/owner"]
    gone = sam.patch(path, {"owner": None}, if_match=changed.headers["ETag"])
    assert gone.body["owner"] is None and AuditEntry.objects.filter(action="account.changed").count() == 2


@pytest.mark.parametrize("name", ["ana", "mara", "ines"])
def test_nobody_else_keeps_them(program: Make, company: Company, name: str) -> None:
    other = program(name)
    path = f"/accounts/{Account.objects.latest('pk').pk}/"
    asked = (
        other.post("/attributes/", PLAN),
        other.post("/signal-types/", WEBINAR),
        other.patch(path, {"owner": None}),
    )
    assert {answer.code for answer in asked} == {"role.missing"}
