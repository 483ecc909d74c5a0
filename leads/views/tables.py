"""Tables of figures that a page shows and a file has: one description for both."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.http.response import HttpResponseBase

from leads.spreadsheets.writing import Cells
from leads.views.files import as_file


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


def table_file(table: Table, *, name: str, wanted: str | None) -> HttpResponseBase:
    """The table as a file that spreadsheets open and run nothing of: a workbook where `wanted` is "xlsx"."""
    return as_file(_rows(table), name=name, wanted=wanted)


def _rows(table: Table) -> Iterator[Cells]:
    yield table.first, *table.heads
    for line in table.lines:
        yield line.label, *(cell.text if cell.value is None else cell.value for cell in line.cells)
