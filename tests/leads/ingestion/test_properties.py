"""What holds for any rows: importing what is there changes nothing, and order and repetition don't matter."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.attributes import read_value
from leads.ingestion.rows import LeadRow, SignalRow
from leads.ingestion.signals import save_signals
from leads.ingestion.sources.opening import open_table
from leads.models import Attribute, Kind, Stale
from leadscoring.people.models import Team
from tests.leads.ingestion.conftest import NOW, save

text = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
PEOPLE = [("1", "a@x.com"), ("2", "B@x.com"), ("3", "c@x.com"), ("4", None), (None, "d@x.com")]
names = st.sampled_from([None, "Acme", "ACME ", "Beta"])
domains = st.sampled_from([None, "acme.com", "acme.de"])
company = st.fixed_dictionaries({"company": names, "company_domain": domains, "industry": text})
numbers = st.none() | st.decimals(-1000, 1000, places=3).map(str)


@st.composite
def lead_rows(draw: st.DrawFn) -> list[LeadRow]:
    """Rows about a few people, named by external id, e-mail or both, or not at all.

    One person's rows agree on who that is and on the company; about all else they may contradict each other.
    """
    people = draw(st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=8))
    rows = []
    for number, (external_id, email) in enumerate(people):
        by_id, by_email = draw(st.tuples(st.booleans(), st.booleans()))
        values = {"email": email if by_email else None, "job_title": draw(text), "ssi_score": draw(numbers)}
        values |= draw(company) if people.count((external_id, email)) == 1 else {}
        rows.append(LeadRow(number, values, external_id=external_id if by_id else None))
    return rows


# Everything that an import writes but marks, turns and the time of an account's making.
_TABLES = {
    "leads_lead": "external_id, email, team_id, owner_id, is_open, created_at, account_id, attributes::text,"
    " facts::text, words::text, job_title, ssi_score::text, source",
    "leads_account": "id, company, company_domain, industry, attributes::text, words::text",
    "leads_outcome": "lead_id, kind, voided_at",
}


def everything() -> list[list[object]]:
    found: list[list[object]] = []
    with connection.cursor() as cursor:
        for table, columns in _TABLES.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
            found.append(cursor.fetchall())
    return found


@contextmanager
def example() -> Iterator[None]:
    """One example on an installation of its own, with a default team."""
    with transaction.atomic():
        Team.objects.create(name="Sales", is_default=True)
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@given(lead_rows())
def test_rows_that_are_saved_again_change_and_mark_nothing(rows: list[LeadRow]) -> None:
    with example():
        first = save(*rows)
        before = everything()
        Stale.objects.all().delete()
        again = save(*rows)
        assert everything() == before
        assert not Stale.objects.exists()
        assert (again.created, again.updated) == (0, 0)
        assert again.unchanged + len(again.refusals) == len(rows)
        assert again.unchanged >= len(rows) - len(first.refusals)


@pytest.mark.django_db
@given(lead_rows(), lead_rows())
def test_every_row_is_counted_once_and_every_fact_is_that_of_its_display(
    rows: list[LeadRow], more: list[LeadRow]
) -> None:
    with example():
        for batch in (rows, more):
            result = save(*batch)
            counted = result.created + result.updated + result.unchanged + len(result.refusals)
            assert counted == result.read == len(batch)
        check_facts("leads_lead", ("email", "job_title", "ssi_score"))
        check_facts("leads_account", ("company", "company_domain", "industry"))


def check_facts(table: str, keys: tuple[str, ...]) -> None:
    definitions = {attribute.key: attribute for attribute in Attribute.objects.all()}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT attributes::text, {', '.join(keys)} FROM {table}")
        for attributes, *facts in cursor.fetchall():
            displayed = json.loads(attributes)
            for key, fact in zip(keys, facts, strict=True):
                value = read_value(definitions[key], displayed.get(key))
                assert (value.fact if value else None) == fact


signal_rows = st.builds(
    SignalRow,
    number=st.integers(1, 9),
    lead_key=st.sampled_from(["external_id", "email"]),
    lead_value=st.sampled_from(["1", "a@x.com", "nobody"]),
    type_key=st.sampled_from(["page_view", "form_submit"]),
    occurred_at=st.sampled_from([NOW, NOW.replace(year=2025), NOW.replace(year=2031)]),
    message_id=st.none() | st.sampled_from(["m1", "m2"]),
    properties=st.dictionaries(st.sampled_from(["path", "topic"]), text, max_size=2),
)


def stored() -> set[tuple[object, ...]]:
    """All signals, attached and waiting, by what they say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.key, l.external_id, s.type_id, s.occurred_at, d.properties::text FROM leads_signal s"
            " JOIN leads_lead l ON l.id = s.lead_id JOIN leads_signaldetail d ON d.key = s.key"
            " UNION ALL"
            " SELECT key, lead_value, type_id, occurred_at, properties::text FROM leads_waitingsignal"
        )
        rows = cursor.fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.django_db
@given(
    rows=st.lists(signal_rows, min_size=1, max_size=8, unique_by=lambda row: row.message_id or repr(row)),
    data=st.data(),
    lead_first=st.booleans(),
)
def test_order_repetition_and_when_the_lead_comes_never_change_the_stored_set(
    rows: list[SignalRow], data: st.DataObject, lead_first: bool
) -> None:
    lead = LeadRow(1, {"email": "a@x.com"}, external_id="1")
    shuffled = data.draw(st.permutations(rows + data.draw(st.lists(st.sampled_from(rows)))))
    with example():
        save(lead)
        save_signals(rows, source="s", received_at=NOW)
        expected = stored()
    with example():
        if lead_first:
            save(lead)
        save_signals(shuffled, source="s", received_at=NOW)
        if not lead_first:
            save(lead)
        assert stored() == expected


@given(
    st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=6),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_any_writer_of_csv_wrote_is_read_cell_by_cell(
    tmp_path: Path, cells: list[list[str]], delimiter: str, encoding: str
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["id", "name"], *cells])
    path = tmp_path / "any.csv"
    path.write_bytes(out.getvalue().encode(encoding))
    lines = list(open_table(path, wanted=["id", "name"]).lines())
    assert [list(line.cells) for line in lines] == cells
    assert all(bool(line.problem) == (not any(c.strip() for c in line.cells)) for line in lines)


@pytest.mark.django_db
@pytest.mark.usefixtures("sales")
def test_importing_an_export_of_what_is_there_changes_nothing(tmp_path: Path) -> None:
    """Every value comes back as it was given, so a file made of them is no news."""
    Attribute.objects.create(key="met", label="Met", kind=Kind.DATE)
    odd = ["two\nlines", 'a "quote"', "; , | \t", " padded ", "=1+1", "Ünïcødé", "0.10", "1.234,5"]
    save(
        *(
            LeadRow(n, {"job_title": value, "met": "15 Mar 2024"}, external_id=str(n))
            for n, value in enumerate(odd)
        )
    )
    Stale.objects.all().delete()
    path = tmp_path / "export.csv"
    with connection.cursor() as cursor, path.open("w", encoding="utf-8", newline="") as file:
        cursor.execute("SELECT external_id, attributes->>'job_title', attributes->>'met' FROM leads_lead")
        csv.writer(file).writerows([("id", "title", "met"), *cursor.fetchall()])
    out = StringIO()
    call_command(
        "import_leads",
        str(path),
        "--map",
        "id=external_id",
        "title=job_title",
        "met=met",
        "--json",
        stdout=out,
    )
    result = json.loads(out.getvalue())
    assert (result["unchanged"], result["refused"]) == (len(odd), 0)
    assert not Stale.objects.exists()
