"""Importing a file as the pages ask and answer."""

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from leads.imports import work
from leads.models import FileImport, Lead, SavedMapping
from tests.company import Company
from tests.leads.imports.test_imports import as_workbook

SignIn = Callable[[str], Client]
FILE = "Id;E-mail;Title;Visits\n=1;ann@acme.com;VP Sales;3\n2;bob;Engineer;4\n"
COLUMNS = {"column-0": "external_id", "column-1": "email", "column-2": "job_title", "column-3": "new:visits"}


def upload(client: Client, content: str | bytes = FILE, name: str = "people.csv", kind: str = "leads") -> str:
    """The text of the page that an upload leads to."""
    data = content.encode() if isinstance(content, str) else content
    form = {"kind": kind, "file": SimpleUploadedFile(name, data), "next": "/imports/"}
    return client.post("/imports/upload/", form, follow=True).content.decode()


def newest() -> FileImport:
    return FileImport.objects.latest("pk")


def chosen(page: str) -> list[str]:
    """What the columns are mapped to on the page."""
    rows = re.findall(r'<select name="column-\d+".*?</select>', page, re.S)
    return [found[1] if (found := re.search(r'value="([^"]*)" selected', row)) else "" for row in rows]


def test_a_file_is_shown_before_anything_is_written_then_imported(sign_in: SignIn, company: Company) -> None:
    sam = sign_in("sam")
    page = upload(sam)
    assert chosen(page) == ["external_id", "email", "job_title", ""]
    assert "Semicolon" in page and "1 of the first 2 rows would be refused" in page and "“bob”" in page
    before = Lead.objects.count()

    path = f"/imports/{newest().pk}/"
    running = sam.post(f"{path}begin/", {**COLUMNS, "save_as": "Fair"}, follow=True).content.decode()

    assert "waits for a worker" in running and Lead.objects.count() == before
    work.work(job_id=newest().pk, seconds=100)
    over = sam.get(path).content.decode()
    assert "Done: 2 rows." in over and "New attributes: <bdi>visits</bdi>." in over
    assert Lead.objects.filter(external_id="=1").exists() and SavedMapping.objects.get().name == "Fair"
    answer = sam.get(f"{path}refused/")
    assert answer["Content-Disposition"] == 'attachment; filename="people.refused.csv"'
    assert answer.getvalue().decode().splitlines()[1].endswith("2;bob;Engineer;4")
    assert "Recognised by its columns: Fair." in upload(sam)


