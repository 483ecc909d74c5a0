"""Reading a sheet of a workbook as it is shown: values of formulas, dates, whole numbers, leading zeros."""

import json
import re
import tempfile
import warnings
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, Any

from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from leads.ingestion.sources.encoding import Encoding
from leads.ingestion.sources.table import (
    AS_GUESSED,
    HEADER_WITHIN,
    Line,
    Row,
    TableFile,
    Wish,
    check_once,
    find_header,
    no_header,
    tidy,
)
from leads.ingestion.sources.workbook import check_workbook, damaged
from leads.spreadsheets.xlsx_text import unescaped
from leadscoring.errors import DomainError

MOST_COLUMNS = 2_000
MOST_CELLS = 50_000_000
_PADDED = re.compile(r"0{2,}")
_SIGNIFICANT = 15  # digits that a spreadsheet keeps of a number


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
            self.sheets = tuple(sheet.title for sheet in book.worksheets)
            self.sheet, top = _choose(book, self.sheets, wish.sheet)
        header = find_header(top, names, wish)
        if header is None:
            raise no_header(top, names, wish)
        check_once(header, names)
        self.header = header

    def lines(self) -> Iterator[Line]:
        if self._kept is None:
            self._kept = self._keep()
        self._kept.seek(0)
        for text in self.beating(self._kept):
            number, *cells = json.loads(text)
            if number > self.header.number:
                yield Line(number, tuple(cells))

    def first(self, count: int) -> list[Line]:
        with _reading(self.path) as book:
            below = (row for row in _rows(book, self.sheet) if row.number > self.header.number)
            return [Line(row.number, row.cells) for row in islice(below, count)]

    def _keep(self) -> IO[str]:
        """The rows of the sheet as a file of JSON, which is quick to read again and again."""
        kept = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115
        weakref.finalize(self, kept.close)
        with _reading(self.path) as book:
            for row in self.beating(_rows(book, self.sheet)):
                json.dump((row.number, *row.cells), kept)
                kept.write("\n")
        return kept


def shown(value: Any, number_format: str) -> str:
    """What a cell says, as a person sees it; dates as ISO 8601, numbers without grouping or currency."""
    match value:
        case None:
            return ""
        case str():
            return unescaped(value)
        case bool():
            return "TRUE" if value else "FALSE"
        case int():
            return str(value).zfill(len(number_format)) if _PADDED.fullmatch(number_format) else _whole(value)
        case float():
            return format(Decimal(f"{value:.{_SIGNIFICANT}g}"), "f")
        case datetime():
            has_time = "h" in number_format.lower() or value.time() != time()
            return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case _:
            return str(value)


def _whole(value: int) -> str:
    # Python refuses to write out numbers of thousands of digits; no spreadsheet has them.
    return str(value) if value.bit_length() < 10_000 else "#NUM!"


def _choose(book: Workbook, names: Sequence[str], wanted: str | None) -> tuple[str, list[Row]]:
    """The sheet to read, and its first rows. Raises DomainError."""
    if wanted is not None and wanted not in names:
        raise DomainError("file.sheet", f"The workbook has no sheet “{wanted}”. It has: {', '.join(names)}.")
    for name in (wanted,) if wanted is not None else names:
        top = list(islice(_rows(book, name), HEADER_WITHIN))
        if top:
            return name, top
    raise DomainError("file.empty", "There is no row in the workbook.")


def _rows(book: Workbook, name: str) -> Iterator[Row]:
    """The rows of a sheet that aren't blank, numbered as the sheet does."""
    sheet: Any = next(one for one in book.worksheets if one.title == name)
    sheet.reset_dimensions()  # What it says of its own size may be wrong.
    seen = 0
    for number, cells in enumerate(sheet.rows, start=1):
        seen += len(cells)
        if seen > MOST_CELLS:
            raise DomainError(
                "file.large", f"The sheet “{name}” has more than {MOST_CELLS:,} cells: save it as CSV."
            )
        texts = ["" if cell.value is None else shown(cell.value, cell.number_format or "") for cell in cells]
        while texts and not texts[-1].strip():
            texts.pop()
        if len(texts) > MOST_COLUMNS:
            raise DomainError(
                "file.large",
                f"Row {number} of the sheet “{name}” has {len(texts):,} columns, and {MOST_COLUMNS:,} are the"
                " most: take away those that nobody needs.",
            )
        if texts:
            yield Row(number, tuple(texts))


@contextmanager
def _reading(path: Path) -> Iterator[Workbook]:
    """The workbook, read row by row. Raises DomainError for whatever is wrong with it."""
    try:
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles that openpyxl doesn't know
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            yield book
            book.close()
    except DomainError:
        raise
    except Exception as error:  # openpyxl promises nothing about what damaged files make it raise.
        raise damaged(error) from error
