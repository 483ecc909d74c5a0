"""What holds for every address: problems, media types, sizes, rates, sign-in."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from leadscoring.api import rate_limit
from leadscoring.api.models import Bucket
from tests.api.conftest import STILL, Program, key_for
from tests.company import Company

Make = Callable[..., Program]
PROBLEM = "application/problem+json"


def test_a_problem_says_what_and_where(program: Make) -> None:
    answer = program("sam").post("/leads/", {"a/b~c": 1, "external_id": 7})
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.body == {
        "type": "urn:leadscoring:problem:invalid",
        "title": "Bad Request",
        "status": 400,
        "code": "invalid",
        "detail": "This can't be used: /a~1b~0c.",
        "errors": [{"at": "/a~1b~0c", "code": "unknown", "detail": "There is no such field."}],
    }


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "code"),
    [
        ("GET", "/nowhere/", {}, 404, "not_found"),
        ("GET", "/leads", {}, 404, "not_found"),
        ("POST", "/leads", {}, 404, "not_found"),
        ("GET", "/leads/0/", {}, 404, "not_found"),
        ("GET", "/leads/9999999999999999999999999999/", {}, 404, "not_found"),
        ("DELETE", "/leads/", {}, 405, "method_not_allowed"),
        ("OPTIONS", "/leads/", {}, 405, "method_not_allowed"),
        ("TRACE", "/leads/", {}, 405, "method_not_allowed"),
        ("GET", "/leads/", {"accept": "text/html"}, 406, "not_acceptable"),
        ("POST", "/leads/", {"content_type": "text/csv"}, 415, "unsupported_media_type"),
        (
            "POST",
            "/leads/",
            {"content_type": "multipart/form-data; boundary=x"},
            415,
            "unsupported_media_type",
        ),
        ("POST", "/leads/", {"transfer_encoding": "chunked"}, 411, "body.length"),
        ("POST", "/leads/", {"idempotency_key": "with space"}, 400, "idempotency_key.invalid"),
    ],
)
def test_what_nobody_can_answer_is_a_problem(
    program: Make, method: str, path: str, headers: dict[str, str], status: int, code: str
) -> None:
    answer = program("sam").ask(method, path, b"x" if method == "POST" else None, **headers)
    if code.startswith("idempotency"):
        answer = program("sam").ask(method, path, {"external_id": "1"}, **headers)
    assert (answer.status, answer.code) == (status, code)
    assert answer.headers["Content-Type"] == PROBLEM


@pytest.mark.parametrize(
    "body",
    [b"{", b"\xff", b"[" * 100_000, b"[]", b"null", b"1", b'"x"', b'{"external_id": NaN}', b"{} {}"],
)
def test_what_is_no_object_is_a_problem(program: Make, body: bytes) -> None:
    answer = program("sam").post("/leads/", body)
    assert answer.status == 400
    assert answer.headers["Content-Type"] == PROBLEM


def test_a_large_body_is_refused_before_it_is_read(program: Make) -> None:
    answer = program("sam").post("/leads/", b" " * (1024 * 1024 + 1))
    assert (answer.status, answer.code) == (413, "body.too_large")


def test_what_takes_nothing_refuses_what_it_is_given(program: Make) -> None:
    assert program("sam").ask("GET", "/leads/", {"x": 1}).status == 200  # a body of GET means nothing


def test_our_own_failure_is_a_problem_without_particulars(
    program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_given: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("leads.api.leads.find_leads", fail)
    answer = program("ana").get("/leads/")
    assert (answer.status, answer.code) == (500, "internal")
    assert "secret" not in answer.text


def test_while_the_database_is_away_one_may_come_back_later(
    program: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**_given: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("leads.api.leads.find_leads", fail)
    answer = program("ana").get("/leads/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


def test_answers_are_kept_by_nobody_on_the_way(program: Make) -> None:
    assert program("ana").get("/leads/").headers["Cache-Control"] == "no-store"


def test_a_caller_has_so_many_requests_and_is_told(company: Company, no_time_passes: None) -> None:
    program = Program(key_for(company.person("ana"), a_minute=3).text)
    left = [program.get("/leads/").headers["RateLimit-Remaining"] for _ in range(3)]
    refused = program.get("/leads/")
    assert left == ["2", "1", "0"]
    assert (refused.status, refused.code) == (429, "too_many_requests")
    assert refused.headers["RateLimit-Limit"] == "3"
    assert refused.headers["RateLimit-Policy"] == "3;w=60"
    assert refused.headers["Retry-After"] == "20"
    other = Program(key_for(company.person("ana"), a_minute=3).text)
    assert other.get("/leads/").status == 200


def test_a_bucket_fills_evenly_and_never_over(db: None, no_time_passes: None) -> None:
    for _ in range(60):
        rate_limit.take("key:1", limit=60)
    assert rate_limit.take("key:1", limit=60).wait == 1
    Bucket.objects.update(tokens=0, filled_at=STILL - timedelta(seconds=10.5))
    assert rate_limit.take("key:1", limit=60).remaining == 9
    Bucket.objects.update(filled_at=STILL - timedelta(days=1))
    assert rate_limit.take("key:1", limit=60).remaining == 59


def test_a_refused_request_costs_nothing(db: None) -> None:
    for _ in range(5):
        taken = rate_limit.take("key:1", limit=2)
    assert taken.wait > 0
    before = Bucket.objects.get().tokens
    rate_limit.take("key:1", limit=2)
    assert Bucket.objects.get().tokens == before


def test_somebody_signed_in_may_ask_and_writes_with_the_token_of_pages(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.person("sam"), backend="django.contrib.auth.backends.ModelBackend")
    page = Program(None, client)
    assert page.get("/leads/").status == 200
    assert page.post("/leads/", {"external_id": "1"}).status == 403
    client.get("/models/")
    token = client.cookies["leadscoring_csrf"].value if "leadscoring_csrf" in client.cookies else ""
    assert token
    assert page.post("/leads/", {"external_id": "1"}, x_csrftoken=token).status == 201


def test_a_bad_key_is_not_saved_by_a_good_session(company: Company) -> None:
    client = Client()
    client.force_login(company.person("sam"), backend="django.contrib.auth.backends.ModelBackend")
    assert Program("ls_x_y", client).get("/leads/").status == 401