def test_what_was_guessed_can_be_changed_and_is_shown_anew(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    data = as_workbook([["Note"], ["Id", "Name"], [1, "Ann"]])
    assert "Show it so" in upload(sam, data, name="people.xlsx")
    path = f"/imports/{newest().pk}/"
    page = sam.post(f"{path}arrange/", {"header_at": "1"}, follow=True).content.decode()
    assert chosen(page) == [""] and "Ann" not in page
    page = sam.post(f"{path}arrange/", {"header_at": "2"}, follow=True).content.decode()
    assert chosen(page) == ["external_id", ""] and "Ann" in page


def test_what_was_said_of_columns_of_another_header_is_forgotten(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    upload(sam, "Id,End\nId\n1\n")
    path = f"/imports/{newest().pk}/"
    said = {"column-0": "external_id", "outcome_column": "End", "converted": "won", "header_at": "2"}
    page = sam.post(f"{path}arrange/", said, follow=True).content.decode()
    assert chosen(page) == ["external_id"]


def test_a_mapping_that_will_not_do_is_said_and_what_was_chosen_stays(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    upload(sam)
    form = {**dict.fromkeys(COLUMNS, ""), "column-2": "job_title", "missing": "n/a"}
    answer = sam.post(f"/imports/{newest().pk}/begin/", form)
    page = answer.content.decode()
    assert (
        answer.status_code == 422
        and "No column tells which person a row is about. Choose “External id” or “E-mail”" in page
    )
    assert chosen(page) == ["", "", "job_title", ""] and 'value="n/a"' in page
    answer = sam.post(f"/imports/{newest().pk}/begin/", {"column-0": "owner_id"})
    assert answer.status_code == 422 and not work.waiting()


def test_an_encoding_that_cannot_be_told_is_asked_for(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    page = upload(sam, "Id,Name\n1,Zażółć gęślą jaźń\n".encode("cp1250"))
    assert "can&#x27;t be told" in page and "What its columns mean" not in page
    page = sam.post(f"/imports/{newest().pk}/arrange/", {"encoding": "cp1250"}, follow=True).content.decode()
    assert "Zażółć gęślą jaźń" in page


def test_a_file_that_will_not_do_and_one_that_is_too_large_are_refused_in_words(
    sign_in: SignIn, settings: Settings
) -> None:
    sam = sign_in("sam")
    assert "The file is damaged" in upload(sam, b"PK\x03\x04 what")
    assert "Choose a file" in sam.post("/imports/upload/", {"kind": "leads"}, follow=True).content.decode()
    settings.IMPORT_MAX_BYTES = 1 << 20
    assert "Files of up to 1 MB can be uploaded" in upload(sam, b"x" * (3 << 20))
    assert not FileImport.objects.exists()


# In a workbook such characters are written by their numbers, in a CSV file as bytes.
HEAD = ["Id", "Create Date", "Team", "First name", "Revenue"]
ROWS = [
    ["1", "a_x0000_b"],
    ["2", "", "a_x0000_b"],
    ["3", "", "", "Zoé _xD800_"],
    ["4", "", "", "Zoé", "9" * 28],
]


def as_csv(rows: list[list[str]]) -> bytes:
    text = "".join(",".join([*row, "", "", "", ""][:5]) + "\n" for row in rows).encode()
    return text.replace(b"_x0000_", b"\0").replace(b"_xD800_", b"\xed\xa0\x80")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_is_no_text_costs_its_row_alone_and_is_told_by_line(sign_in: SignIn, form: str) -> None:
    sam, rows = sign_in("sam"), [HEAD, *ROWS]
    page = upload(sam, as_csv(rows) if form == "csv" else as_workbook(rows), name=f"people.{form}")
    assert chosen(page) == ["external_id", "created_at", "team", "first_name", "revenue"]
    assert "Line 2, <span" in page and "Line 4, <span" in page
    path = f"/imports/{newest().pk}/"
    columns = ("external_id", "created_at", "team", "first_name", "revenue")
    sam.post(f"{path}begin/", {f"column-{place}": target for place, target in enumerate(columns)})
    work.work(job_id=newest().pk, seconds=100)
    over = sam.get(path).content.decode()
    assert "Done: 4 rows." in over
    lines = re.findall(r'<li><span>Line (\d), <span dir="auto">([^<]+)</span>', over)
    assert lines == [("2", "Create Date"), ("3", "Team"), ("4", "First name")]
    assert Lead.objects.get(external_id="4").account is not None
    back = sam.get(f"{path}refused/").getvalue()
    if form == "csv":
        assert back.count(b"\0") == 2 and b"\xed\xa0\x80" in back
    assert chosen(upload(sam, back, name=f"again.{form}"))[3:] == list(columns)


def test_a_header_that_is_no_text_is_told_by_line_and_column(sign_in: SignIn) -> None:
    for content, name in (
        (b"Id,Zo\xc3\xa9\xc3\xa9,N\xff\n1,2,3\n", "a.csv"),
        (b"Id,Name\0,Title\n1,2,3\n", "a.csv"),
        (as_workbook([["Id", "x_xD800_"], [1, 2]]), "a.xlsx"),
    ):
        page = upload(sign_in("sam"), content, name=name)
        assert re.search(r"Line 1: the name of column [23] holds what is no text: correct it", page), name


def test_an_upload_from_another_site_is_refused(company: Company) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(company.person("sam"), backend="django.contrib.auth.backends.ModelBackend")
    file = SimpleUploadedFile("people.csv", b"Id\n1\n")
    assert client.post("/imports/upload/", {"kind": "leads", "file": file}).status_code == 403
    assert not FileImport.objects.exists()


def test_an_import_is_stopped_and_an_upload_thrown_away(sign_in: SignIn) -> None:
    sam = sign_in("sam")
    upload(sam)
    path = f"/imports/{newest().pk}/"
    sam.post(f"{path}begin/", COLUMNS)
    stopped = sam.post(f"{path}cancel/", follow=True).content.decode()
    assert "Stopped after 0 rows; what was imported stays." in stopped
    upload(sam)
    assert "thrown away" in sam.post(f"/imports/{newest().pk}/discard/", follow=True).content.decode()
    assert FileImport.objects.count() == 1
    assert "people.csv" in sam.get("/imports/").content.decode()


@pytest.mark.parametrize("name", ["ana", "mara"])
def test_reps_and_managers_neither_see_nor_change_imports(name: str, sign_in: SignIn) -> None:
    upload(sign_in("sam"))
    path, other = f"/imports/{newest().pk}/", sign_in(name)
    assert [other.get(one).status_code for one in ("/imports/", path, f"{path}refused/")] == [403] * 3
    for verb in ("arrange", "begin", "cancel", "discard"):
        assert other.post(f"{path}{verb}/", COLUMNS).status_code == 403
    assert "/imports/" not in other.get("/leads/").content.decode()


def test_signals_are_mapped_to_what_happened_to_whom_and_when(sign_in: SignIn, company: Company) -> None:
    page = upload(sign_in("sam"), "email,event,timestamp,Page\na@b.c,View,2026-01-02,/x\n", kind="signals")
    assert chosen(page) == ["lead", "type", "occurred_at", "property.page"]
    assert 'value="email" selected' in page
