"""What importing leads and importing signals from a file have in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import TypeVar

from leads.ingestion.refused_file import RefusedFile
from leads.ingestion.rows import Refusal, RowRefused
from leads.ingestion.sources.csv_file import CsvFile, Line
from leads.moments import parse_moment
from leads.text import normalise
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, User
from leadscoring.people.roles import Role

Row = TypeVar("Row")
# Before it nobody kept such records: earlier dates stand for "none" in the systems that write them.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class Intake:
    """Turns a file's lines into rows, and keeps each line until it is known what became of it."""

    def __init__(self, file: CsvFile, refused: RefusedFile, columns: Mapping[str, str]) -> None:
        self.read = 0
        self._file = file
        self._refused = refused
        self._columns = columns  # by target
        self._held: dict[int, Line] = {}

    def rows(self, build: Callable[[Line], Row]) -> Iterator[Row]:
        """What `build` makes of each line. One that it raises RowRefused for is refused."""
        for line in self._file.lines():
            self.read += 1
            if line.problem:
                self._refused.add(line, Refusal(line.number, line.problem_column, line.problem))
                continue
            try:
                row = build(line)
            except RowRefused as refused:
                self._refuse(line, refused.at(line.number))
            else:
                self._held[line.number] = line
                yield row

    def settle(self, refusals: list[Refusal]) -> None:
        """The rows so far are saved but these, which are refused. Empties the list."""
        for refusal in refusals:
            self._refuse(self._held[refusal.number], refusal)
        refusals.clear()
        self._held.clear()
        self._refused.flush()

    def _refuse(self, line: Line, refusal: Refusal) -> None:
        targets = refusal.column.split("; ") if refusal.column else []
        column = "; ".join(self._columns.get(target, target) for target in targets)
        self._refused.add(line, Refusal(refusal.number, column, refusal.reason))


def read_moment(target: str, cell: str, local: tzinfo = UTC) -> datetime:
    """The moment in a cell. Raises RowRefused."""
    try:
        moment = parse_moment(cell, local)
    except ValueError as error:
        raise RowRefused(target, f"“{cell.strip()}” {error}.") from None
    if moment < EARLIEST:
        raise RowRefused(target, f"“{cell.strip()}” is before 1900: leave it out where it isn't known.")
    return moment


def missing_texts(texts: Iterable[str]) -> frozenset[str]:
    """Texts that mean that there is no value, in normal form; the empty one always does."""
    return frozenset({"", *(normalise(text) or "" for text in texts)})


def check_may_import(user: User) -> None:
    """Raises DomainError `import.not_allowed`."""
    if user.email != SYSTEM_EMAIL and not user.has_role(Role.MARKETING):
        raise DomainError(
            "import.not_allowed", f"{user.email} may not import: that takes the role Marketing."
        )


def record_import(action: str, *, actor: User, at: datetime, report: Mapping[str, object]) -> None:
    """Note an import in the audit: its counts, no names."""
    counts = {name: count for name, count in report.items() if type(count) is int}
    record(action=action, target=actor, actor=actor, at=at, **counts)
