"""What kind of attribute a column would make: that of all its values."""

import re
from collections.abc import Callable

from leads.attributes import NO, YES
from leads.models import Kind
from leads.moments import parse_moment
from leads.numbers import parse_number
from leads.text import normalise

# 0 and 1 may be counts, so they don't make a column one of yes and no.
_YES_OR_NO = (YES | NO) - {"0", "1", "x", "✓", "t", "f"}
_LEADING_ZERO = re.compile(r"0\d")
_MOST_DIGITS = 15  # more are keys: nobody compares them as numbers


class KindGuess:
    """Sees all values of a column one by one, and knows what every one of them can be."""

    def __init__(self) -> None:
        self._possible = [Kind.NUMBER, Kind.BOOLEAN, Kind.DATE]
        self._any = False

    def see(self, cell: str) -> None:
        """Take a value into account; an empty one says nothing."""
        if cell.strip() and self._possible:
            self._any = True
            self._possible = [kind for kind in self._possible if _CAN_BE[kind](cell.strip())]

    @property
    def kind(self) -> Kind:
        return self._possible[0] if self._any and self._possible else Kind.TEXT


def _number(cell: str) -> bool:
    if _LEADING_ZERO.match(cell) or sum(character.isdigit() for character in cell) > _MOST_DIGITS:
        return False
    return _reads(parse_number, cell)


def _boolean(cell: str) -> bool:
    return normalise(cell) in _YES_OR_NO


def _date(cell: str) -> bool:
    return _reads(parse_moment, cell)


def _reads(parse: Callable[[str], object], cell: str) -> bool:
    try:
        parse(cell)
    except ValueError:
        return False
    return True


_CAN_BE = {Kind.NUMBER: _number, Kind.BOOLEAN: _boolean, Kind.DATE: _date}
