"""Cutting text into the records of a delimited file, with a way on after a broken one."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from leadscoring.errors import DomainError

MAX_CELL = 250_000  # characters; what is longer is a quote that nobody closed
MAX_LINE = 8 << 20  # characters; what is longer is no table, and would fill memory
csv.field_size_limit(MAX_CELL)

_NEVER_CLOSED = "A quote opens on this line and never closes: double it, or remove it."
_GOES_ON = "A quoted cell goes on after its closing quote: double quotes inside it."


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the line that it begins on (from 1). Where there is a `problem`, `cells` is that line."""

    number: int
    cells: tuple[str, ...]
    problem: str = ""


def records(text: IO[str], delimiter: str) -> Iterator[Record]:
    """The records of a text that was opened with `newline=""`, without blank ones.

    Where a quote is wrong only the line that it is on is lost: reading goes on with the next one, instead of
    taking everything up to the next quote for one cell. Raises DomainError for a line without end.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.begin()
        number = lines.number + 1
        try:
            cells = tuple(next(reader))
        except StopIteration:
            return
        except csv.Error as error:
            line = lines.give_back_all_but_one()
            yield Record(number, (line.rstrip("\r\n"),), _explain(error))
            continue
        if any(cell.strip() for cell in cells) or len(cells) > 1:
            yield Record(number, cells)


def _explain(error: csv.Error) -> str:
    return _GOES_ON if "expected after" in str(error) else _NEVER_CLOSED


class _Lines:
    """Lines of text that can be given back, counted from 1."""

    def __init__(self, text: IO[str]) -> None:
        self.number = 0
        self._text = text
        self._taken: list[str] = []
        self._returned: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.popleft() if self._returned else self._read()
        self.number += 1
        self._taken.append(line)
        return line

    def _read(self) -> str:
        line = self._text.readline(MAX_LINE)
        if len(line) == MAX_LINE:
            raise DomainError(
                "file.line",
                f"Line {self.number + 1} is longer than {MAX_LINE:,} characters: this is no table.",
            )
        if not line:
            raise StopIteration
        return line

    def begin(self) -> None:
        """From here on lines can be given back."""
        self._taken.clear()

    def give_back_all_but_one(self) -> str:
        """Have all lines since `begin` come again but the first, which is returned."""
        first, *rest = self._taken
        self._returned.extendleft(reversed(rest))
        self.number -= len(rest)
        self._taken.clear()
        return first
