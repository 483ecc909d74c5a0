"""What a table file is once it is read, whatever its format: a header, and lines below it."""

import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import islice
from typing import TypeVar

from leads.ingestion.sources.encoding import Encoding
from leads.spreadsheets.cells import awake
from leadscoring.errors import DomainError

Item = TypeVar("Item")
HEADER_WITHIN = 50  # rows; some exports begin with notes
# A row that holds so much of the widest row's cells can be the header; notes above it hold one or two.
_FULL_ENOUGH = 0.6
# Lone surrogates stand for bytes that are no text in the file's encoding; in workbooks they come as such.
_NO_TEXT = re.compile("[\ud800-\udfff]")
_EMAIL = re.compile(r"[^\s@]@[^\s@]+\.\w")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: the line that it begins on (from 1), its cells, and why it can't be used, if so."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""
    problem_column: str = ""

    def cell(self, position: int) -> str:
        """What the cell of a column says: empty where the row is shorter, and without what an export put in
        front of it so that no spreadsheet runs it."""
        return awake(self.cells[position]) if position < len(self.cells) else ""


@dataclass(frozen=True, slots=True)
class Header:
    """`names` have runs of white space as one space; `skipped` are the lines above that aren't blank."""

    number: int
    names: tuple[str, ...]
    skipped: tuple[int, ...]

    def position(self, name: str) -> int:
        return self.names.index(tidy(name))

    def numbered(self) -> "Header":
        """The header with every column under a name of its own: repeated and missing ones get a number."""
        seen: Counter[str] = Counter()
        names: list[str] = []
        for place, name in enumerate(self.names, start=1):
            base = name or f"Column {place}"
            seen[base] += 1
            own = base if seen[base] == 1 else f"{base} ({seen[base]})"
            while own in names:
                seen[base] += 1
                own = f"{base} ({seen[base]})"
            names.append(own)
        return replace(self, names=tuple(names))


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be read; what is None is guessed. `header_at` is the header's line, from 1.

    With `numbered` every column gets a name of its own (`Header.numbered`).
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_at: int | None = None
    numbered: bool = False


AS_GUESSED = Wish()


class TableFile(ABC):
    """A file with a header and rows below it. Each reading of its lines begins anew.

    `delimiter` is empty and `sheets` has names where the file is a workbook.
    """

    header: Header
    encoding: Encoding
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    # Called now and then while the file is read, for who must know that it goes on.
    pulse: Callable[[], object] = int

    def first(self, count: int) -> list[Line]:
        """The first lines, without reading the others."""
        return list(islice(self.lines(), count))

    def beating(self, items: Iterable[Item]) -> Iterator[Item]:
        """The items, with a pulse every few thousand."""
        for place, item in enumerate(items):
            if place % 5_000 == 0:
                self.pulse()
            yield item

    @abstractmethod
    def lines(self) -> Iterator[Line]:
        """The rows below the header, without blank ones. Raises DomainError where the file is damaged."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the file, before it is known what the header is."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


def find_header(top: Sequence[Row], wanted: Sequence[str], wish: Wish) -> Header | None:
    """The header among the first rows: the row that is asked for, the first that has all wanted columns, or
    without any, the first that is about as full as the fullest."""
    full = max((_filled(row) for row in top), default=0)
    for place, row in enumerate(top):
        names = tuple(map(tidy, row.cells))
        if wish.header_at is not None:
            found = row.number == wish.header_at
        elif wanted:
            found = set(wanted) <= set(names)
        else:
            found = _filled(row) >= max(1, _FULL_ENOUGH * full)
        if found and not row.problem:
            if not wanted and wish.header_at is None and _is_data(row):
                return None
            header = Header(row.number, names, tuple(above.number for above in top[:place]))
            return header.numbered() if wish.numbered else header
    return None


def no_header(top: Sequence[Row], wanted: Sequence[str], wish: Wish) -> DomainError:
    """Why none of the first rows is the header."""
    if not top:
        return DomainError("file.empty", "The file is empty.")
    if wish.header_at is not None:
        return DomainError(
            "file.header",
            f"Line {wish.header_at} can't be the header: name a line with column names among the first"
            f" {HEADER_WITHIN} rows.",
        )
    if not wanted:
        return _broken_at_the_top(top)
    widest = max(top, key=lambda row: len(row.cells))
    names = tuple(map(tidy, widest.cells))
    missing = [f"“{name}”{near(name, names)}" for name in wanted if name not in names]
    columns = ", ".join(column_name(names, position) for position in range(len(names)))
    return DomainError("file.columns", f"The file has no column {', '.join(missing)}. It has: {columns}.")


def check_names(header: Header, wanted: Sequence[str]) -> None:
    """Raises DomainError where a name is no text, or several columns have one that is wanted."""
    for place, name in enumerate(header.names, start=1):
        if "\0" in name or without_text((name,)) is not None:
            raise DomainError(
                "file.header",
                f"Line {header.number}: the name of column {place} holds what is no text: correct it, or read"
                " the file in another encoding.",
            )
    for name in wanted:
        places = [str(place + 1) for place, other in enumerate(header.names) if other == name]
        if len(places) > 1:
            raise DomainError(
                "file.columns",
                f"Several columns are called “{name}” (columns {', '.join(places)}): rename all but one.",
            )


def without_text(cells: Sequence[str]) -> int | None:
    """The place of the first cell that holds what is no text; None where all are texts."""
    marked = (place for place, cell in enumerate(cells) if not cell.isascii() and _NO_TEXT.search(cell))
    return next(marked, None)


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


def _is_data(row: Row) -> bool:
    """Whether a row can be no header: names have letters, and none is an e-mail address."""
    text = " ".join(row.cells)
    return bool(_EMAIL.search(text)) or not any(map(str.isalpha, text))


def _filled(row: Row) -> int:
    return sum(1 for cell in row.cells if cell.strip())


def _broken_at_the_top(top: Sequence[Row]) -> DomainError:
    broken = next((row for row in top if row.problem), None)
    if broken is None:
        return DomainError(
            "file.header",
            f"Line {top[0].number} looks like data, and no line above it names the columns: put one there, or"
            " say which line is the header.",
        )
    return DomainError("file.header", f"No row can be the header. Line {broken.number}: {broken.problem}")
