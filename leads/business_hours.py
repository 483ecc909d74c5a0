"""Time that counts only while a team is at work. Pure: no clock, no database.

Opening hours are times of the team's own clock. Where clocks are put back and show a time twice, the first
counts; where they are put forward and never show it, the moment of the change does. So a day never has two
openings, and hours that lie in order by the clock lie in order in time.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache

DAY = timedelta(days=1)
MINUTES_A_DAY = 24 * 60

Minutes = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hours:
    """When a team is at work: a span for each weekday from Monday, None for closed, but not on holidays.

    A span is two minutes of the day, the first less than the second, at most 1440 (midnight at its end).
    Raises ValueError for hours that would never open. Who is always at work has no Hours (None) instead.
    """

    zone: tzinfo
    week: tuple[Minutes | None, ...]
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if len(self.week) != 7 or not any(self.week):
            raise ValueError("A week has seven days, and at least one of them has opening hours.")
        if any(not 0 <= span[0] < span[1] <= MINUTES_A_DAY for span in self.week if span):
            raise ValueError("Opening hours end after they begin, within one day.")


def elapsed(hours: Hours | None, start: datetime, end: datetime) -> timedelta:
    """The business time from `start` to `end`; below zero where `end` comes first."""
    if hours is None:
        return end - start
    if end < start:
        return -elapsed(hours, end, start)
    total = timedelta()
    for opens, closes in _spans(hours, start):
        if opens >= end:
            break
        total += min(closes, end) - max(opens, start)
    return total


def later(hours: Hours | None, start: datetime, by: timedelta) -> datetime:
    """The first instant that lies `by` of business time after `start`, in UTC.

    What ends with the working day ends then, not when the next one begins. Raises ValueError below zero.
    """
    if by < timedelta():
        raise ValueError("Business time is counted forward.")
    if hours is None or not by:
        return (start + by).astimezone(UTC)
    for opens, closes in _spans(hours, start):
        begins = max(opens, start)
        if closes - begins >= by:
            return begins + by
        by -= closes - begins
    raise AssertionError("Days never end.")


def opening_from(hours: Hours, day: date) -> datetime:
    """When the team first opens on that day of its clock or a later one, in UTC."""
    while (span := _span(hours, day)) is None:
        day += DAY
    return span[0]


def _spans(hours: Hours, since: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The opening hours that end after `since`, as instants in UTC, in order and without end."""
    since = since.astimezone(UTC)
    day = since.astimezone(hours.zone).date()
    while True:
        span = _span(hours, day)
        if span is not None and span[1] > since:
            yield span
        day += DAY


@lru_cache(maxsize=8192)
def _span(hours: Hours, day: date) -> tuple[datetime, datetime] | None:
    minutes = hours.week[day.weekday()]
    if minutes is None or day in hours.holidays:
        return None
    opens, closes = (_instant(day, minute, hours.zone) for minute in minutes)
    return opens, closes


def _instant(day: date, minutes: int, zone: tzinfo) -> datetime:
    """When the clocks of the zone first show this time or a later one."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    instant = wall.replace(tzinfo=zone).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    # Never shown. Read by the offset of after the change it lies before it, and the other way round.
    return _change(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), instant, zone)


def _change(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The second at which clocks are put forward, between two moments."""
    offset = after.astimezone(zone).utcoffset()
    seconds = range(int((after - before).total_seconds()) + 1)
    passed = bisect_left(
        seconds,
        True,
        key=lambda second: (before + timedelta(seconds=second)).astimezone(zone).utcoffset() == offset,
    )
    return before + timedelta(seconds=passed)
