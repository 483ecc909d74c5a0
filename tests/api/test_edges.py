"""Requests at the edge of what HTTP and JSON allow: answered in the API's own words, never by a 500."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.test import Client
from pytest_django import Settings
from rest_framework import serializers

from leadscoring.api.bodies import Body
from leadscoring.api.fields import Anything
from leadscoring.people.roles import Role
from tests.api.conftest import Program, key_for
from tests.api.operations import every_operation
from tests.company import Company

Make = Callable[..., Program]
PROBLEM = "application/problem+json"
OPERATIONS = every_operation()
# What the queries of operations about one lead need.
NEEDED = {"compare_moments": "?since=2026-01-01T00:00:00Z", "preview_merge": "?absorb=1"}


def everything(company: Company) -> Program:
    """A program of somebody of Europe with every role that doesn't see all leads."""
    ana = company.person("ana")
    ana.groups.add(*company.person("mara").groups.all())
    return Program(key_for(ana).text)


def test_no_operation_takes_a_parameter_that_it_does_not_know(program: Make) -> None:
    programs = {role: program(name) for role, name in zip(Role, ("ana", "sam", "mara", "ines"), strict=True)}
    for place in OPERATIONS:
        answer = programs[place.operation.roles[0]].ask(place.method, f"{place.path}?colour=red", {})
        assert (answer.status, "colour" in answer.places) == (400, True), (place, answer)


def test_no_body_takes_a_field_that_it_does_not_know_however_deep() -> None:
    taken = [place.operation.takes() for place in OPERATIONS if place.operation.takes]
    open_ended = {type(field).__name__ for body in taken for field in _nested(body)}
    assert open_ended == set()


def _nested(body: serializers.BaseSerializer[Any]) -> Iterator[serializers.Field[Any, Any, Any, Any]]:
    """The parts of a body that would take any field."""
    for field in body.fields.values():  # type: ignore[attr-defined]
        inner = getattr(field, "child", field)
        if isinstance(inner, Body):
            yield from _nested(inner)
        elif isinstance(inner, serializers.BaseSerializer):
            yield inner
        elif isinstance(field, serializers.DictField) and isinstance(inner, Anything):
            assert field.field_name == "properties"  # of a signal: what they are is its source's to say


def test_a_lead_of_another_team_is_not_there_whatever_is_asked(company: Company) -> None:
    program, otto = everything(company), company.lead("Otto").pk
    asked = 0
    for place in OPERATIONS:
        if "/leads/1/" not in place.path or Role.REP not in place.operation.roles:
            continue
        path = place.path.replace("/leads/1/", f"/leads/{otto}/") + NEEDED.get(place.operation.name, "")
        body: Mapping[str, Any] = next(iter(place.operation.examples.values()), {})
        answer = program.ask(place.method, path, body if place.operation.takes else None, if_match="*")
        assert (answer.status, answer.code) == (404, "lead.not_found"), (place, answer)
        asked += 1
    assert asked > 25


def test_what_an_address_does_not_do_it_says_beside_what_it_does(program: Make) -> None:
    for method in ("OPTIONS", "PUT", "TRACE", "PROPFIND"):
        answer = program("sam").ask(method, "/leads/")
        assert (answer.status, answer.code) == (405, "method_not_allowed")
        assert answer.headers["Content-Type"] == PROBLEM
        assert answer.headers["Allow"] == "GET, HEAD, POST"


def test_head_says_what_get_says_without_saying_it(program: Make, company: Company) -> None:
    sam, path = program("sam"), f"/leads/{company.lead('Wei').pk}/"
    head, got = sam.ask("HEAD", path), sam.get(path)
    assert (head.status, head.text) == (200, "")
    assert head.headers["ETag"] == got.headers["ETag"]
    assert head.headers["Content-Type"] == got.headers["Content-Type"] == "application/json"
    assert sam.ask("HEAD", "/leads/999999/").status == 404
    assert sam.ask("HEAD", "/signals/").status == 405


KINDS = {
    "application/json": 201,
    "application/json; charset=utf-8": 200,
    "application/json;charset=UTF-8": 200,
    "APPLICATION/JSON": 200,
    'application/json; charset="utf-8"': 200,
    "application/json; charset=latin-1": 415,
    "application/json; charset=utf-16": 415,
    "application/x-www-form-urlencoded": 415,
    "text/json": 415,
    "": 415,
    "json": 415,
}


def test_json_is_taken_under_its_own_name(program: Make) -> None:
    for kind, status in KINDS.items():
        answer = program("sam").post("/leads/", {"external_id": "1"}, content_type=kind)
        assert answer.status == status, kind
        assert answer.headers["Content-Type"] == (PROBLEM if status == 415 else "application/json")


def test_a_name_that_comes_twice_is_refused(program: Make) -> None:
    for raw in (b'{"external_id": "x", "external_id": "y"}', b'{"attributes": {"a": "1", "a": "2"}}'):
        assert program("sam").post("/leads/", raw).status == 400


