"""Importing signals from a file."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from leads.ingestion.file_import import Intake, check_may_import, record_import
from leads.ingestion.identity import EXTERNAL_ID, LEAD_KEYS
from leads.ingestion.mapping import Mapped, unmapped
from leads.ingestion.refused_file import place_of
from leads.ingestion.signal_columns import SignalColumns
from leads.ingestion.signal_types import create_types, type_key
from leads.ingestion.signals import SignalsResult, save_signals
from leads.ingestion.sources.opening import open_table
from leads.ingestion.sources.table import AS_GUESSED, TableFile, Wish
from leadscoring.errors import DomainError
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class SignalImport:
    """What is asked for. `type_name` is for rows that name none, `zone` for times that name none."""

    path: Path
    mapping: Sequence[Mapped]
    type_name: str | None = None
    lead_key: str = EXTERNAL_ID
    zone: tzinfo = UTC
    source: str = "import"
    wish: Wish = AS_GUESSED
    refused_path: Path | None = None

    def columns(self) -> list[str]:
        """The columns that the file must have."""
        return [one.column for one in self.mapping]


@dataclass(slots=True)
class SignalImportReport:
    """What came of it. `conflicting` are duplicates that say something else; what came first stays.

    `new_types` are the names of new signal types by key, `type_keys` the keys of names that aren't keys.
    """

    read: int = 0
    created: int = 0
    waiting: int = 0
    duplicates: int = 0
    conflicting: int = 0
    refused: int = 0
    refused_file: str | None = None
    new_types: dict[str, str] = field(default_factory=dict)
    type_keys: dict[str, str] = field(default_factory=dict)
    ignored_columns: list[str] = field(default_factory=list)
    skipped_lines: list[int] = field(default_factory=list)
    encoding: str = ""
    encoding_guessed: bool = False
    delimiter: str = ""
    sheet: str = ""


def import_signals(
    asked: SignalImport, *, actor: User, at: datetime, progress: Callable[[int], None] = lambda _: None
) -> SignalImportReport:
    """Import a file's signals in chunks of one transaction each; `progress` hears how many rows are done.

    Raises DomainError where the file or the mapping won't do; a row that won't do goes to the refused file.
    What was saved before a failure stays: importing again goes on from there.
    """
    check_may_import(actor)
    if asked.lead_key not in LEAD_KEYS:
        raise DomainError("mapping.lead_key", f"Leads are found by {' or '.join(LEAD_KEYS)}.")
    file = open_table(asked.path, wanted=asked.columns(), wish=asked.wish)
    refused_path = place_of(asked.refused_path, asked.path, file)
    columns = SignalColumns(
        asked.mapping,
        file.header,
        lead_key=asked.lead_key,
        type_name=asked.type_name,
        zone=asked.zone,
        now=at,
    )
    report = _begun(asked, file, columns.type_names(file))
    intake = Intake(file, columns.by_target)

    def tell(result: SignalsResult) -> None:
        _tell(report, intake, result)
        progress(report.read)

    try:
        save_signals(intake.rows(columns.row), source=asked.source, received_at=at, progress=tell)
    finally:
        report.read, report.refused = intake.read, len(intake.refusals)
        record_import("signals.imported", actor=actor, at=at, report=asdict(report))
        report.refused_file = intake.write_refused(refused_path)
    return report


def _begun(asked: SignalImport, file: TableFile, names: Collection[str]) -> SignalImportReport:
    """What is known before the first row, with the types that these names call for made."""
    return SignalImportReport(
        new_types=create_types(names),
        type_keys={name: type_key(name) for name in names if name != type_key(name)},
        ignored_columns=unmapped(file.header.names, asked.columns()),
        skipped_lines=list(file.header.skipped),
        encoding=file.encoding.name,
        encoding_guessed=file.encoding.guessed,
        delimiter=file.delimiter,
        sheet=file.sheet,
    )


def _tell(report: SignalImportReport, intake: Intake, result: SignalsResult) -> None:
    intake.refuse(result.refusals)
    result.refusals.clear()
    report.read = intake.read
    report.created = result.created
    report.waiting = result.waiting
    report.duplicates = result.duplicates
    report.conflicting = result.conflicting
