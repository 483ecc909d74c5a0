"""Business time: what must always hold, and the days on which it is easy to get wrong."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from leads.business_hours import Hours, elapsed, later

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_FIVE = (9 * 60, 17 * 60)
WORKDAYS = (*[NINE_TO_FIVE] * 5, None, None)
# Summer time in either half of the year, at midnight, by half an hour, and a day that never was.
ZONES = (
    *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"),
    *("America/Havana", "America/Asuncion", "Pacific/Apia", "Asia/Beirut"),
)

minutes = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[0] < span[1])
weeks = st.tuples(*[st.none() | minutes] * 7).filter(any)
instants = st.datetimes(datetime(2011, 11, 1), datetime(2012, 12, 31), timezones=st.just(UTC))
holidays = st.frozensets(st.dates(date(2011, 11, 1), date(2013, 2, 1)), max_size=40)
hours_or_none = st.none() | st.builds(Hours, st.sampled_from(ZONES).map(ZoneInfo), weeks, holidays)
lengths = st.timedeltas(timedelta(), timedelta(days=20))


@given(hours_or_none, instants, instants, instants)
def test_time_adds_up(hours: Hours | None, first: datetime, second: datetime, third: datetime) -> None:
    assert elapsed(hours, first, second) + elapsed(hours, second, third) == elapsed(hours, first, third)


@given(hours_or_none, instants, lengths)
def test_what_lies_so_much_later_is_so_far_away(hours: Hours | None, start: datetime, by: timedelta) -> None:
    assert elapsed(hours, start, later(hours, start, by)) == by


@given(hours_or_none, instants, lengths, lengths)
def test_later_and_later_again_is_later_by_both(
    hours: Hours | None, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert later(hours, later(hours, start, first), second) == later(hours, start, first + second)


@given(hours_or_none, instants, instants, lengths)
def test_who_begins_later_ends_no_sooner(
    hours: Hours | None, one: datetime, other: datetime, by: timedelta
) -> None:
    first, second = sorted((one, other))
    assert later(hours, first, by) <= later(hours, second, by)


@given(hours_or_none, instants, instants)
def test_business_time_is_never_more_than_time(hours: Hours | None, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other))
    assert timedelta() <= elapsed(hours, first, second) <= second - first


@given(st.builds(Hours, st.sampled_from(ZONES).map(ZoneInfo), weeks, holidays), instants)
def test_a_minute_counts_when_the_clock_on_the_wall_says_so(hours: Hours, instant: datetime) -> None:
    """Against the definition itself, wherever the wall clock shows a time once."""
    minute = instant.replace(second=0, microsecond=0)
    wall = minute.astimezone(hours.zone)
    twice = wall.replace(fold=0).utcoffset() != wall.replace(fold=1).utcoffset()
    assume(not twice)
    span = hours.week[wall.weekday()]
    at_work = (
        span is not None
        and wall.date() not in hours.holidays
        and span[0] <= wall.hour * 60 + wall.minute < span[1]
    )
    assert elapsed(hours, minute, minute + timedelta(minutes=1)) == timedelta(minutes=int(at_work))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_a_weekend_does_not_count() -> None:
    hours = Hours(BERLIN, WORKDAYS)
    friday, monday = berlin("2026-11-27T16:00"), berlin("2026-11-30T10:00")
    assert later(hours, friday, timedelta(hours=2)) == monday
    assert elapsed(hours, friday, monday) == timedelta(hours=2)


def test_what_ends_with_the_day_ends_that_day() -> None:
    hours = Hours(BERLIN, WORKDAYS)
    assert later(hours, berlin("2026-11-27T15:00"), timedelta(hours=2)) == berlin("2026-11-27T17:00")


def test_what_begins_at_night_counts_from_the_morning() -> None:
    hours = Hours(BERLIN, WORKDAYS)
    assert later(hours, berlin("2026-11-27T22:00"), timedelta(hours=1)) == berlin("2026-11-30T10:00")


def test_a_holiday_does_not_count() -> None:
    hours = Hours(BERLIN, WORKDAYS, frozenset({date(2026, 12, 25)}))
    assert later(hours, berlin("2026-12-24T16:30"), timedelta(hours=1)) == berlin("2026-12-28T09:30")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-01", 24)])
def test_a_whole_day_is_as_long_as_it_is(day: str, hours: int) -> None:
    always = Hours(BERLIN, ((0, 1440),) * 7)
    start = berlin(f"{day}T00:00")
    assert elapsed(always, start, berlin(f"{day}T00:00") + timedelta(days=1)) == timedelta(hours=hours)


def test_hours_that_the_clocks_skip_begin_when_they_are_put_forward() -> None:
    early = Hours(BERLIN, ((2 * 60 + 30, 6 * 60),) * 7)
    start = datetime(2026, 3, 29, tzinfo=UTC)
    assert later(early, start, timedelta(hours=1)) == datetime(2026, 3, 29, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize("week", [(None,) * 7, ((0, 1),) * 6, ((60, 60),) * 7, ((0, 1441),) * 7])
def test_hours_that_cannot_be_are_refused(week: tuple[tuple[int, int] | None, ...]) -> None:
    with pytest.raises(ValueError):
        Hours(BERLIN, week)


def test_nobody_counts_backwards() -> None:
    with pytest.raises(ValueError):
        later(None, datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=-1))
