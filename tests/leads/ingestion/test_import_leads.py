"""manage.py import_leads, as a person runs it."""

import ast
import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from leads.models import Attribute, Lead, Outcome, Stale
from leadscoring.audit.models import AuditEntry
from leadscoring.ops.state import BASE_DIR
from leadscoring.people.models import Team
from leadscoring.people.roles import Role
from tests.leads.ingestion.conftest import person, write

pytestmark = pytest.mark.django_db
FILE = """ID;E-Mail;Title;Visits;Paid;Note
1;ann@acme.com;VP Sales;3;yes;a
2;bob@acme.com;Engineer;lots;no;b
3;;"Head of
Growth";5;no;c
4;not an address;CEO;1;yes;d
5;eve@acme.com;CTO
"""
MAP = ["ID=external_id", "E-Mail=email", "Title=job_title"]


def run(file: Path, *arguments: str) -> dict[str, Any]:
    """The result of the command as JSON."""
    out = StringIO()
    call_command("import_leads", str(file), *arguments, "--json", stdout=out, stderr=StringIO())
    result: dict[str, Any] = json.loads(out.getvalue())
    return result


def maps(*texts: str) -> list[str]:
    return [part for text in texts for part in ("--map", text)]


def counts(result: dict[str, Any]) -> tuple[int, ...]:
    return tuple(result[name] for name in ("read", "created", "updated", "unchanged", "refused"))


@pytest.fixture
def file(tmp_path: Path, sales: Team) -> Path:
    return write(tmp_path / "leads.csv", FILE)


def refused_rows(result: dict[str, Any]) -> list[list[str]]:
    with open(result["refused_file"], encoding="utf-8", newline="") as opened:
        return list(csv.reader(opened, delimiter=result.get("delimiter", ",")))


def test_refused_rows_of_a_workbook_come_back_as_a_workbook(tmp_path: Path, sales: Team) -> None:
    made = Workbook()
    for row in (["ID", "E-Mail"], [1, "ann@acme.com"], [2, "bob"]):
        made.worksheets[0].append(row)
    made.save(tmp_path / "leads.xlsx")
    result = run(tmp_path / "leads.xlsx", *maps(*MAP[:2]))
    assert result["refused_file"] == str(tmp_path / "leads.refused.xlsx")
    sheet = load_workbook(result["refused_file"]).worksheets[0]
    assert [cell.value for cell in sheet[2]][::3] == [3, 2] and sheet["E2"].value == "bob"


