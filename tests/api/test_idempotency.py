"""Requests that come twice, one after the other and at the same time."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from leads.models import Lead
from leadscoring.api import idempotency
from leadscoring.api.answers import Answer
from leadscoring.api.models import KeptAnswer
from leadscoring.api.tasks import forget_answers
from tests import company as companies
from tests.api.conftest import Program, Reply, key_for
from tests.company import Company

Make = Callable[..., Program]
JO = {"external_id": "crm-1", "attributes": {"email": "jo@brandt.example"}}


def test_the_same_request_gets_the_same_answer(program: Make) -> None:
    sam = program("sam")
    first, again = (sam.post("/leads/", JO, idempotency_key="k") for _ in range(2))
    assert (first.status, again.status) == (201, 201)
    assert first.text == again.text
    for name in ("ETag", "Location", "Content-Type"):
        assert first.headers[name] == again.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert sam.post("/leads/", JO).status == 200


@pytest.mark.parametrize("other", ["body", "path", "method"])
def test_a_key_for_something_else_is_refused(program: Make, company: Company, other: str) -> None:
    sam = program("sam")
    sam.post("/leads/", JO, idempotency_key="k")
    answer = {
        "body": lambda: sam.post("/leads/", {**JO, "external_id": "crm-2"}, idempotency_key="k"),
        "path": lambda: sam.post("/signals/", {**signal()}, idempotency_key="k"),
        "method": lambda: sam.patch(
            f"/leads/{company.lead('Wei').pk}/", {"attributes": {}}, if_match="*", idempotency_key="k"
        ),
    }[other]()
    assert (answer.status, answer.code) == (422, "idempotency_key.reused")
    assert not Lead.objects.filter(external_id="crm-2").exists()


def test_an_empty_if_match_is_another_request_than_none(program: Make, company: Company) -> None:
    sam, path, change = program("sam"), f"/leads/{company.lead('Wei').pk}/", {"attributes": {"city": "Bonn"}}
    assert sam.patch(path, change, idempotency_key="k", if_match="").code == "if_match.changed"
    assert sam.patch(path, change, idempotency_key="k").code == "idempotency_key.reused"


def test_keys_are_each_callers_own(program: Make) -> None:
    assert program("sam").post("/leads/", JO, idempotency_key="k").status == 201
    assert program("sam").post("/leads/", {"external_id": "crm-2"}, idempotency_key="k").status == 201
    assert program("nora").post("/leads/", {"external_id": "crm-3"}, idempotency_key="k").status == 201


def test_a_refusal_is_kept_and_nothing_else_is(program: Make) -> None:
    sam, before = program("sam"), Lead.objects.count()
    body = {"external_id": "crm-1", "team": "Nowhere"}
    first, again = (sam.post("/leads/", body, idempotency_key="k") for _ in range(2))
    assert (first.status, again.status) == (422, 422)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Lead.objects.count() == before


def test_what_cannot_be_read_uses_no_key_up(program: Make) -> None:
    sam = program("sam")
    assert sam.post("/leads/", {"nope": 1}, idempotency_key="k").status == 400
    assert sam.post("/leads/", JO, idempotency_key="k").status == 201


def test_our_own_failure_keeps_neither_answer_nor_work(
    program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    sam = program("sam")
    with monkeypatch.context() as patch:
        patch.setattr("leads.api.leads.lead_tag", lambda _one: 1 / 0)
        assert sam.post("/leads/", JO, idempotency_key="k").status == 500
    assert not Lead.objects.filter(external_id="crm-1").exists()
    assert not KeptAnswer.objects.exists()
    assert sam.post("/leads/", JO, idempotency_key="k").status == 201


def test_an_answer_is_kept_for_seven_days(program: Make) -> None:
    sam = program("sam")
    sam.post("/leads/", JO, idempotency_key="k")
    KeptAnswer.objects.update(at=timezone.now() - timedelta(days=7) + timedelta(minutes=1))
    forget_answers()
    assert sam.post("/leads/", JO, idempotency_key="k").status == 201
    KeptAnswer.objects.update(at=timezone.now() - timedelta(days=7))
    assert sam.post("/leads/", JO, idempotency_key="k").status == 200
    KeptAnswer.objects.update(at=timezone.now() - timedelta(days=7))
    forget_answers()
    assert not KeptAnswer.objects.exists()


@pytest.fixture
def committed(committed_db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


def test_of_two_that_come_at_once_one_is_told_to_wait(
    committed: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = key_for(committed.person("sam")).text
    inside, go_on = threading.Event(), threading.Event()
    work = idempotency._answer

    def slow(todo: Callable[[], Answer]) -> Answer:
        inside.set()
        go_on.wait(60)
        return work(todo)

    monkeypatch.setattr(idempotency, "_answer", slow)

    def send() -> Reply:
        try:
            return Program(text).post("/leads/", JO, idempotency_key="k")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(send)
        assert inside.wait(60)
        twin = threads.submit(send).result(60)
        go_on.set()
        answer = first.result(60)
    assert (twin.status, twin.code) == (409, "idempotency_key.busy")
    assert twin.headers["Retry-After"] == "1"
    assert answer.status == 201
    assert send().headers["Idempotency-Replayed"] == "true"
    assert Lead.objects.filter(external_id="crm-1").count() == 1


def test_of_two_edits_of_what_both_saw_one_is_done(committed: Company) -> None:
    text, path = key_for(committed.person("sam")).text, f"/leads/{committed.lead('Freya').pk}/"
    tag = Program(text).get(path).headers["ETag"]
    gate = threading.Barrier(4)

    def change(number: int) -> int:
        try:
            connection.ensure_connection()
            gate.wait(60)
            body = {"attributes": {"job_title": f"Title {number}"}}
            return Program(text).patch(path, body, if_match=tag).status
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        statuses = sorted(threads.map(change, range(4)))
    assert statuses == [200, 412, 412, 412]


def signal() -> dict[str, str]:
    return {"external_id": "lead-freya", "type": "pricing_view", "occurred_at": "2026-03-15T14:30:00Z"}
