"""Writing rows as CSV or as a workbook, piece by piece, each text inert and each number a number."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import IO

from django.utils.translation import gettext as _
from openpyxl import Workbook

from leads.spreadsheets.cells import inert
from leads.spreadsheets.xlsx_text import escaped
from leadscoring.errors import DomainError

Cells = Sequence[object]
MOST_OF_A_CELL = 32_767  # characters that a workbook's cell holds
_ROWS_A_PIECE = 500


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


CONTENT_TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def csv_pieces(rows: Iterable[Cells], *, delimiter: str = ",") -> Iterator[str]:
    """The rows as CSV, some hundred at a time, as they come."""
    lines = io.StringIO()
    writer = csv.writer(lines, delimiter=delimiter)
    for place, row in enumerate(rows, start=1):
        writer.writerow([_plain(value) for value in row])
        if place % _ROWS_A_PIECE == 0:
            yield lines.getvalue()
            lines.seek(0)
            lines.truncate()
    yield lines.getvalue()


def workbook(rows: Iterable[Cells], *, title: str) -> IO[bytes]:
    """The rows as a workbook of one sheet, in a temporary file that goes when it is closed.

    Raises DomainError `export.cell` for a text that is longer than a cell can hold.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title)
    try:
        for number, row in enumerate(rows, start=1):
            sheet.append([_cell(value, number) for value in row])
    finally:
        sheet.close()
    file = tempfile.TemporaryFile()  # noqa: SIM115  # who sends it closes it
    book.save(file)
    file.seek(0)
    return file


def _plain(value: object) -> object:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() | float() | Decimal():
            return value
        case datetime():
            return value.isoformat()
        case _:
            return inert(value)


def _cell(value: object, number: int) -> object:
    plain = _plain(value)
    if not isinstance(plain, str):
        return plain
    text = escaped(plain)
    if len(text) > MOST_OF_A_CELL:
        raise DomainError(
            "export.cell",
            _("Row %(row)d has a text of %(length)d characters, and a workbook's cell holds %(most)d: export")
            % {"row": number, "length": len(text), "most": MOST_OF_A_CELL}
            + " "
            + _("as CSV instead."),
        )
    return text or None