def test_what_pages_can_say_names_no_option_of_a_command() -> None:
    places = [
        *(BASE_DIR / "leads" / "ingestion").rglob("*.py"),
        *(BASE_DIR / "leads" / "imports").rglob("*.py"),
    ]
    said = [
        node.value
        for path in places
        if path.name != "terminal.py"
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    assert len(said) > 100 and not [text for text in said if re.search("--[a-z]", text)]


def test_good_rows_go_in_and_bad_ones_come_back_with_their_reasons(file: Path) -> None:
    result = run(file, *maps(*MAP))
    assert counts(result) == (5, 3, 0, 0, 2)
    assert result["refused_file"] == str(file.parent / "leads.refused.csv")
    header, ragged_or_not, *rest = refused_rows(result)
    assert header == ["row", "column", "reason", "ID", "E-Mail", "Title", "Visits", "Paid", "Note"]
    assert ragged_or_not[:2] == ["6", "E-Mail"]
    assert "“not an address” is no e-mail address" in ragged_or_not[2]
    assert ragged_or_not[3:] == ["4", "not an address", "CEO", "1", "yes", "d"]
    (short,) = rest
    assert short[:2] == ["7", "Visits"]
    assert short[3:] == ["5", "eve@acme.com", "CTO"]
    assert result["ignored_columns"] == ["Visits", "Paid", "Note"]
    assert set(Lead.objects.values_list("external_id", "job_title")) == {
        ("1", "vp sales"),
        ("2", "engineer"),
        ("3", "head of growth"),
    }


def test_the_same_file_again_changes_nothing(file: Path) -> None:
    run(file, *maps(*MAP, "Visits=visits", "Paid=paid"), "--create-attributes")
    Stale.objects.all().delete()
    assert counts(run(file, *maps(*MAP, "Visits=visits", "Paid=paid"))) == (5, 0, 0, 3, 2)
    assert not Stale.objects.exists()


def test_a_corrected_refused_file_can_be_imported_as_it_is(file: Path) -> None:
    result = run(file, *maps(*MAP))
    text = Path(result["refused_file"]).read_text().replace("not an address", "dan@acme.com")
    again = run(write(file.parent / "again.csv", text), *maps(*MAP))
    assert counts(again) == (2, 1, 0, 0, 1)


def test_the_refused_rows_go_where_they_are_wanted(file: Path, tmp_path: Path) -> None:
    wanted = tmp_path / "elsewhere.csv"
    assert run(file, *maps(*MAP), "--refused-file", str(wanted))["refused_file"] == str(wanted)
    assert len(refused_rows({"refused_file": wanted})) == 3


def test_the_refused_rows_never_go_to_the_file_itself(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(CommandError, match=r"is the file itself: .* --refused-file names where"):
        run(file, *maps(*MAP), "--refused-file", str(file))
    assert file.read_bytes() == before


def test_a_full_disk_is_said_and_the_good_rows_stay(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("leads.ingestion.file_import.write_refused", fail)
    with pytest.raises(CommandError, match=r"No space left on device\. The good rows are saved"):
        run(file, *maps(*MAP))
    assert Lead.objects.count() == 3
    assert AuditEntry.objects.filter(action="leads.imported").exists()


def test_a_dry_run_says_the_same_and_writes_nothing(file: Path) -> None:
    arguments = [*maps(*MAP, "Visits=visits"), "--create-attributes"]
    dry = run(file, *arguments, "--dry-run")
    assert not Lead.objects.exists() and not Stale.objects.exists() and not AuditEntry.objects.exists()
    assert not Attribute.objects.filter(key="visits").exists()
    wet = run(file, *arguments)
    assert wet == dry | {"dry_run": False}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            maps(*MAP, "Visits=visit"),
            "There is no attribute visit. Correct the name, or have it made. --create-attributes makes",
        ),
        (maps("ID=external_id", "Title=job_titel"), "job_titel (near: job_title)"),
        (maps("ID=external_id", "Titel=job_title"), "has no column “Titel” (near: Title)"),
        (maps("Title=job_title"), "map a column to external_id or to email"),
        ([], "map a column to external_id or to email"),
        (maps("ID"), "“ID” is no mapping"),
        (maps("=external_id"), "is no mapping"),
        (maps("ID=external_id", "Note=external_id"), "Both “ID” and “Note” are mapped to external_id"),
        ([*maps("ID=external_id", "Note=My Note"), "--create-attributes"], "“My Note” can't be an attribute"),
        ([*maps("ID=external_id"), "--outcome", "Paid"], "is no outcome"),
        (
            [*maps("ID=external_id"), "--outcome", "Paid=yes:won"],
            "each kind one of converted, lost, disqualified",
        ),
        ([*maps("ID=external_id"), "--outcome", "Payed=yes:lost"], "has no column “Payed”"),
        ([*maps("ID=external_id"), "--outcome", "Paid=yes:lost,YES:converted"], "one value two outcomes"),
        ([*maps("ID=external_id"), "--team", "East"], "There is no team “East”"),
        ([*maps("ID=external_id"), "--owner", "x@example.com"], "There is no active user"),
        ([*maps("ID=external_id"), "--as", "x@example.com"], "There is no active user"),
        ([*maps("ID=external_id"), "--encoding", "klingon"], "There is no encoding"),
        ([*maps("ID=external_id"), "--refused-file", "missing/r.csv"], "missing/r.csv can't be written"),
        ([*maps("ID=external_id"), "--refused-file", "/"], "/ can't be written"),
    ],
)
def test_what_will_not_do_ends_the_command_before_anything_is_written(
    file: Path, arguments: list[str], reason: str
) -> None:
    with pytest.raises(CommandError) as refused:
        run(file, *arguments)
    assert reason in str(refused.value)
    assert not Lead.objects.exists()
    assert not Attribute.objects.filter(standard=False).exists()


