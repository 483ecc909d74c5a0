"""What is exported runs nothing in a spreadsheet, and importing it changes nothing."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from leads.exporting import export_found
from leads.imports import jobs, work
from leads.ingestion.rows import LeadRow
from leads.models import Attribute, FileKind, Kind, Stale
from leads.spreadsheets.cells import FORMULA_STARTS, awake, inert
from leads.spreadsheets.writing import Format, csv_pieces, workbook
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.leads.ingestion.conftest import save
from tests.leads.ingestion.test_properties import everything

beginnings = st.sampled_from(["", "'", "''", "' ", " ", "-5", "'-5", *FORMULA_STARTS])
plain = st.text(st.characters(codec="utf-8"), max_size=8)
endings = plain.map(lambda text: text.replace("\0", ""))
texts = st.builds(str.__add__, beginnings, endings)
NASTY = {
    "job_title": texts,
    "first_name": texts,
    "note": texts,
    "company": texts,
    "size": st.sampled_from([None, "-5", "1e3", "1.234,50", "0012", "3.50"]),
    "since": st.sampled_from([None, "2024-03-15", "15 Mar 2024", "2024-03-15 14:30:00.123456+02:00"]),
    "inbound": st.sampled_from([None, "yes", "FALSE", "x"]),
    "ssi_score": st.none() | st.decimals(-100, 100, places=2).map(str),
}
people = st.lists(st.fixed_dictionaries(NASTY), min_size=1, max_size=4)


@given(texts)
def test_no_text_runs_and_each_comes_back(text: str) -> None:
    written = inert(text)
    assert awake(written) == text
    assert not written.lstrip(" ").startswith(FORMULA_STARTS)


@contextmanager
def example() -> Iterator[User]:
    """One example on an installation of its own; who imports there."""
    with transaction.atomic():
        Team.objects.create(name="=Sales", is_default=True)
        for key, kind in (("note", Kind.TEXT), ("size", Kind.NUMBER), ("since", Kind.DATE)):
            Attribute.objects.create(key=key, label=key, kind=kind)
        sam = User.objects.create_user("sam@example.com", name="Sam")
        sam.groups.set(Group.objects.filter(name=Role.MARKETING))
        yield sam
        transaction.set_rollback(True)


@pytest.mark.django_db
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(people, st.sampled_from(Format))
def test_importing_an_export_changes_nothing(drawn: list[dict[str, str | None]], format_: Format) -> None:
    with example() as sam:
        rows = [
            LeadRow(number, dict(values), external_id=f"{'=' * (number % 2)}{number}")
            for number, values in enumerate(drawn)
        ]
        saved = save(*rows, at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC))
        before = everything()
        Stale.objects.all().delete()

        exported = export_found(query="", actor=sam, at=timezone.now())
        content = _content(exported, format_)
        job = jobs.upload(
            kind=FileKind.LEADS, name=f"leads.{format_}", content=[content], actor=sam, at=timezone.now()
        )
        jobs.begin(job_id=job.pk, plan=jobs.plan_of(job), actor=sam, at=timezone.now())
        work.work(job_id=job.pk, seconds=1_000)

        job.refresh_from_db()
        counts = jobs.progress(job).counts
        assert not job.failure
        assert (counts["unchanged"], counts["refused"]) == (saved.created, 0), jobs.progress(job).refusals
        assert everything() == before and not Stale.objects.exists()


def _content(rows: Iterator[object], format_: Format) -> bytes:
    if format_ == Format.CSV:
        return "".join(csv_pieces(rows)).encode()  # type: ignore[arg-type]
    with workbook(rows, title="leads") as file:  # type: ignore[arg-type]
        return file.read()


def test_numbers_stay_numbers_and_texts_texts() -> None:
    rows = [("n", "t"), (3, "0012"), (Decimal("-1.50"), "=1+1"), (None, "2024-03-15")]
    assert list(csv.reader(io.StringIO("".join(csv_pieces(rows))))) == [
        ["n", "t"],
        ["3", "0012"],
        ["-1.50", "'=1+1"],
        ["", "2024-03-15"],
    ]
    with workbook(rows, title="x") as file:
        read = list(load_workbook(file).worksheets[0].iter_rows(values_only=True))
    assert read == [("n", "t"), (3, "0012"), (-1.5, "'=1+1"), (None, "2024-03-15")]


def test_a_text_that_no_cell_holds_is_refused_rather_than_cut() -> None:
    with pytest.raises(DomainError, match="Row 2 has a text of 40000 characters"):
        workbook([("a",), ("x" * 40_000,)], title="x")


def test_a_file_of_many_rows_is_written_in_pieces(tmp_path: Path) -> None:
    pieces = list(csv_pieces((n, "x") for n in range(1_200)))
    assert [piece.count("\r\n") for piece in pieces] == [500, 500, 200]
