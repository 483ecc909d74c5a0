"""manage.py import_signals, as a person runs it."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from leads.ingestion.rows import LeadRow
from leads.models import Lead, Signal, SignalDetail, SignalKey, SignalType, Stale, WaitingSignal
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team
from leadscoring.people.roles import Role
from tests.leads.ingestion.conftest import person, save, write

pytestmark = pytest.mark.django_db
FILE = """user,what,when,where
1,Page View,2026-02-01 10:00:00,/pricing
1,Page View,2026-02-01 10:00:00,/pricing
1,Wishlist Add,2026-02-01T10:05:00Z,
2,Page View,2026-02-02,/
3,Page View,soon,/
,Page View,2026-02-01,/
1,,2026-02-01,/
1,Page View,2126-02-01,/
"""
MAP = ["user=lead", "what=type", "when=occurred_at", "where=property.path"]


def run(file: Path, *arguments: str) -> dict[str, Any]:
    """The result of the command as JSON."""
    out = StringIO()
    call_command("import_signals", str(file), *arguments, "--json", stdout=out, stderr=StringIO())
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def maps(*texts: str) -> list[str]:
    return ["--map", *texts]


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in ("read", "created", "waiting", "duplicates", "refused"))


@pytest.fixture
def file(tmp_path: Path, sales: Team) -> Path:
    save(LeadRow(1, {"email": "ann@acme.com"}, external_id="1"))
    Stale.objects.all().delete()
    return write(tmp_path / "events.csv", FILE)


def test_real_event_names_go_in_and_bad_rows_come_back(file: Path) -> None:
    result = run(file, *maps(*MAP))
    assert counts(result) == (8, 2, 1, 1, 4)
    assert result["new_types"] == {"wishlist_add": "Wishlist Add"}
    assert result["type_keys"] == {"Page View": "page_view", "Wishlist Add": "wishlist_add"}
    with open(result["refused_file"], encoding="utf-8", newline="") as opened:
        refused = [(row[0], row[1]) for row in csv.reader(opened)][1:]
    assert refused == [("6", "when"), ("7", "user"), ("8", "what"), ("9", "when")]
    lead = Lead.objects.get()
    assert set(Signal.objects.values_list("lead_id", "type__key", "occurred_at")) == {
        (lead.pk, "page_view", datetime(2026, 2, 1, 10, tzinfo=UTC)),
        (lead.pk, "wishlist_add", datetime(2026, 2, 1, 10, 5, tzinfo=UTC)),
    }
    assert sorted(SignalDetail.objects.values_list("properties__path", flat=True), key=str) == [
        "/pricing",
        None,
    ]
    assert WaitingSignal.objects.get().lead_value == "2"


def test_the_same_file_again_changes_nothing(file: Path) -> None:
    run(file, *maps(*MAP))
    Stale.objects.all().delete()
    again = run(file, *maps(*MAP))
    assert counts(again) == (8, 0, 0, 4, 4)
    assert (again["conflicting"], again["new_types"]) == (0, {})
    assert not Stale.objects.exists()


def test_one_type_can_hold_for_all_and_leads_can_be_named_by_email(tmp_path: Path, file: Path) -> None:
    other = write(
        tmp_path / "b.csv", "mail,at,id\n Ann@ACME.com ,2026-02-01,m1\nzoe@acme.com,2026-02-01,m2\n"
    )
    arguments = [*maps("mail=lead", "at=occurred_at", "id=message_id"), "--type", "webinar_attended"]
    result = run(other, *arguments, "--lead-key", "email")
    assert counts(result) == (2, 1, 1, 0, 0)
    assert SignalDetail.objects.get().message_id == "m1"
    assert set(WaitingSignal.objects.values_list("lead_key", "lead_value")) == {("email", "zoe@acme.com")}


def test_times_without_a_zone_are_of_the_zone_that_is_named(tmp_path: Path, file: Path) -> None:
    other = write(tmp_path / "b.csv", "u,at\n1,2026-02-01 10:00\n1,2026-02-02\n1,2026-02-03T10:00:00Z\n")
    run(other, *maps("u=lead", "at=occurred_at"), "--type", "page_view", "--timezone", "Europe/Berlin")
    assert list(Signal.objects.order_by("occurred_at").values_list("occurred_at", flat=True)) == [
        datetime(2026, 2, 1, 9, tzinfo=UTC),
        datetime(2026, 2, 2, tzinfo=UTC),
        datetime(2026, 2, 3, 10, tzinfo=UTC),
    ]


def test_what_lies_too_far_ahead_is_taken_once_it_is_put_right(tmp_path: Path, file: Path) -> None:
    hours = [datetime.now(UTC) + timedelta(hours=hours) for hours in (23, 25)]
    other = write(tmp_path / "b.csv", "u,at\n" + "".join(f"1,{at.isoformat()}\n" for at in hours))
    arguments = (*maps("u=lead", "at=occurred_at"), "--type", "page_view")
    result = run(other, *arguments)
    assert counts(result) == (2, 1, 0, 0, 1)
    refused = Path(result["refused_file"])
    [_header, [number, column, reason, *row]] = csv.reader(refused.read_text().splitlines())
    assert (number, column, row) == ("3", "at", ["1", hours[1].isoformat()])
    assert "more than 24 hours ahead: correct it" in reason
    mended = refused.read_text().replace(hours[1].isoformat(), hours[0].isoformat())
    assert counts(run(write(refused, mended), *arguments)) == (1, 0, 0, 1, 0)


def test_repeats_with_other_content_are_told(tmp_path: Path, file: Path) -> None:
    other = write(tmp_path / "b.csv", "u,at,id\n1,2026-02-01,m1\n1,2026-02-02,m1\n")
    result = run(other, *maps("u=lead", "at=occurred_at", "id=message_id"), "--type", "page_view")
    assert (counts(result), result["conflicting"]) == ((2, 1, 0, 1, 0), 1)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (maps("user=lead", "what=type"), "Map a column to occurred_at"),
        (maps("what=type", "when=occurred_at"), "Map a column to lead"),
        (
            maps("user=lead", "when=occurred_at"),
            "Map a column to type, or name one type for all rows. --map maps a column, --type names",
        ),
        ([*maps("user=lead", "when=occurred_at"), "--type", " "], "or name one type for all rows"),
        (maps(*MAP[:3], "where=path"), "A signal has no path"),
        (maps(*MAP[:3], "where=property."), "A signal has no property."),
        (maps(*MAP[:2], "when=ocurred_at"), "no ocurred_at (near: occurred_at)"),
        (maps("users=lead", *MAP[1:]), "has no column “users” (near: user)"),
        ([*maps(*MAP), "--timezone", "Mars/Base"], "is no time zone"),
        ([*maps(*MAP), "--lead-key", "phone"], "invalid choice"),
        ([*maps(*MAP), "--refused-file", "missing/r.csv"], "missing/r.csv can't be written"),
    ],
)
def test_what_will_not_do_ends_the_command_before_anything_is_written(
    file: Path, arguments: list[str], reason: str
) -> None:
    types = SignalType.objects.count()
    with pytest.raises(CommandError) as refused:
        run(file, *arguments)
    assert reason in str(refused.value)
    assert not SignalKey.objects.exists()
    assert SignalType.objects.count() == types


def test_only_marketing_and_admins_import_and_it_is_on_record(file: Path) -> None:
    for role in (Role.REP, Role.MANAGER):
        with pytest.raises(CommandError, match="may not import"):
            run(file, *maps(*MAP), "--as", person(role.lower(), role).email)
    assert not SignalKey.objects.exists()
    marketer = person("marketer", Role.MARKETING)
    run(file, *maps(*MAP), "--as", marketer.email)
    entry = AuditEntry.objects.get(action="signals.imported")
    assert (entry.actor, entry.data["created"], entry.data["refused"]) == (marketer, 2, 4)


def test_people_are_told_in_sentences(file: Path) -> None:
    out = StringIO()
    call_command("import_signals", str(file), *maps(*MAP), stdout=out)
    said = out.getvalue()
    assert "8 rows read: 2 signals created, 1 waiting for their lead, 1 duplicates, 4 refused." in said
    assert "“Wishlist Add” is wishlist_add" in said
    assert "New signal types: wishlist_add. They count for no rule until one uses them." in said
