"""Reading a delimited file as it comes: packed, in any encoding, with notes above the header, ragged."""

import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from gzip import BadGzipFile
from itertools import islice
from pathlib import Path
from typing import IO

from leads.ingestion.sources.encoding import Encoding, detect
from leads.ingestion.sources.packed import unpacked
from leads.ingestion.sources.records import Record, records
from leads.ingestion.sources.table import (
    AS_GUESSED,
    HEADER_WITHIN,
    Header,
    Line,
    Row,
    TableFile,
    Wish,
    check_names,
    column_name,
    find_header,
    no_header,
    tidy,
    without_text,
)
from leadscoring.errors import DomainError

DELIMITERS = (",", ";", "\t", "|")
_PIECE = 1 << 20


class CsvFile(TableFile):
    """A delimited file with a header, in which the columns `wanted` are.

    Raises DomainError (`file.…`) where the file can't be read at all or lacks a wanted column.
    """

    def __init__(self, path: Path, *, wanted: Sequence[str], wish: Wish = AS_GUESSED) -> None:
        self.path = path
        with self._open() as file:
            pieces = iter(lambda: file.read(_PIECE), b"")
            self.encoding = Encoding(_known(wish.encoding)) if wish.encoding else detect(pieces)
        self.delimiter, self.header = self._find_header([tidy(name) for name in wanted], wish)

    def lines(self) -> Iterator[Line]:
        for record in self.beating(self._records(self.delimiter)):
            if record.number > self.header.number:
                yield self._checked(record)

    def _checked(self, record: Record) -> Line:
        problem, column = record.problem, ""
        if not problem:
            problem, column = _misfit(record.cells, self.header.names, self.encoding.name)
        return Line(record.number, record.cells, problem, column)

    def _find_header(self, wanted: Sequence[str], wish: Wish) -> tuple[str, Header]:
        """The delimiter under which the widest row can be the header, and that row."""
        among = (wish.delimiter,) if wish.delimiter else DELIMITERS
        tops = {delimiter: self._top(delimiter) for delimiter in among}
        headers = {delimiter: find_header(top, wanted, wish) for delimiter, top in tops.items()}
        found = [(len(header.names), delimiter, header) for delimiter, header in headers.items() if header]
        if not found:
            raise no_header(max(tops.values(), key=_width), wanted, wish)
        _, delimiter, header = max(found, key=lambda one: one[0])
        check_names(header, wanted)
        return delimiter, header

    def _top(self, delimiter: str) -> list[Row]:
        top = islice(self._records(delimiter), HEADER_WITHIN)
        return [Row(record.number, record.cells, record.problem) for record in top]

    def _records(self, delimiter: str) -> Iterator[Record]:
        with self._open() as file:
            text = io.TextIOWrapper(file, self.encoding.name, self.encoding.errors, newline="")
            yield from records(text, delimiter)

    @contextmanager
    def _open(self) -> Iterator[IO[bytes]]:
        """The file's bytes, unpacked if need be. Raises DomainError for what is wrong with them."""
        try:
            with self.path.open("rb") as file:
                yield unpacked(file)
        except (EOFError, zlib.error, BadGzipFile, UnicodeError) as error:
            raise DomainError("file.broken", f"The file is damaged ({error}): get it again.") from error
        except OSError as error:
            raise DomainError("file.unreadable", f"{self.path}: {error.strerror}.") from error


def _known(encoding: str) -> str:
    """Raises DomainError where Python has no such encoding of texts."""
    try:
        "".encode(encoding)
        b"".decode(encoding)
    except (LookupError, ValueError):
        raise DomainError("file.encoding", f"There is no encoding “{encoding}”.") from None
    return encoding


def _misfit(cells: Sequence[str], names: Sequence[str], encoding: str) -> tuple[str, str]:
    """Why a row can't belong under the header, and the column where it shows; two empty texts if it can."""
    if not any(cell.strip() for cell in cells):
        return "The row is empty.", ""
    counts = f"The row has {len(cells)} cell{'s' if len(cells) > 1 else ''}, the header {len(names)}"
    for position in range(len(names), len(cells)):
        if cells[position].strip():
            return f"{counts}: too many, or a delimiter inside a cell without quotes.", column_name(
                names, position
            )
    for position in range(len(cells), len(names)):
        if names[position]:
            return f"{counts}: “{names[position]}” is missing.", names[position]
    place = without_text(cells)
    if place is not None:
        return (
            f"There are bytes that are no {encoding} text: correct them, or read the file in another"
            " encoding.",
            column_name(names, place),
        )
    return "", ""


def _width(top: Sequence[Row]) -> int:
    return max((len(row.cells) for row in top), default=0)
