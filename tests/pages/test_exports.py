"""Every file that pages give out: nothing runs, numbers stay numbers, and leads come back as they were."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from leads.imports import jobs, work
from leads.models import FileKind, Lead
from leads.spreadsheets.cells import FORMULA_STARTS
from leads.spreadsheets.writing import Format
from leadscoring.ops.state import BASE_DIR
from leadscoring.people.models import User
from scoring_models.demo.versions import propose
from scoring_models.models import Evidence, ModelVersion
from tests.company import Company, Person, add_leads
from tests.leads.imports.test_imports import as_workbook
from tests.pages.test_imports import newest, upload
from tests.scoring_models.approving import evidence_of

SignIn = Callable[[str], Client]
Rows = list[list[object]]
HEAD = ("Id", "E-mail", "Title", "Note")
BAD = ((1, "+1", "@SUM(A1)", "'-x"), ("-7", "bob", "+1", "@HYPERLINK(A1)"))


def of_leads(client: Client, form: str) -> bytes:
    return client.get(f"/leads/export/?format={form}").getvalue()


def of_the_choice(client: Client, form: str) -> bytes:
    chosen = list(Lead.objects.values_list("pk", flat=True))
    return client.post("/queue/bulk/export/", {"lead": chosen, "format": form}).getvalue()


def of_nurture(client: Client, form: str) -> bytes:
    return client.get(f"/nurture.csv?format={form}").getvalue()


def of_the_team(client: Client, form: str) -> bytes:
    return client.get(f"/team/?table=load&format={form}").getvalue()


def of_handoffs(client: Client, form: str) -> bytes:
    return client.get(f"/handoffs/?table=source&format={form}").getvalue()


def of_moves(client: Client, form: str) -> bytes:
    version = propose(author=User.objects.get(email__startswith="sam@"), now=timezone.now())
    evidence_of(version)
    evidence = Evidence.objects.get(version=version).pk
    return client.get(f"/models/{version.pk}/evidence/{evidence}/moves/export/?format={form}").getvalue()


def behind_health(client: Client, form: str) -> bytes:
    version = ModelVersion.objects.get(number=1).pk
    return client.get(f"/models/{version}/leads/export/?silent=comments&format={form}").getvalue()


def of_refused_rows(client: Client, form: str) -> bytes:
    rows = [HEAD, *BAD]
    text = "".join(f"{','.join(map(str, row))}\n" for row in rows)
    upload(client, as_workbook(rows) if form == Format.XLSX else text, name=f"people.{form}")
    path = f"/imports/{newest().pk}/"
    client.post(f"{path}begin/", {"column-0": "external_id", "column-1": "email"})
    work.work(job_id=newest().pk, seconds=100)
    return client.get(f"{path}refused/").getvalue()


# Who may ask, the file, and a column of numbers that it has, if any.
EXPORTS = (
    ("ana", of_leads, "score"),
    ("ana", of_the_choice, "score"),
    ("sam", of_nurture, "score"),
    ("mara", of_the_team, ""),
    ("mara", of_handoffs, ""),
    ("sam", of_moves, "score"),
    ("sam", behind_health, "score_then"),
    ("sam", of_refused_rows, "row"),
)
OF_LEADS = {of_leads, of_the_choice, of_nurture, of_moves, behind_health}
# The modules whose views give out the above.
GIVING = {"acceptance", "bulk", "health", "imports", "lists", "moves", "nurture", "tables", "team"}


@pytest.fixture(autouse=True)
def nasty(company: Company) -> None:
    """Leads that are called as formulas are."""
    add_leads(
        [
            Person("=Ann", "-1+1", "@SUM(A1:A9)", "+Firm", (("dm_received", 1),)),
            Person("'=Bea", "\t=1", "Clerk", "=Firm"),
        ],
        now=timezone.now(),
    )


def rows_of(content: bytes, form: str) -> Rows:
    if form == Format.CSV:
        return [list(row) for row in csv.reader(io.StringIO(content.decode()))]
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]
    assert not any(cell.data_type == "f" for row in sheet for cell in row)
    return [list(row) for row in sheet.iter_rows(values_only=True)]


@pytest.mark.parametrize("form", Format)
@pytest.mark.parametrize(("name", "export", "counted"), EXPORTS)
def test_nothing_in_a_file_runs_numbers_are_numbers_and_importing_leads_changes_nothing(
    sign_in: SignIn,
    company: Company,
    name: str,
    export: Callable[[Client, str], bytes],
    counted: str,
    form: str,
) -> None:
    content = export(sign_in(name), form)
    header, *rows = rows_of(content, form)
    texts = [value for row in rows for value in row if isinstance(value, str) and not _is_number(value)]
    assert not [text for text in texts if text.lstrip(" ").startswith(FORMULA_STARTS)]
    if counted:
        numbers = [row[header.index(counted)] for row in rows if row[header.index(counted)] not in ("", None)]
        assert numbers and all(map(_is_number if form == Format.CSV else _is_whole, numbers))
        assert any(text.startswith("'") for text in texts), "it had something to make inert"
    if export in OF_LEADS:
        _importing_changes_nothing(content, form, company.person("sam"))


def _importing_changes_nothing(content: bytes, form: str, sam: User) -> None:
    before, now = list(Lead.objects.order_by("pk").values()), timezone.now()
    job = jobs.upload(kind=FileKind.LEADS, name=f"leads.{form}", content=[content], actor=sam, at=now)
    jobs.begin(job_id=job.pk, plan=jobs.plan_of(job), actor=sam, at=now)
    work.work(job_id=job.pk, seconds=1_000)
    counts = jobs.progress(job).counts
    assert counts["unchanged"] == counts["read"] > 0, counts
    assert list(Lead.objects.order_by("pk").values()) == before


def test_no_view_gives_out_a_file_that_is_not_looked_at_here() -> None:
    views = [
        *(BASE_DIR / "leads" / "views").glob("*.py"),
        *(BASE_DIR / "scoring_models" / "views").glob("*.py"),
    ]
    assert {path.stem for path in views if _gives_files(path)} == GIVING


def _gives_files(path: Path) -> bool:
    text = path.read_text(encoding="utf-8")
    return path.stem != "files" and any(
        way in text for way in ("as_file(", "table_file(", "text/csv", "refused_file(")
    )


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True


def _is_whole(value: object) -> bool:
    return type(value) is int
