"""Dates and times as people and programs write them, read as UTC instants."""

import re
from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leads.remembered import remembered

# "15 Mar 2024", "15. March 2024", "15-Mar-2024" and "March 15, 2024", with or without a time.
_DAY_MONTH = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[.,]?[ -]([A-Za-z]{3,9})\.?,?[ -](\d{4})\b", re.ASCII)
_MONTH_DAY = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\b", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\b", re.ASCII)
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})\b", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})\b", re.ASCII)
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d{1,6})?)? ?([AaPp])?(?:\.?[Mm]\.?)?( ?(?:Z|[+-]\d{2}:?\d{2}))?",
    re.ASCII,
)
_ISO_START = re.compile(r"\d{4}-\d{2}|\d{8}", re.ASCII)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,? ", re.ASCII | re.IGNORECASE)
_UTC_WORD = re.compile(r" ?\b(?:UTC|GMT)$", re.ASCII)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december", "sept"),
)

NOT_A_DATE = "is not a date: write it as 2024-03-15 or 2024-03-15 14:30"
AMBIGUOUS = "may mean two days: write it as 2024-03-15 (year, month, day)"


def zone(name: str) -> tzinfo:
    """The time zone of that name, such as Europe/Berlin. Raises ValueError."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"“{name}” is no time zone: write one such as Europe/Berlin or UTC") from None


@remembered
def parse_moment(text: str, local: tzinfo = UTC) -> datetime:
    """The instant that a text says, in UTC: ISO 8601 first, then other forms that mean one day only.

    A date without a time is 00:00 UTC; a time without a zone is `local`. Raises ValueError, saying why.
    """
    text = text.strip()
    if _ISO_START.match(text):
        return _iso(_UTC_WORD.sub("Z", text), local)
    text = _WEEKDAY.sub("", text, count=1)
    day, rest = _day(text)
    rest = rest.lstrip(" ,T").rstrip()
    if not rest:
        return datetime.combine(day, time(), UTC)
    return as_utc(_at(day, _UTC_WORD.sub("Z", rest)), local)


def as_utc(value: date, local: tzinfo = UTC) -> datetime:
    """A program's date or datetime as a UTC instant, by the same rules. Raises ValueError."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), UTC)
    aware = value if value.tzinfo else value.replace(tzinfo=local)
    try:
        return aware.astimezone(UTC)
    except OverflowError:
        raise ValueError("is too far in the past or future") from None


def _iso(text: str, local: tzinfo) -> datetime:
    try:
        if len(text) <= 10 and "T" not in text:
            return datetime.combine(date.fromisoformat(text), time(), UTC)
        return as_utc(datetime.fromisoformat(text), local)
    except ValueError as error:
        raise ValueError(str(error) if "too far" in str(error) else NOT_A_DATE) from None


def _day(text: str) -> tuple[date, str]:
    """The day at the start of a text, and what follows it."""
    if match := _YEAR_FIRST.match(text):
        year, month, day = match.groups()
    elif match := _DAY_MONTH.match(text):
        day, month, year = match.groups()
    elif match := _MONTH_DAY.match(text):
        month, day, year = match.groups()
    elif match := _DOTTED.match(text):
        day, month, year = match.groups()  # With dots the day comes first wherever they are used.
    elif match := _SLASHED.match(text):
        first, _, second, year = match.groups()
        day, month = _in_order(first, second)
    else:
        raise ValueError(NOT_A_DATE)
    return _date(year, month, day), text[match.end() :]


def _in_order(first: str, second: str) -> tuple[str, str]:
    """Day and month of 31/12 or 12/31. Raises ValueError where both could be the month."""
    if int(first) <= 12 and int(second) <= 12 and int(first) != int(second):
        raise ValueError(AMBIGUOUS)
    return (second, first) if int(second) > 12 else (first, second)


def _date(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month) if month.isdigit() else _month(month), int(day))
    except ValueError:
        raise ValueError(NOT_A_DATE) from None


def _month(name: str) -> int:
    name = name.lower()
    if name not in _MONTHS and name not in _MONTH_NAMES:
        raise ValueError(name)
    return _MONTHS.index(name[:3]) + 1


def _at(day: date, text: str) -> datetime:
    """The day at the time that a text says."""
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError(NOT_A_DATE)
    hour, minute, second, fraction, half, offset = match.groups()
    if half and not 1 <= int(hour) <= 12:
        raise ValueError(NOT_A_DATE)
    hours = int(hour) % 12 + 12 * (half in "Pp") if half else int(hour)
    written = f"{day.isoformat()}T{hours:02}:{minute}:{second or '00'}{(fraction or '').ljust(7, '0')[:7]}"
    try:
        return datetime.fromisoformat((written if fraction else written[:19]) + (offset or "").strip())
    except ValueError:
        raise ValueError(NOT_A_DATE) from None
