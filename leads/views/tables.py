"""Tables of figures that a page shows and a file has: one description for both."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse

from leads.spreadsheets.cells import inert


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure: `text` for the eye, `value` for a file (None: as the text), `href` the leads behind it.

    `small` is said beside it, such as an interval; `late` marks what is bad news.
    """

    text: str
    value: object = None
    href: str = ""
    small: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """`key` names it in addresses. `said` is a sentence below it, `first` heads the column of labels."""

    key: str
    title: str
    first: str
    heads: Sequence[str]
    lines: Sequence[Line]
    said: str = ""


def number(count: int, href: str = "") -> Cell:
    """A count; of none there is nothing to link to."""
    return Cell(f"{count:,}", count, href if count else "")


def as_csv(table: Table, *, name: str) -> HttpResponse:
    """The table as a file that spreadsheets open and run nothing of."""
    lines = io.StringIO()
    writer = csv.writer(lines)
    writer.writerow([inert(table.first), *map(inert, table.heads)])
    for line in table.lines:
        cells = (cell.text if cell.value is None else cell.value for cell in line.cells)
        writer.writerow(
            [inert(line.label), *(cell if isinstance(cell, int | float) else inert(cell) for cell in cells)]
        )
    response = HttpResponse(lines.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response
