"""What numbers of a workbook say, as a person sees them: dates as ISO 8601, no grouping, no currency."""

import math
import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from openpyxl.styles.numbers import is_date_format, is_timedelta_format
from openpyxl.utils.datetime import from_excel

_PADDED = re.compile(r"0{2,}")
_SIGNIFICANT = 15  # digits that a spreadsheet keeps of a number
# Python refuses to read and write numbers of thousands of digits; no spreadsheet has them.
_MOST_DIGITS = 4_000
_NO_NUMBER = "#NUM!"
_NO_DATE = "#VALUE!"

Shown = Callable[[str], str]


def shown_as(number_format: str, epoch: datetime) -> Shown:
    """What makes text of the numbers of a format, where days count from `epoch`. It raises ValueError."""
    if is_date_format(number_format):
        is_span = is_timedelta_format(number_format)
        return lambda said: _moment(_number(said), number_format, epoch, is_span=is_span)
    if _PADDED.fullmatch(number_format):
        return lambda said: plain(said, width=len(number_format))
    return plain


def plain(said: str, width: int = 0) -> str:
    """A number without exponent; a whole one with zeros in front up to a width."""
    value = _number(said)
    if isinstance(value, int):
        return str(value).zfill(width)
    if value is None:
        return _NO_NUMBER
    return format(Decimal(f"{value:.{_SIGNIFICANT}g}"), "f")


def iso_text(said: str, number_format: str) -> str:
    """A date or a time that a workbook wrote as such, as other cells show theirs; a span as it is."""
    for read in (datetime.fromisoformat, time.fromisoformat):
        with suppress(ValueError):
            return _text(read(said), number_format)
    return said


def _number(said: str) -> int | float | None:
    """None where it has more digits than a spreadsheet's number."""
    if len(said) > _MOST_DIGITS:
        return None
    if "." in said or "e" in said or "E" in said:
        value = float(said)
        return value if math.isfinite(value) else None
    return int(said)


def _moment(value: float | None, number_format: str, epoch: datetime, *, is_span: bool) -> str:
    if value is None:
        return _NO_NUMBER
    try:
        return _text(from_excel(value, epoch, timedelta=is_span), number_format)
    except (OverflowError, ValueError):
        return _NO_DATE  # As spreadsheets say.


def _text(value: datetime | date | time | timedelta, number_format: str) -> str:
    match value:
        case datetime():
            has_time = "h" in number_format.lower() or value.time() != time()
            return value.isoformat(" ", "seconds") if has_time else value.date().isoformat()
        case date() | time():
            return value.isoformat()
        case _:
            return str(value)
