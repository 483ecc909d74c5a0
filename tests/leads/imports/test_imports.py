"""Importing uploaded files: guessed, previewed, imported once whatever happens to the worker, and said."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from pytest_django import Settings

from leads.imports import jobs, refused, storage, work
from leads.imports.guessing import key_for
from leads.imports.looking import look
from leads.imports.plan import Plan
from leads.models import (
    Attribute,
    FileImport,
    FileKind,
    FilePiece,
    ImportedChunk,
    Lead,
    Outcome,
    SavedMapping,
    Signal,
)
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.leads.ingestion.conftest import DATA, needs_data, person

pytestmark = pytest.mark.django_db
LONG = 1_000.0
PEOPLE = "Id,E-mail,Title,Visits\n1,ann@acme.com,VP Sales,3\n2,bob,Engineer,4\n3,eve@acme.com,CTO,5\n"


@pytest.fixture(autouse=True)
def team() -> Team:
    return Team.objects.create(name="Sales", is_default=True)


@pytest.fixture
def sam() -> User:
    return person("sam", Role.MARKETING)


def upload(
    actor: User, content: str | bytes, name: str = "people.csv", kind: FileKind = FileKind.LEADS
) -> FileImport:
    data = content.encode() if isinstance(content, str) else content
    return jobs.upload(kind=kind, name=name, content=[data], actor=actor, at=timezone.now())


def begin(actor: User, job: FileImport, **changes: object) -> None:
    plan = replace(jobs.plan_of(job), **changes)  # type: ignore[arg-type]
    jobs.begin(job_id=job.pk, plan=plan, actor=actor, at=timezone.now())


def finish(job: FileImport) -> FileImport:
    work.work(job_id=job.pk, seconds=LONG)
    job.refresh_from_db()
    return job


def counts(job: FileImport) -> tuple[int, ...]:
    counted = jobs.progress(job).counts
    return tuple(counted[name] for name in ("read", "created", "updated", "unchanged", "refused"))


def refusal(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda refused: refused.code == code)


def many(rows: int) -> str:
    lines = (f"{n},person{n}@x.example,Title {n}" for n in range(rows))
    return "\n".join(["Id,E-mail,Title", *lines])


def as_workbook(rows: Sequence[Sequence[object]]) -> bytes:
    made, out = Workbook(), io.BytesIO()
    for row in rows:
        made.worksheets[0].append(list(row))
    made.save(out)
    return out.getvalue()


def test_a_file_is_looked_at_and_nothing_is_written_until_it_is_begun(sam: User) -> None:
    job = upload(sam, PEOPLE)
    seen = look(job, jobs.plan_of(job))
    assert seen.plan.targets == {"Id": "external_id", "E-mail": "email", "Title": "job_title", "Visits": ""}
    assert seen.columns[0].values == ("1", "2", "3")
    assert [(one.number, one.column) for one in seen.refusals] == [(3, "E-mail")]
    assert not Lead.objects.exists() and not work.waiting()


def test_a_file_is_imported_by_a_worker_and_its_refused_rows_come_back_to_be_mended(sam: User) -> None:
    job = upload(sam, PEOPLE)
    begin(sam, job, targets={**jobs.plan_of(job).targets, "Visits": "new:visits"}, source="Fair")

    assert counts(finish(job)) == (3, 2, 0, 0, 1)

    assert (job.rows, job.notes["attributes"]) == (3, ["visits"])
    assert set(Lead.objects.values_list("external_id", "source")) == {("1", "fair"), ("3", "fair")}
    text = b"".join(refused.refused_csv(job)).decode()
    header, row = csv.reader(io.StringIO(text))
    assert header == ["row", "column", "reason", "Id", "E-mail", "Title", "Visits"]
    assert row[:2] == ["3", "E-mail"] and row[3:] == ["2", "bob", "Engineer", "4"]

    mended = upload(sam, text.replace("bob", "bob@acme.com"), name=refused.name_of(job))
    assert jobs.plan_of(mended).targets["row"] == ""
    begin(sam, mended)
    assert counts(finish(mended)) == (1, 1, 0, 0, 0)


def test_importing_again_changes_nothing(sam: User) -> None:
    for expected in ((3, 2, 0, 0, 1), (3, 0, 0, 2, 1)):
        job = upload(sam, PEOPLE)
        begin(sam, job)
        assert counts(finish(job)) == expected


def test_a_workbook_is_imported_and_gives_back_a_workbook(sam: User) -> None:
    data = as_workbook([["Id", "E-mail", "Title"], [1, "ann@acme.com", "VP"], [2, "bob", "-x"]])
    job = upload(sam, data, name="people.xlsx")
    begin(sam, job)
    assert counts(finish(job)) == (2, 1, 0, 0, 1)
    assert refused.name_of(job) == "people.refused.xlsx"
    with refused.refused_workbook(job) as file:
        header, row = load_workbook(file).worksheets[0].iter_rows(values_only=True)
    assert header[3:] == ("Id", "E-mail", "Title") and row[3:] == (2, "bob", "'-x")


def test_outcomes_missing_words_and_whose_leads_they_are_can_be_said(sam: User, team: Team) -> None:
    job = upload(sam, "Id,Title,Won\n1,none,yes\n2,CEO,no\n3,CTO,\n")
    ana = person("ana", Role.REP, team=team)
    said = {"missing": "None, n/a", "outcome_column": "Won", "converted": "Yes", "lost": "no, never"}
    begin(sam, job, owner=ana.pk, **said)
    assert counts(finish(job)) == (3, 3, 0, 0, 0)
    assert sorted(Outcome.objects.values_list("lead__external_id", "kind")) == [
        ("1", "converted"),
        ("2", "lost"),
    ]
    assert Lead.objects.get(external_id="1").job_title is None
    assert set(Lead.objects.values_list("owner__name", flat=True)) == {"Ana"}


def test_signals_are_imported(sam: User) -> None:
    lead_file = upload(sam, "Email\nann@acme.com\n")
    begin(sam, lead_file)
    finish(lead_file)
    events = "email,event,timestamp,Page\nann@acme.com,Page View,2026-01-02,/pricing\n"
    more = (
        "x@y.z,Page View,2026-01-02,/\nann@acme.com,Page View,soon,/\nann@acme.com,Page View,2199-01-01,/\n"
    )
    job = upload(sam, events + more, kind=FileKind.SIGNALS)
    seen = look(job, jobs.plan_of(job))
    assert [(one.number, one.column) for one in seen.refusals] == [(4, "timestamp"), (5, "timestamp")]
    assert jobs.plan_of(job).targets["Page"] == "property.page" and jobs.plan_of(job).lead_key == "email"
    begin(sam, job)
    counted = jobs.progress(finish(job)).counts
    assert (counted["created"], counted["waiting"], counted["refused"]) == (1, 1, 2)
    assert "more than 24 hours ahead" in jobs.progress(job).refusals[1].reason
    assert Signal.objects.get().type.key == "page_view"


def test_an_import_goes_on_from_the_last_chunk_and_nothing_is_doubled(
    sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.ingestion.leads.CHUNK", 10)
    job = upload(sam, many(35) + "\n35,no address,x")
    begin(sam, job)
    ticks = (0.0 if turn < 2 else LONG for turn in count())
    work.work(job_id=job.pk, seconds=1, clock=ticks.__next__)
    assert (Lead.objects.count(), ImportedChunk.objects.count()) == (20, 2)

    dead = work._take(job.pk, until=LONG, clock=lambda: 0.0)
    assert dead is not None and not work.waiting()
    FileImport.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert counts(finish(job)) == (36, 35, 0, 0, 1)
    assert Lead.objects.count() == 35
    with pytest.raises(work.LeaseLost):
        dead.extend()


def test_what_came_before_a_stop_stays_and_the_worker_commits_no_more(
    sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.ingestion.leads.CHUNK", 10)
    job = upload(sam, many(30))
    begin(sam, job)

    turns = count()

    def clock() -> float:
        if next(turns) == 2:
            jobs.cancel(job_id=job.pk, actor=sam, at=timezone.now())
        return 0.0

    work.work(job_id=job.pk, seconds=LONG, clock=clock)
    assert Lead.objects.count() == 20 and counts(job)[1] == 20
    assert not work.waiting()
    with refusal("import.over"):
        jobs.cancel(job_id=job.pk, actor=sam, at=timezone.now())


def test_an_import_that_breaks_off_again_and_again_is_set_aside(
    sam: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(sam, PEOPLE)
    begin(sam, job)

    def break_off(*_args: object, **_options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("leads.imports.work._import", break_off)
    for _try in range(work.MOST_TRIES):
        with pytest.raises(MemoryError):
            work.work(job_id=job.pk, seconds=LONG)
        FileImport.objects.update(leased_until=None)
    assert "broke off 5 times" in finish(job).failure


def test_who_loses_the_role_meanwhile_imports_no_more(sam: User) -> None:
    job = upload(sam, PEOPLE)
    begin(sam, job)
    sam.groups.clear()
    assert "may not import" in finish(job).failure
    assert not Lead.objects.exists()


@pytest.mark.parametrize("role", [Role.REP, Role.MANAGER])
def test_reps_and_managers_import_nothing(role: Role, sam: User) -> None:
    other, job = person("other", role), upload(sam, PEOPLE)
    now = timezone.now()
    for refused_verb in (
        lambda: upload(other, PEOPLE),
        lambda: jobs.get(job_id=job.pk, user=other),
        lambda: jobs.latest(other),
        lambda: jobs.arrange(job_id=job.pk, plan=Plan(), actor=other),
        lambda: jobs.begin(job_id=job.pk, plan=Plan(), actor=other, at=now),
        lambda: jobs.cancel(job_id=job.pk, actor=other, at=now),
        lambda: jobs.discard(job_id=job.pk, actor=other, at=now),
    ):
        with refusal("import.not_allowed"):
            refused_verb()


def test_a_mapping_is_saved_and_offered_for_the_same_columns(sam: User) -> None:
    job = upload(sam, "Kunde,Rolle\n1,CEO\n")
    assert set(jobs.plan_of(job).targets.values()) == {""}
    plan = replace(jobs.plan_of(job), targets={"Kunde": "external_id", "Rolle": "job_title"}, missing="-")
    jobs.begin(job_id=job.pk, plan=plan, save_as=" Our shop ", actor=sam, at=timezone.now())

    again = jobs.plan_of(upload(sam, "Kunde;Rolle\n2;CTO\n"))

    assert (again.recognised_as, again.targets["Rolle"], again.missing) == ("Our shop", "job_title", "-")
    assert set(jobs.plan_of(upload(sam, "Kunde,Firma\n2,x\n")).targets.values()) == {""}
    assert SavedMapping.objects.count() == 1


def test_a_file_whose_encoding_cannot_be_told_waits_until_it_is_named(sam: User) -> None:
    job = upload(sam, "id,name\n1,Zażółć gęślą jaźń\n".encode("cp1250"))
    with refusal("file.encoding"):
        look(job, jobs.plan_of(job))
    assert look(job, Plan(encoding="cp1250")).columns[1].values == ("Zażółć gęślą jaźń",)


def test_a_plan_that_will_not_do_is_refused_before_it_begins(sam: User) -> None:
    job = upload(sam, "Name,Note\nAnn,x\n")
    with refusal("mapping.identity"):
        begin(sam, job)
    with refusal("mapping.twice"):
        begin(sam, job, targets={"Name": "external_id", "Note": "external_id"})
    with refusal("file.header"):
        begin(sam, job, header_at=9)
    assert not work.waiting()


def test_files_over_the_limit_and_broken_ones_are_not_kept(sam: User, settings: Settings) -> None:
    settings.IMPORT_MAX_BYTES = 1_000
    with refusal("import.large"):
        upload(sam, "Id\n" + "1\n" * 1_000)
    with refusal("file.broken"):
        upload(sam, b"PK\x03\x04 what")
    assert not FileImport.objects.exists() and not FilePiece.objects.exists()


def test_files_go_after_two_weeks_and_their_results_stay(sam: User) -> None:
    done, never = upload(sam, PEOPLE), upload(sam, PEOPLE)
    begin(sam, done)
    finish(done)
    assert storage.forget_old(at=timezone.now()) == 0
    assert storage.forget_old(at=timezone.now() + storage.KEPT_FOR + timedelta(hours=1)) == 2
    done.refresh_from_db()
    assert counts(done) == (3, 2, 0, 0, 1) and not FilePiece.objects.exists()
    assert not jobs.progress(done).refusals and "bob" not in json.dumps(
        list(ImportedChunk.objects.values_list("counts", "refusals"))
    )
    assert not FileImport.objects.filter(pk=never.pk).exists()
    with refusal("import.removed"):
        refused.refused_csv(done)


def test_what_is_done_with_an_import_is_noted_without_names(sam: User) -> None:
    job = upload(sam, PEOPLE)
    begin(sam, job)
    finish(job)
    entries = AuditEntry.objects.filter(action__in=("import.uploaded", "import.begun", "leads.imported"))
    assert entries.count() == 3
    assert "acme" not in json.dumps(list(entries.values_list("data", flat=True)))


def test_keys_are_made_of_any_column_s_name() -> None:
    assert [key_for(name) for name in ("Total Visits", "# Employees", "2nd E-mail")] == [
        "total_visits",
        "employees",
        "column_2nd_e_mail",
    ]
    Attribute._meta.get_field("key").run_validators(key_for("имя"))
    assert len(key_for("x" * 500)) == 60


Described = Mapping[str, list[str]]
EXPORTS: list[tuple[str, Callable[[Described], list[str]], str, dict[str, str]]] = [
    ("linkedin_connections", lambda it: it["header"], "LinkedIn Connections", {"Position": "job_title"}),
    ("linkedin_connections", lambda it: it["older_header"], "LinkedIn Connections", {"Company": "company"}),
    ("apollo_contacts", lambda it: it["header"], "Apollo", {"# Employees": "company_size"}),
    ("hubspot_contacts", lambda it: it["columns_seen"], "HubSpot contacts", {"Record ID": "external_id"}),
    (
        "salesforce_lead",
        lambda it: [one[0] for one in it["fields"]],
        "Salesforce leads",
        {"Country": "country"},
    ),
    (
        "salesforce_lead",
        lambda it: ["Id", *(one[1] for one in it["fields"]), *it["standard_but_not_in_the_excerpt_read"]],
        "Salesforce leads",
        {"FirstName": "first_name", "LeadSource": "source"},
    ),
]


@needs_data
@pytest.mark.parametrize(("export", "header_of", "name", "some"), EXPORTS)
def test_exports_of_other_systems_are_recognised_by_their_columns(
    sam: User, export: str, header_of: Callable[[Described], list[str]], name: str, some: dict[str, str]
) -> None:
    described = json.loads((DATA / "vendor-formats" / "export_headers.json").read_text())[export]
    header = header_of(described)
    notes = 'Notes:\n"A paragraph, of two\nlines"\n\n' if export.startswith("linkedin") else ""
    row = ",".join("" for _name in header)
    plan = jobs.plan_of(upload(sam, f"{notes}{','.join(header)}\n{row}\n"))
    assert plan.recognised_as == name
    assert some.items() <= plan.targets.items()
    assert "email" in plan.targets.values()


@needs_data
def test_pipedrive_s_fields_are_recognised(sam: User) -> None:
    described = json.loads((DATA / "vendor-formats" / "pipedrive_fields.json").read_text())["objects"]
    for kind in ("v1_Lead", "v2_AddPerson"):
        plan = jobs.plan_of(upload(sam, f"{','.join(described[kind])}\nx\n"))
        assert plan.recognised_as == "Pipedrive"
        assert "job_title" not in plan.targets.values(), "a lead of Pipedrive has a title of its own"


@pytest.mark.parametrize("row", ["1,2,3", "7,ann@acme.com,VP Sales"])
def test_a_file_without_a_header_loses_no_row(sam: User, row: str) -> None:
    job = upload(sam, f"{row}\n8,bob@acme.com,CTO\n")
    with pytest.raises(
        DomainError, match="Line 1 looks like data, and no line above it names the columns: put"
    ):
        look(job, jobs.plan_of(job))
    assert look(job, Plan(header_at=1)).table.header.number == 1


@needs_data
def test_every_nasty_file_is_shown_or_refused_in_words_and_imported_whole(sam: User) -> None:
    files = [path for path in sorted((DATA / "csv-torture").glob("*/**/*.*")) if path.suffix != ".json"]
    for place, path in enumerate(files):
        try:
            job = upload(sam, path.read_bytes(), name=path.name)
            first = look(job, jobs.plan_of(job)).columns[0].name
        except DomainError as error:
            assert error.code in ("file.empty", "file.header"), path.name
            continue
        if place % 4 == 0:
            begin(sam, job, targets={first: "external_id"})
            read, *became = counts(finish(job))
            assert not job.failure and read == job.rows == sum(became), path.name
