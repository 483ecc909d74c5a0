"""When teams are at work, as business time is counted with it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from leads.business_hours import Hours
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

# Of teams without opening hours there is nothing to read: they are always at work.
HOURS = """
SELECT t.id, t.time_zone,
       ARRAY (SELECT h.opens FROM generate_series(0, 6) day
               LEFT JOIN people_openinghours h ON h.team_id = t.id AND h.weekday = day ORDER BY day),
       ARRAY (SELECT h.closes FROM generate_series(0, 6) day
               LEFT JOIN people_openinghours h ON h.team_id = t.id AND h.weekday = day ORDER BY day),
       ARRAY (SELECT day FROM people_holiday WHERE team_id = t.id)
  FROM people_team t
 WHERE EXISTS (SELECT FROM people_openinghours h WHERE h.team_id = t.id)
"""

HoursOf = Mapping[int, Hours]


def hours_by_team() -> HoursOf:
    """The hours of each team that has some; whoever isn't here is always at work."""
    with prepared_cursor() as cursor:
        cursor.execute(HOURS, {})
        return {team_id: hours_from(*rest) for team_id, *rest in cursor.fetchall()}


def zone_of(user: User) -> ZoneInfo:
    """The time zone in which a person's days begin and end: that of their first team."""
    return ZoneInfo(user.time_zone)


def end_of_day(user: User, *, now: datetime) -> datetime:
    """When this person's day ends."""
    zone = zone_of(user)
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), zone).astimezone(UTC)


def hours_from(zone: str, opens: list[int | None], closes: list[int | None], holidays: list[date]) -> Hours:
    """The hours that a row of `HOURS` says, but for its first column."""
    return _hours_from(zone, tuple(opens), tuple(closes), tuple(holidays))


@lru_cache(maxsize=256)
def _hours_from(
    zone: str, opens: tuple[int | None, ...], closes: tuple[int | None, ...], holidays: tuple[date, ...]
) -> Hours:
    week = tuple(
        None if first is None or last is None else (first, last)
        for first, last in zip(opens, closes, strict=True)
    )
    return Hours(ZoneInfo(zone), week, frozenset(holidays))
