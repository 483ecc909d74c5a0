"""When a day of work begins: the moments to which leads are put off."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

START = time(8)
WEEKEND = (5, 6)


def morning_in(days: int, *, now: datetime) -> datetime:
    """When the day that is so many days ahead begins."""
    return _start_of(timezone.localdate(now) + timedelta(days=days))


def next_monday(*, now: datetime) -> datetime:
    """When the work of next week begins."""
    return morning_in(7 - timezone.localdate(now).weekday(), now=now)


def next_working_morning(*, now: datetime) -> datetime:
    """When the next day that isn't of a weekend begins, today left out."""
    days = 1
    while (timezone.localdate(now) + timedelta(days=days)).weekday() in WEEKEND:
        days += 1
    return morning_in(days, now=now)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, START))
