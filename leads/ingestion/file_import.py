"""What importing leads and importing signals from a file have in common."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import TypeVar

from leads.ingestion.refused_file import write_refused
from leads.ingestion.rows import Refusal, RowRefused
from leads.ingestion.sources.table import Line, TableFile
from leads.moments import parse_moment
from leads.text import normalise, quoted
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, User
from leadscoring.people.roles import Role

Row = TypeVar("Row")
# Before it nobody kept such records: earlier dates stand for "none" in the systems that write them.
EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)


class Intake:
    """Turns a file's lines into rows, and remembers which were refused and why."""

    def __init__(self, file: TableFile, columns: Mapping[str, str]) -> None:
        self.read = 0
        self.refusals: dict[int, Refusal] = {}  # by the number of their line
        self._file = file
        self._columns = columns  # by target

    def rows(self, build: Callable[[Line], Row]) -> Iterator[Row]:
        """What `build` makes of each line. One that it raises RowRefused for is refused."""
        for line in self._file.lines():
            self.read += 1
            if line.problem:
                self.refusals[line.number] = Refusal(line.number, line.problem_column, line.problem)
                continue
            try:
                yield build(line)
            except RowRefused as refused:
                self.refuse([refused.at(line.number)])

    def refuse(self, refusals: Iterable[Refusal]) -> None:
        """Note rows that were refused later; their targets are named by columns."""
        self.refusals |= {refusal.number: refusal for refusal in map(self.named, refusals)}

    def named(self, refusal: Refusal) -> Refusal:
        """A refusal of a target as one of the file's column."""
        targets = refusal.column.split("; ") if refusal.column else []
        column = "; ".join(self._columns.get(target, target) for target in targets)
        return Refusal(refusal.number, column, refusal.reason)

    def write_refused(self, path: Path) -> str | None:
        """Write the refused rows, if any; the file that holds them. Raises DomainError `refused.place`."""
        if not self.refusals:
            return None
        try:
            write_refused(path, self._file, self.refusals)
        except OSError as error:
            raise DomainError(
                "refused.place",
                f"{path}: {error.strerror}. The good rows are saved; import the file again to have the"
                f" {len(self.refusals):,} refused ones go elsewhere.",
            ) from error
        return str(path)


def read_moment(target: str, cell: str, local: tzinfo = UTC) -> datetime:
    """The moment in a cell. Raises RowRefused."""
    try:
        moment = parse_moment(cell, local)
    except ValueError as error:
        raise RowRefused(target, f"“{quoted(cell)}” {error}.") from None
    if moment < EARLIEST:
        raise RowRefused(target, f"“{quoted(cell)}” is before 1900: leave it out where it isn't known.")
    return moment


def missing_texts(texts: Iterable[str]) -> frozenset[str]:
    """Texts that mean that there is no value, in normal form; the empty one always does."""
    return frozenset({"", *(normalise(text) or "" for text in texts)})


def check_may_import(user: User) -> None:
    """Raises DomainError `import.not_allowed`."""
    if user.email != SYSTEM_EMAIL and not user.has_role(Role.MARKETING, Role.ADMIN):
        raise DomainError(
            "import.not_allowed", f"{user.email} may not import: that takes the role Marketing or Admin."
        )


def record_import(action: str, *, actor: User, at: datetime, report: Mapping[str, object]) -> None:
    """Note an import in the audit: its counts, no names."""
    counts = {name: count for name, count in report.items() if type(count) is int}
    record(action=action, target=actor, actor=actor, at=at, **counts)
