"""Importing leads from a file."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path

from django.db import transaction

from leads.ingestion.columns import LeadColumns, create_missing
from leads.ingestion.families import Families
from leads.ingestion.file_import import Intake, check_may_import, missing_texts, record_import
from leads.ingestion.journal import Journal
from leads.ingestion.lead_chunk import LeadsResult
from leads.ingestion.leads import identities, save_families
from leads.ingestion.mapping import Mapped, OutcomeColumn, unmapped
from leads.ingestion.refused_file import place_of
from leads.ingestion.rows import RowRefused
from leads.ingestion.sources.opening import open_table
from leads.ingestion.sources.table import AS_GUESSED, TableFile, Wish
from leads.routing import ensure_a_team
from leadscoring.people.models import Team, User


@dataclass(frozen=True, slots=True)
class LeadImport:
    """What is asked for. `missing` are texts that mean that there is no value.

    `told_by` is what people call the file, where its path doesn't say so.
    """

    path: Path
    mapping: Sequence[Mapped]
    create_attributes: bool = False
    outcome: OutcomeColumn | None = None
    missing: Sequence[str] = ()
    source: str | None = None
    told_by: str = ""
    team: Team | None = None
    owner: User | None = None
    wish: Wish = AS_GUESSED
    refused_path: Path | None = None
    dry_run: bool = False

    def columns(self) -> list[str]:
        """The columns that the file must have."""
        return [one.column for one in self.mapping] + ([self.outcome.column] if self.outcome else [])


@dataclass(slots=True)
class LeadImportReport:
    """What came of it. `company_conflicts` are values that differ from an earlier row's of that company."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    refused_file: str | None = None
    attached_signals: int = 0
    company_conflicts: int = 0
    created_attributes: dict[str, str] = field(default_factory=dict)
    created_team: str | None = None
    ignored_columns: list[str] = field(default_factory=list)
    skipped_lines: list[int] = field(default_factory=list)
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    sheet: str = ""
    dry_run: bool = False


def import_leads(
    asked: LeadImport, *, actor: User, at: datetime, progress: Callable[[int], None] = lambda _: None
) -> LeadImportReport:
    """Import a file's leads in chunks of one transaction each; `progress` hears how many rows are done.

    With `dry_run` nothing stays in the database. Raises DomainError where the file or the mapping won't do;
    a row that won't do goes to the refused file. What was saved before a failure stays: importing again goes
    on from there.
    """
    check_may_import(actor)
    file = open_table(asked.path, wanted=asked.columns(), wish=asked.wish)
    report = LeadImportReport(
        ignored_columns=unmapped(file.header.names, asked.columns()),
        skipped_lines=list(file.header.skipped),
        encoding=file.encoding.name,
        encoding_guessed=file.encoding.guessed,
        delimiter=file.delimiter,
        sheet=file.sheet,
        dry_run=asked.dry_run,
    )
    if not asked.dry_run:
        _run(asked, file, report, actor=actor, at=at, progress=progress)
        return report
    with transaction.atomic():
        _run(asked, file, report, actor=actor, at=at, progress=progress)
        transaction.set_rollback(True)
    return report


def _run(
    asked: LeadImport,
    file: TableFile,
    report: LeadImportReport,
    *,
    actor: User,
    at: datetime,
    progress: Callable[[int], None],
) -> None:
    refused_path = place_of(asked.refused_path, asked.path, file)
    columns = prepare(asked, file, report, actor=actor, at=at)
    intake = Intake(file, columns.by_target)

    def tell(result: LeadsResult) -> None:
        _tell(report, intake, result)
        progress(report.read)

    try:
        save(asked, file, columns, intake, actor=actor, at=at, progress=tell)
    finally:
        report.read, report.refused = intake.read, len(intake.refusals)
        if not asked.dry_run:
            record_import("leads.imported", actor=actor, at=at, report=asdict(report))
        report.refused_file = intake.write_refused(refused_path)


def prepare(
    asked: LeadImport, file: TableFile, report: LeadImportReport, *, actor: User, at: datetime
) -> LeadColumns:
    """Make what the file needs and isn't there: attributes, a team. Reads the file where it has to."""
    missing = missing_texts(asked.missing)
    report.created_attributes = create_missing(
        asked.mapping, file, missing, allowed=asked.create_attributes, actor=actor, at=at
    )
    team = ensure_a_team()
    report.created_team = team.name if team else None
    return LeadColumns(asked.mapping, file.header, asked.outcome, missing)


def save(
    asked: LeadImport,
    file: TableFile,
    columns: LeadColumns,
    intake: Intake,
    *,
    actor: User,
    at: datetime,
    progress: Callable[[LeadsResult], None] | None = None,
    journal: Journal | None = None,
) -> None:
    """Save the file's leads; rows about the same lead in one transaction. Reads the file twice."""
    families = _families(file, columns)
    save_families(
        families.gather((row, identities(row)) for row in intake.rows(columns.row)),
        at=at,
        actor=actor,
        source=asked.source,
        told_by=asked.told_by or asked.path.name,
        team=asked.team,
        owner=asked.owner,
        progress=progress,
        journal=journal,
    )


def _families(file: TableFile, columns: LeadColumns) -> Families:
    """Which rows are about the same lead. Reads the file once, all of it."""
    families = Families()
    for line in file.lines():
        with suppress(RowRefused):
            if not line.problem:
                families.see(identities(columns.row(line)))
    return families


def _tell(report: LeadImportReport, intake: Intake, result: LeadsResult) -> None:
    intake.refuse(result.refusals)
    result.refusals.clear()
    report.read = intake.read
    report.created = result.created
    report.updated = result.updated
    report.unchanged = result.unchanged
    report.attached_signals = result.attached
    report.company_conflicts = result.company_conflicts