def test_a_file_that_is_not_there_ends_the_command(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.csv", *maps("ID=external_id"))


def test_a_header_alone_is_no_rows(tmp_path: Path, sales: Team) -> None:
    assert counts(run(write(tmp_path / "a.csv", "ID,Name\n"), *maps("ID=external_id"))) == (0, 0, 0, 0, 0)


def test_one_column_can_mean_two_things_and_its_name_may_hold_an_equals_sign(
    tmp_path: Path, sales: Team
) -> None:
    file = write(tmp_path / "a.csv", "a=b,x\nhttp://l/1,2\n")
    run(file, "--map", "a=b=external_id", "a=b=linkedin_url", "x=city")
    assert Lead.objects.values_list("external_id", "linkedin_url", "city").get() == (
        "http://l/1",
        "http://l/1",
        "2",
    )


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["1", "2.5", "", "-3"], "number"),
        (["0", "1"], "number"),
        (["01", "02"], "text"),
        (["12345678901234567"], "text"),
        (["yes", "No", ""], "boolean"),
        (["true", "maybe"], "text"),
        (["2024-03-15", "15 Mar 2024"], "date"),
        (["02/01/2014", "31/12/2012"], "text"),
        (["1", "x"], "text"),
        (["", ""], "text"),
        (["Select", "5"], "number"),
    ],
)
def test_a_new_attribute_is_of_the_kind_of_all_its_values(
    tmp_path: Path, sales: Team, values: list[str], kind: str
) -> None:
    rows = "".join(f"{n},{value}\n" for n, value in enumerate(values))
    file = write(tmp_path / "a.csv", "ID,My Column\n" + rows)
    result = run(
        file, *maps("ID=external_id", "My Column=mine"), "--create-attributes", "--missing", "select"
    )
    assert result["created_attributes"] == {"mine": kind}
    assert (result["refused"], result["created"]) == (0, len(values))
    attribute = Attribute.objects.get(key="mine")
    assert (attribute.label, attribute.entity, attribute.standard) == ("My Column", "lead", False)
    assert AuditEntry.objects.filter(action="attribute.created", object_id=attribute.pk).exists()


def test_texts_that_mean_missing_say_nothing(tmp_path: Path, sales: Team) -> None:
    file = write(tmp_path / "a.csv", "ID,City,Country\n1,Select,n/a\n2,Rome,Italy\n")
    run(
        file,
        *maps("ID=external_id", "City=city", "Country=country"),
        "--missing",
        "SELECT",
        "--missing",
        "N/A",
    )
    assert Lead.objects.get(external_id="1").attributes == {}
    assert Lead.objects.get(external_id="2").attributes == {"city": "Rome", "country": "Italy"}


def test_outcomes_close_leads_and_other_values_leave_them_open(tmp_path: Path, sales: Team) -> None:
    file = write(tmp_path / "a.csv", "ID,Converted\n1,1\n2,0\n3,\n4,2\n")
    arguments = [*maps("ID=external_id"), "--outcome", "Converted=1:converted,0:lost"]
    assert run(file, *arguments)["ignored_columns"] == []
    assert dict(Outcome.objects.values_list("lead__external_id", "kind")) == {"1": "converted", "2": "lost"}
    assert dict(Lead.objects.values_list("external_id", "is_open")) == {
        "1": False,
        "2": False,
        "3": True,
        "4": True,
    }
    assert run(file, *arguments)["unchanged"] == 4


def test_a_star_is_any_other_outcome_that_is_not_empty(tmp_path: Path, sales: Team) -> None:
    file = write(tmp_path / "a.csv", "ID,Won on\n1,2024-03-15\n2,\n3,Never\n")
    run(file, *maps("ID=external_id"), "--outcome", "Won on=never:lost,*:converted")
    assert dict(Outcome.objects.values_list("lead__external_id", "kind")) == {"1": "converted", "3": "lost"}


def test_created_at_team_and_owner_can_be_columns(tmp_path: Path, sales: Team) -> None:
    east = Team.objects.create(name="East")
    owner = person("owner", Role.REP, team=east)
    text = "ID,Created,Team,Owner\n1,15 Mar 2024,,\n2,,east,Owner\n3,1 Jan 0001,,\n4,02/03/2024,,\n5,,West,\n"
    file = write(tmp_path / "a.csv", text)
    result = run(file, *maps("ID=external_id", "Created=created_at", "Team=team", "Owner=owner"))
    assert counts(result) == (5, 2, 0, 0, 3)
    reasons = {row[0]: (row[1], row[2]) for row in refused_rows(result)[1:]}
    assert [reasons[row][0] for row in ("4", "5", "6")] == ["Created", "Created", "Team"]
    assert "before 1900" in reasons["4"][1] and "may mean two days" in reasons["5"][1]
    lead = Lead.objects.get(external_id="2")
    assert (lead.team, lead.owner) == (east, owner)
    assert Lead.objects.get(external_id="1").created_at.isoformat() == "2024-03-15T00:00:00+00:00"