def test_a_body_that_is_packed_is_refused_as_such(program: Make) -> None:
    answer = program("sam").post("/leads/", b"\x1f\x8b", content_encoding="gzip")
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_addresses_that_are_none_are_problems(program: Make) -> None:
    for path in ("/leads/%00/", "/leads/%ff/", "/%ff%fe/", "/leads/1%2f/", "/leads//", "/leads/٣/"):
        answer = program("sam").get(path)
        assert (answer.status, answer.headers["Content-Type"]) == (404, PROBLEM), path


QUERIES = (
    "q=%00",
    "q=%ff",
    "q=%ed%a0%80",
    "limit=1e3",
    "limit=٣",
    "limit=1%00",
    "cursor=%00",
    f"limit={'9' * 40}",
)


def test_queries_that_say_nothing_are_answered(program: Make) -> None:
    for query in QUERIES:
        answer = program("sam").get(f"/leads/?{query}")
        assert answer.status in (200, 400), (query, answer)
        assert answer.headers["Content-Type"] in (PROBLEM, "application/json")


NASTY = (
    b'"\\u0000"',
    b'"\\ud800"',
    b'"' + b"x" * 100_000 + b'"',
    b"1" + b"0" * 400,
    b"1e999999999",
    b"-1e-" + b"9" * 30,
    b"1" + b"0" * 5_000,
    b"[" * 50 + b"]" * 50,
)


def test_no_value_breaks_anything_wherever_it_stands(company: Company) -> None:
    company.person("sam").groups.add(*company.person("ana").groups.all())
    program, lead = Program(key_for(company.person("sam")).text), company.lead("Wei").pk
    for method, path, body in _everywhere(lead):
        for nasty in NASTY:
            answer = program.ask(method, path, body.replace(b"@", nasty), if_match="*")
            assert answer.status < 500, (path, body, nasty[:20], answer)
            assert not answer.text or answer.body is not None


def _everywhere(lead: int) -> Iterator[tuple[str, str, bytes]]:
    """Bodies with a place for something else."""
    when = b'"occurred_at": "2026-03-15T14:30:00Z"'
    yield "POST", "/leads/", b'{"external_id": @}'
    yield "POST", "/leads/", b'{"external_id": "1", "attributes": {"email": @}}'
    for name in (b"job_title", b"ssi_score", b"inbound", b"company", b"revenue"):
        yield "POST", "/leads/", b'{"external_id": "1", "attributes": {"%s": @}}' % name
        yield "PATCH", f"/leads/{lead}/", b'{"attributes": {"%s": @}}' % name
    yield "POST", "/signals/", b'{"lead": @, "type": "dm_received", %s}' % when
    yield "POST", "/signals/", b'{"external_id": "lead-wei", "type": @, %s}' % when
    yield "POST", "/signals/", b'{"external_id": "lead-wei", "type": "dm_received", "occurred_at": @}'
    yield (
        "POST",
        "/signals/",
        b'{"external_id": "lead-wei", "type": "dm_received", "message_id": @, %s}' % when,
    )
    properties = b'{"external_id": "lead-wei", "type": "dm_received", "properties": {"a": @}, %s}'
    yield "POST", "/signals/", properties % when
    yield "POST", "/signals/", properties.replace(b'"a": @', b'"a": {"b": [@]}') % when
    yield "POST", "/signals/batch/", b'{"signals": [@]}'
    yield "POST", f"/leads/{lead}/notes/", b'{"text": @}'
    yield "POST", f"/leads/{lead}/outcomes/", b'{"result": "conversation", "learned": {"goals": @}}'
    yield "POST", "/views/", b'{"name": @, "filters": {"band": "hot"}}'
    yield "POST", "/views/", b'{"name": "x", "filters": {"source": @}}'
    yield "POST", "/overrides/", b'{"lead": %d, "kind": "points", "points": @, "reason": "met"}' % lead
    yield "POST", "/bulk-jobs/count/", b'{"leads": [@]}'
    yield "POST", "/versions/", b'{"text": @}'
    yield "POST", "/models/", b'{"name": @, "start": "consumer"}'


def test_errors_of_the_server_itself_are_problems_below_the_api(company: Company, settings: Settings) -> None:
    settings.DEBUG = False
    client = Client(raise_request_exception=False)
    strange = client.get("/api/v1/leads/", headers={"host": "evil.example"})
    assert (strange.status_code, strange["Content-Type"], strange.json()["code"]) == (
        400,
        PROBLEM,
        "bad_request",
    )
    page = client.get("/queue/", headers={"host": "evil.example"})
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")


def test_a_write_without_the_token_of_pages_is_a_problem(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.person("sam"), backend="django.contrib.auth.backends.ModelBackend")
    answer = Program(None, client).post("/leads/", {"external_id": "1"})
    assert (answer.status, answer.headers["Content-Type"]) == (403, PROBLEM)
    assert answer.code == "permission_denied"
