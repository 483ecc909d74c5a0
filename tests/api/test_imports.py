"""/api/v1/imports/: files imported by programs, as the pages do it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from leads.imports import jobs, work
from leads.models import FileImport, Lead, SavedMapping, Signal
from leadscoring.api.scopes import Scope
from tests.api.conftest import Program, Reply
from tests.company import Company
from tests.leads.imports.test_imports import as_workbook

Make = Callable[..., Program]
FILE = "Id;E-mail;Title;Visits\n=1;ann@acme.com;VP Sales;3\n2;bob;Engineer;4\n"


def upload(
    program: Program,
    content: str | bytes = FILE,
    *,
    name: str = "people.csv",
    kind: str = "leads",
    **headers: str,
) -> Reply:
    data = content.encode() if isinstance(content, str) else content
    return send(program, {"kind": kind, "file": SimpleUploadedFile(name, data)}, **headers)


def send(program: Program, form: dict[str, Any], **headers: str) -> Reply:
    """A form to /imports/."""
    sent = {"authorization": f"Bearer {program.text}"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    answer = program.client.post("/api/v1/imports/", form, headers=sent)
    return Reply(answer.status_code, answer.json(), dict(answer.items()), answer.content.decode())


def begin(program: Program, uploaded: Reply, **said: str) -> Reply:
    return program.post(f"/imports/{uploaded.body['id']}/begin/", said)


def finish(uploaded: Reply) -> None:
    work.work(job_id=uploaded.body["id"], seconds=100)


def becomes(answer: Reply) -> list[str]:
    return [column["becomes"] for column in answer.body["guess"]["columns"]]


def test_a_file_is_looked_at_mapped_imported_and_its_refused_rows_come_back(program: Make) -> None:
    sam, before = program("sam"), Lead.objects.count()
    uploaded = upload(sam)
    path, guess = f"/imports/{uploaded.body['id']}/", uploaded.body["guess"]
    assert (uploaded.status, uploaded.body["state"], uploaded.body["problem"]) == (201, "draft", "")
    assert (guess["delimiter"], guess["header_line"], guess["encoding_is_guessed"]) == (";", 1, False)
    assert becomes(uploaded) == ["external_id", "email", "job_title", ""]
    assert guess["columns"][2]["values"] == ["VP Sales", "Engineer"]
    assert [(one["line"], one["column"]) for one in guess["refusals"]] == [(3, "E-mail")]

    changed = sam.patch(path, {"columns": {"Visits": "new:visits"}}, if_match=uploaded.headers["ETag"])
    assert becomes(changed) == ["external_id", "email", "job_title", "new:visits"]
    begun = begin(sam, uploaded, save_as="Fair")
    assert (begun.status, begun.body["state"], Lead.objects.count()) == (202, "waiting", before)
    finish(uploaded)
    done = sam.get(path).body
    assert (done["state"], done["rows"], done["made"]["attributes"]) == ("done", 2, ["visits"])
    counted = ("read", "created", "updated", "unchanged", "refused")
    assert [done["result"][name] for name in counted] == [2, 1, 0, 0, 1]
    assert [(one["line"], one["column"]) for one in done["refusals"]] == [(3, "E-mail")]
    back = sam.client.get(f"/api/v1{path}refused/", headers={"authorization": f"Bearer {sam.text}"})
    assert back["Content-Disposition"] == 'attachment; filename="people.refused.csv"'
    assert b"".join(back.streaming_content).decode().splitlines()[1].endswith("2;bob;Engineer;4")  # type: ignore[attr-defined]
    assert upload(sam).body["guess"]["recognised_as"] == "Fair"
    assert [one["id"] for one in sam.get("/imports/").body["results"]][1] == done["id"]


def test_a_workbook_of_signals_goes_the_same_way(program: Make, company: Company) -> None:
    ines, freya = program("ines"), company.lead("Freya")
    rows = [
        ["Note"],
        ["Who", "What", "When"],
        [freya.external_id or "x", "dm_received", "2024-05-01"],
        ["", "", ""],
    ]
    uploaded = upload(ines, as_workbook([*rows, ["a", "", ""]]), name="talks.xlsx", kind="signals")
    columns = {"Who": "lead", "What": "type", "When": "occurred_at"}
    said = {"header_line": 2, "columns": columns, "timezone": "Europe/Berlin"}
    path, before = f"/imports/{uploaded.body['id']}/", Signal.objects.count()
    assert becomes(ines.patch(path, said, if_match=uploaded.headers["ETag"])) == [*columns.values()]
    assert begin(ines, uploaded).status == 202
    finish(uploaded)
    result = ines.get(path).body["result"]
    assert result["created"] + result["waiting"] == 1 and result["refused"] >= 1
    assert Signal.objects.count() == before + result["created"]
    back = ines.client.get(f"/api/v1{path}refused/", headers={"authorization": f"Bearer {ines.text}"})
    assert back["Content-Disposition"] == 'attachment; filename="talks.refused.xlsx"'
    assert b"".join(back.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]


def test_a_saved_mapping_is_used_for_other_columns(program: Make) -> None:
    sam = program("sam")
    begin(sam, upload(sam, "Kunde;Rolle\n1;CTO\n"), save_as="never kept")
    assert not SavedMapping.objects.exists()
    first = upload(sam, "Kunde;Rolle\n1;CTO\n")
    mapped = {"columns": {"Kunde": "external_id", "Rolle": "job_title"}, "missing": "-"}
    path = f"/imports/{first.body['id']}/"
    assert sam.patch(path, mapped, if_match=first.headers["ETag"]).status == 200
    begin(sam, first, save_as="Shop")
    [kept] = sam.get("/imports/mappings/").body["results"]
    assert (kept["name"], kept["plan"]["columns"]["Kunde"]) == ("Shop", "external_id")

    other = upload(sam, "Kunde;Firma\n2;Acme\n")
    assert becomes(other) == ["", ""]
    path = f"/imports/{other.body['id']}/"
    used = sam.patch(path, {"saved_mapping": kept["id"]}, if_match=other.headers["ETag"])
    assert (becomes(used), used.body["plan"]["missing"]) == (["external_id", ""], "-")
    assert used.body["guess"]["recognised_as"] == "Shop"


def test_what_speaks_of_columns_that_are_not_there_is_left_out(program: Make) -> None:
    sam = program("sam")
    first = upload(sam, "Id;End\n1;won\n")
    closes = {"outcome_column": "End", "converted": "won"}
    path = f"/imports/{first.body['id']}/"
    changed = sam.patch(path, closes, if_match=first.headers["ETag"])
    assert changed.body["plan"]["outcome_column"] == "End"
    begin(sam, first, save_as="Ends")
    [kept] = sam.get("/imports/mappings/").body["results"]

    other = upload(sam, "Id;Note\nId;x\n2;y\n")
    path = f"/imports/{other.body['id']}/"
    used = sam.patch(path, {"saved_mapping": kept["id"]}, if_match=other.headers["ETag"])
    assert (used.status, used.body["plan"]["outcome_column"]) == (200, "")
    lower = sam.patch(path, {"header_line": 2}, if_match=used.headers["ETag"])
    assert (lower.status, [*lower.body["plan"]["columns"]]) == (200, ["Id", "x"])


def test_what_cannot_be_used_is_named_and_nothing_changes(program: Make) -> None:
    sam = program("sam")
    uploaded = upload(sam)
    path, tag = f"/imports/{uploaded.body['id']}/", uploaded.headers["ETag"]
    said = {"columns": {"Title": "shoe"}, "outcome_column": "End"}
    for body, places in (
        (said, ["/columns/Title", "/outcome_column"]),
        ({"columns": {"Shoe": "email"}}, ["/columns"]),
        ({"columns": {"\ud800": "email"}}, ["/columns"]),
        ({"lead_key": "email", "team": 999, "owner": 999}, ["/lead_key", "/team", "/owner"]),
        ({"saved_mapping": 999}, ["/saved_mapping"]),
    ):
        answer = sam.patch(path, body, if_match=tag)
        assert (answer.status, answer.places) == (422, places), body
    assert sam.patch(path, {"header_line": 2}).code == "if_match.missing"
    assert sam.patch(path, {"header_line": 2}, if_match='"x"').code == "if_match.changed"
    assert sam.get(path).headers["ETag"] == tag


def test_a_plan_that_will_not_do_says_so_and_does_not_begin(program: Make) -> None:
    sam = program("sam")
    uploaded = upload(sam, "Name,Note\nAnn,x\n")
    sentence = "No column tells which person a row is about."
    assert uploaded.body["problem"].startswith(sentence)
    refused = begin(sam, uploaded)
    assert (refused.status, refused.code) == (422, "mapping.identity")
    assert refused.body["detail"].startswith(sentence) and not work.waiting()
    job = FileImport.objects.get()
    jobs.arrange(job_id=job.pk, plan=replace(jobs.plan_of(job), targets={"Name": "gone"}), actor=job.actor)
    assert begin(sam, uploaded).code == "mapping.unknown"


def test_an_encoding_that_cannot_be_told_is_said_afterwards(program: Make) -> None:
    sam = program("sam")
    uploaded = upload(sam, "Id,Name\n1,Zażółć gęślą jaźń\n".encode("cp1250"))
    assert (uploaded.status, uploaded.body["guess"]) == (201, None) and "encoding" in uploaded.body["problem"]
    path, tag = f"/imports/{uploaded.body['id']}/", uploaded.headers["ETag"]
    assert sam.patch(path, {"columns": {"Id": "external_id"}}, if_match=tag).code == "file.encoding"
    read = sam.patch(path, {"encoding": "cp1250"}, if_match=tag).body["guess"]
    assert read["columns"][1]["values"] == ["Zażółć gęślą jaźń"]


def test_what_is_no_text_is_answered_all_the_same(program: Make) -> None:
    guess = upload(program("sam"), b"Id,First name\n1,Zo\xc3\xa9\xff\n2,a\0b\n3,Z\xc3\xbc\n").body["guess"]
    assert [one["line"] for one in guess["refusals"]] == [2, 3]


def test_an_import_is_stopped_once_and_a_draft_thrown_away(program: Make) -> None:
    sam = program("sam")
    one, other = upload(sam), upload(sam)
    path = f"/imports/{one.body['id']}/"
    assert sam.post(f"{path}cancel/").code == "import.over"
    begin(sam, one)
    assert sam.post(f"{path}cancel/").body["state"] == "stopped"
    assert sam.post(f"{path}cancel/").status == 409
    assert (sam.delete(path).status, begin(sam, one).status) == (409, 409)
    assert sam.delete(f"/imports/{other.body['id']}/").status == 204
    assert sam.get(f"/imports/{other.body['id']}/").status == 404


def test_the_same_upload_twice_is_one(program: Make) -> None:
    sam = program("sam")
    first, again = (upload(sam, idempotency_key="k1") for _ in range(2))
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true" and FileImport.objects.count() == 1
    other = upload(sam, FILE.replace("VP", "SVP"), idempotency_key="k1")
    assert (other.status, other.code) == (422, "idempotency_key.reused")
    begun = [sam.post(f"/imports/{first.body['id']}/begin/", {}, idempotency_key="k2") for _ in range(2)]
    assert [one.status for one in begun] == [202, 202]


def test_what_is_no_file_is_refused_in_words(program: Make, settings: Settings) -> None:
    sam = program("sam")
    assert sam.post("/imports/", {"kind": "leads"}).status == 415
    assert send(sam, {"kind": "leads"}).places == ["/file"]
    assert send(sam, {"kind": "leads", "file": "Id\n1\n"}).places == ["/file"]
    assert upload(sam, kind="shoes").places == ["/kind"]
    assert send(sam, {"kind": "leads", "file": SimpleUploadedFile("a.csv", b"Id\n1\n"), "x": "1"}).places == [
        "/x"
    ]
    assert (upload(sam, b"PK\x03\x04 what").code, upload(sam, b"").status) == ("file.broken", 422)
    assert sam.post("/imports/", b"--x\r\n", content_type="multipart/form-data; boundary=x").status == 400
    assert sam.post("/imports/", b"x", content_type="multipart/form-data").code == "parse_error"
    settings.IMPORT_MAX_BYTES = 1_000
    assert (upload(sam, "Id\n" + "1\n" * 1_000).code, upload(sam, b"x" * 2**21).status) == (
        "import.large",
        413,
    )
    assert not FileImport.objects.exists()


@pytest.mark.parametrize("name", ["ana", "mara"])
def test_reps_and_managers_import_nothing(program: Make, name: str) -> None:
    path = f"/imports/{upload(program('sam')).body['id']}/"
    other = program(name)
    assert upload(other).code == "role.missing"
    for method, where in (("GET", path), ("PATCH", path), ("DELETE", path), ("GET", f"{path}refused/")):
        assert other.ask(method, where, {}).code == "role.missing"
    assert (
        begin(program("sam", Scope.READ, Scope.LEADS_WRITE), upload(program("sam"))).code == "scope.missing"
    )


def test_a_form_that_cannot_be_read_is_no_failure_of_ours(company: Company) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(company.person("sam"), backend="django.contrib.auth.backends.ModelBackend")
    client.get("/models/")
    page = Program(None, client)
    assert page.post("/imports/", b"x", content_type="multipart/form-data").code == "parse_error"
    many = b"".join(b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' for _ in range(5_001))
    answer = page.post("/imports/", many + b"--x--\r\n", content_type="multipart/form-data; boundary=x")
    assert (answer.status, answer.code) == (400, "parse_error")
