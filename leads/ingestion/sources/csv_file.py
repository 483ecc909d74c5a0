"""Reading a delimited file as it comes: packed, in any encoding, with notes above the header, ragged."""

import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import IO

from leads.ingestion.sources.encoding import Encoding, detect
from leads.ingestion.sources.records import Record, records
from leadscoring.errors import DomainError

DELIMITERS = (",", ";", "\t", "|")
HEADER_WITHIN = 50  # records; some exports begin with notes
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: the line that it begins on (from 1), its cells, and why it can't be used, if so."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""
    problem_column: str = ""

    def cell(self, position: int) -> str:
        """The cell of a column; empty where the row is shorter."""
        return self.cells[position] if position < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Header:
    """`names` have runs of white space as one space; `skipped` are the lines above that aren't blank."""

    number: int
    names: tuple[str, ...]
    skipped: tuple[int, ...]

    def position(self, name: str) -> int:
        return self.names.index(tidy(name))


class CsvFile:
    """A delimited file with a header, in which the columns `wanted` are. Each reading begins anew.

    Raises DomainError (`file.…`) where the file can't be read at all or lacks a wanted column.
    """

    def __init__(self, path: Path, *, wanted: Sequence[str], encoding: str | None = None) -> None:
        self.path = path
        with self._open() as file:
            pieces = iter(lambda: file.read(_PIECE), b"")
            self.encoding = Encoding(_known(encoding)) if encoding else detect(pieces)
        self.delimiter, self.header = self._find_header([tidy(name) for name in wanted])

    def lines(self) -> Iterator[Line]:
        """The rows below the header, without blank ones."""
        for record in self._records(self.delimiter):
            if record.number > self.header.number:
                yield self._checked(record)

    def _checked(self, record: Record) -> Line:
        problem, column = record.problem, ""
        if not problem:
            problem, column = _misfit(record.cells, self.header.names, self.encoding.name)
        return Line(record.number, record.cells, problem, column)

    def _find_header(self, wanted: Sequence[str]) -> tuple[str, Header]:
        """The delimiter under which the widest row holds all wanted columns, and that row."""
        tops = {delimiter: self._top(delimiter) for delimiter in DELIMITERS}
        found: list[tuple[int, str, Header]] = []
        for delimiter, top in tops.items():
            for place, record in enumerate(top):
                names = tuple(map(tidy, record.cells))
                if not record.problem and set(wanted) <= set(names):
                    header = Header(record.number, names, tuple(above.number for above in top[:place]))
                    found.append((len(names), delimiter, header))
                    break
        if not found:
            raise _no_header(max(tops.values(), key=_width), wanted)
        _, delimiter, header = max(found, key=lambda one: one[0])
        _check_once(header, wanted)
        return delimiter, header

    def _top(self, delimiter: str) -> list[Record]:
        return list(islice(self._records(delimiter), HEADER_WITHIN))

    def _records(self, delimiter: str) -> Iterator[Record]:
        with self._open() as file:
            text = io.TextIOWrapper(file, self.encoding.name, self.encoding.errors, newline="")
            yield from records(text, delimiter)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        """The file's bytes, unpacked if need be. Raises DomainError for what is wrong with them."""
        try:
            with self.path.open("rb") as file:
                start = file.read(4)
                if start.startswith(_WORKBOOKS):
                    raise DomainError(
                        "file.kind", f"{self.path} is a workbook or an archive: save it as CSV."
                    )
                file.seek(0)
                if start.startswith(_GZIP):
                    with gzip.open(file) as unpacked:
                        yield unpacked  # type: ignore[misc]  # it reads as IO[bytes] does
                else:
                    yield file
        except (EOFError, zlib.error, gzip.BadGzipFile, UnicodeError) as error:
            raise DomainError("file.broken", f"{self.path} is damaged ({error}): get it again.") from error
        except OSError as error:
            raise DomainError("file.unreadable", f"{self.path}: {error.strerror}.") from error


def tidy(name: str) -> str:
    """A column's name as it is compared: stripped, runs of white space as one space."""
    return " ".join(name.split())


def column_name(names: Sequence[str], position: int) -> str:
    """What to call a column in a message."""
    return names[position] if position < len(names) and names[position] else f"column {position + 1}"


def near(name: str, names: Sequence[str]) -> str:
    """Names that may have been meant, as a part of a sentence; empty where there are none."""
    matches = get_close_matches(name.lower(), [one.lower() for one in names], n=3)
    meant = [one for one in names if one.lower() in matches]
    return f" (near: {', '.join(meant)})" if meant else ""


def _known(encoding: str) -> str:
    try:
        "".encode(encoding)
    except LookupError:
        raise DomainError("file.encoding", f"There is no encoding “{encoding}”.") from None
    return encoding


def _misfit(cells: Sequence[str], names: Sequence[str], encoding: str) -> tuple[str, str]:
    """Why a row can't belong under the header, and the column where it shows; two empty texts if it can."""
    if not any(cell.strip() for cell in cells):
        return "The row is empty.", ""
    counts = f"The row has {len(cells)} cells, the header {len(names)}"
    for position in range(len(names), len(cells)):
        if cells[position].strip():
            return f"{counts}: one too many, or a delimiter inside a cell without quotes.", column_name(
                names, position
            )
    for position in range(len(cells), len(names)):
        if names[position]:
            return f"{counts}: “{names[position]}” is missing.", names[position]
    for position, cell in enumerate(cells):
        if not cell.isascii() and any("\ud800" <= character <= "\udfff" for character in cell):
            return f"There are bytes that are no {encoding} text.", column_name(names, position)
    return "", ""


def _width(top: Sequence[Record]) -> int:
    return max((len(record.cells) for record in top), default=0)


def _no_header(top: Sequence[Record], wanted: Sequence[str]) -> DomainError:
    if not top:
        return DomainError("file.empty", "The file is empty.")
    names = next(tuple(map(tidy, record.cells)) for record in top if len(record.cells) == _width(top))
    missing = [f"“{name}”{near(name, names)}" for name in wanted if name not in names]
    columns = ", ".join(column_name(names, position) for position in range(len(names)))
    return DomainError("file.columns", f"The file has no column {', '.join(missing)}. It has: {columns}.")


def _check_once(header: Header, wanted: Sequence[str]) -> None:
    for name in wanted:
        places = [str(place + 1) for place, other in enumerate(header.names) if other == name]
        if len(places) > 1:
            raise DomainError(
                "file.columns",
                f"Several columns are called “{name}” (columns {', '.join(places)}): rename all but one.",
            )
