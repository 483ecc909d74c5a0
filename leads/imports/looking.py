"""Looking at an uploaded file before anything of it is written: how it reads, and what would be refused."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from leads.attributes import definitions
from leads.imports.asking import check_whole, lead_import, mapping_of, signal_columns, signal_import
from leads.imports.guessing import guessed
from leads.imports.plan import Plan
from leads.imports.storage import fetched
from leads.ingestion.columns import OF_THE_LEAD, LeadColumns
from leads.ingestion.file_import import missing_texts
from leads.ingestion.rows import Refusal, RowRefused
from leads.ingestion.sources.opening import open_table
from leads.ingestion.sources.table import Line, TableFile
from leads.ingestion.told import read_values
from leads.models import FileImport, FileKind
from leadscoring.errors import DomainError

LOOKED_AT = 200  # rows
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its first values."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it reads under a plan, with what was guessed. `problem` says why it can't be imported so.

    `refusals` are those of the first `rows` rows, as far as they show without writing.
    """

    table: TableFile
    plan: Plan
    columns: Sequence[Column]
    rows: int
    more: bool
    refusals: Sequence[Refusal]
    problem: str


def look(job: FileImport, plan: Plan) -> Look:
    """Raises DomainError (`file.…`) where the file can't be read so."""
    kind = FileKind(job.kind)
    with fetched(job) as path:
        table = open_table(path, wish=plan.wish)
        plan = guessed(kind, table, plan).for_columns(table.header.names)
        lines = table.first(LOOKED_AT + 1)
    more, lines = len(lines) > LOOKED_AT, lines[:LOOKED_AT]
    try:
        names = {one.target: one.column for one in mapping_of(kind, plan)}
        refusals, problem = _refusals(lines, _reader(kind, plan, table), names), ""
    except DomainError as error:
        refusals, problem = [], error.sentence
    return Look(table, plan, _columns(table, lines), len(lines), more, refusals, problem)


def _columns(table: TableFile, lines: Sequence[Line]) -> list[Column]:
    good = [line for line in lines if not line.problem][:SHOWN]
    return [
        Column(name, tuple(line.cell(place) for line in good))
        for place, name in enumerate(table.header.names)
    ]


def _refusals(
    lines: Sequence[Line], read: Callable[[Line], object], names: Mapping[str, str]
) -> list[Refusal]:
    """Those that `read` refuses; `names` are the columns by what they mean."""
    found: list[Refusal] = []
    for line in lines:
        try:
            if line.problem:
                raise RowRefused(line.problem_column, line.problem)
            read(line)
        except RowRefused as refused:
            column = "; ".join(names.get(target, target) for target in refused.column.split("; "))
            found.append(Refusal(line.number, column, refused.reason))
    return found


def _reader(kind: FileKind, plan: Plan, table: TableFile) -> Callable[[Line], object]:
    """What reads a line as the import will. Raises DomainError where the plan won't do."""
    check_whole(kind, plan)
    if kind == FileKind.SIGNALS:
        asked_signals = signal_import(plan, Path())
        return signal_columns(asked_signals, table.header, now=timezone.now()).row
    asked = lead_import(plan, Path())
    columns = LeadColumns(asked.mapping, table.header, asked.outcome, missing_texts(asked.missing))
    known = definitions()

    def read(line: Line) -> None:
        row = columns.row(line)
        own = {key: value for key, value in row.values.items() if key in known and key not in OF_THE_LEAD}
        read_values(own, known)

    return read