def test_the_first_team_is_made_and_told(tmp_path: Path) -> None:
    result = run(write(tmp_path / "a.csv", "ID\n1\n"), *maps("ID=external_id"))
    assert result["created_team"] == "Sales"
    assert Lead.objects.get().team == Team.objects.get(is_default=True)


def test_only_marketing_and_admins_import(file: Path) -> None:
    for role in (Role.REP, Role.MANAGER):
        user = person(role.lower(), role)
        with pytest.raises(CommandError, match="may not import"):
            run(file, *maps(*MAP), "--as", user.email)
    assert not Lead.objects.exists()
    marketer = person("marketer", Role.MARKETING)
    assert run(file, *maps(*MAP), "--as", marketer.email.upper())["created"] == 3
    admin = person("admin", Role.ADMIN)
    assert run(file, *maps(*MAP), "--as", admin.email)["unchanged"] == 3


def test_one_audit_entry_holds_who_and_how_many_but_no_names(file: Path) -> None:
    marketer = person("marketer", Role.MARKETING)
    run(file, *maps(*MAP), "--as", marketer.email)
    entry = AuditEntry.objects.get(action="leads.imported")
    assert entry.actor == marketer
    assert (entry.data["read"], entry.data["created"], entry.data["refused"]) == (5, 3, 2)
    assert not any(isinstance(value, str) for value in entry.data.values())


def test_people_are_told_in_sentences(file: Path) -> None:
    out = StringIO()
    call_command("import_leads", str(file), *maps(*MAP), stdout=out)
    said = out.getvalue()
    assert "5 rows read: 3 leads created, 0 updated, 0 unchanged, 2 refused." in said
    assert f"The refused rows are in {file.parent / 'leads.refused.csv'}" in said
    assert "Columns that nothing was made of: Visits, Paid, Note." in said


def test_a_guessed_encoding_and_skipped_lines_are_told(tmp_path: Path, sales: Team) -> None:
    file = write(tmp_path / "a.csv", "A note\nID,Name\n1,Müller\n", "cp1252")
    result = run(file, *maps("ID=external_id", "Name=last_name"))
    assert (result["encoding"], result["encoding_guessed"], result["skipped_lines"]) == ("cp1252", True, [1])
    assert Lead.objects.get().attributes == {"last_name": "Müller"}
    out = StringIO()
    call_command("import_leads", str(file), *maps("ID=external_id", "Name=last_name"), stdout=out)
    assert "The file is no UTF-8 and was read as cp1252" in out.getvalue()


def test_progress_is_shown_on_a_terminal_only(file: Path) -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    shown, hidden = Terminal(), StringIO()
    call_command("import_leads", str(file), *maps(*MAP), stdout=StringIO(), stderr=shown)
    call_command("import_leads", str(file), *maps(*MAP), stdout=StringIO(), stderr=hidden)
    assert "5 rows" in shown.getvalue()
    assert hidden.getvalue() == ""


def test_rows_of_one_lead_that_lie_far_apart_come_to_one_result(
    tmp_path: Path, sales: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.ingestion.leads.CHUNK", 2)
    rows = "1,,Rome\n2,,Oslo\n3,,Bonn\n1,a@x.com,Lima\n4,,Kiel\n,A@x.com,Turin\n2,,Oslo\n"
    file = write(tmp_path / "a.csv", "ID,Mail,City\n" + rows)
    arguments = maps("ID=external_id", "Mail=email", "City=city")
    assert counts(run(file, *arguments)) == (7, 4, 2, 1, 0)
    assert Lead.objects.get(external_id="1").city == "turin"
    Stale.objects.all().delete()
    assert counts(run(file, *arguments)) == (7, 0, 0, 7, 0)
    assert not Stale.objects.exists()
