"""A sheet of a workbook as it is shown: values of formulas, dates, whole numbers, leading zeros."""

import json
import tempfile
import weakref
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import IO

from leads.ingestion.sources.book import Book
from leads.ingestion.sources.encoding import Encoding
from leads.ingestion.sources.sheet import rows_of
from leads.ingestion.sources.table import (
    AS_GUESSED,
    HEADER_WITHIN,
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
from leads.ingestion.sources.workbook import check_workbook, telling_damage
from leadscoring.errors import DomainError

_json = json.JSONEncoder(check_circular=False).encode


class XlsxFile(TableFile):
    """A sheet with a header, in which the columns `wanted` are: the one asked for, else the first with rows.

    The sheet is unpacked once, into a temporary file, when its lines are read for the first time, and
    read from there, by one reader at a time.
    Raises DomainError (`file.…`) where the file can't be read at all or lacks a wanted column.
    """

    def __init__(self, path: Path, *, wanted: Sequence[str], wish: Wish = AS_GUESSED) -> None:
        self.path = path
        self.encoding = Encoding("utf-8")
        self._kept: IO[str] | None = None
        names = [tidy(name) for name in wanted]
        check_workbook(path)
        with _reading(path) as book:
            self.sheets = tuple(book.parts)
            self.sheet, top = _choose(book, wish.sheet)
        header = find_header(top, names, wish)
        if header is None:
            raise no_header(top, names, wish)
        check_names(header, names)
        self.header = header

    def lines(self) -> Iterator[Line]:
        if self._kept is None:
            self._kept = self._keep()
        self._kept.seek(0)
        for text in self.beating(self._kept):
            number, *cells = json.loads(text)
            if number > self.header.number:
                yield self._line(number, tuple(cells))

    def first(self, count: int) -> list[Line]:
        below = (row for row in _rows(self.path, self.sheet) if row.number > self.header.number)
        return [self._line(row.number, row.cells) for row in islice(below, count)]

    def _line(self, number: int, cells: tuple[str, ...]) -> Line:
        place = without_text(cells)
        if place is None:
            return Line(number, cells)
        return Line(
            number,
            cells,
            "There are characters that are no text: correct them.",
            column_name(self.header.names, place),
        )

    def _keep(self) -> IO[str]:
        """The rows of the sheet as a file of JSON, which is quick to read again and again."""
        kept = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        weakref.finalize(self, kept.close)
        for row in self.beating(_rows(self.path, self.sheet)):
            kept.write(f"{_json((row.number, *row.cells))}\n")
        return kept


def _choose(book: Book, wanted: str | None) -> tuple[str, list[Row]]:
    """The sheet to read, and its first rows. Raises DomainError."""
    if wanted is not None and wanted not in book.parts:
        raise DomainError(
            "file.sheet", f"The workbook has no sheet “{wanted}”. It has: {', '.join(book.parts)}."
        )
    for name in (wanted,) if wanted is not None else book.parts:
        top = list(islice(rows_of(book, name), HEADER_WITHIN))
        if top:
            return name, top
    raise DomainError("file.empty", "There is no row in the workbook.")


@contextmanager
def _reading(path: Path) -> Iterator[Book]:
    """The workbook, open. Raises DomainError for whatever is wrong with it."""
    with telling_damage(), zipfile.ZipFile(path) as archive, closing(Book(archive)) as book:
        yield book


def _rows(path: Path, name: str) -> Iterator[Row]:
    """The rows of a sheet. What befalls who asks for them is none of the workbook's damage."""
    with _reading(path) as book:
        yield from rows_of(book, name)
