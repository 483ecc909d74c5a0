"""Moments and lengths of time in SQL.

A day is 86,400 seconds. Lengths are written in seconds, since PostgreSQL's own `days` follow the clock
changes of the session's time zone.
"""

from decimal import ROUND_CEILING, Decimal

from scoring_models.engine.catalogue import CannotCompile

SECONDS_A_DAY = 86_400
MICROSECONDS_A_DAY = SECONDS_A_DAY * 1_000_000
MOST_DAYS = 36_525  # A timestamp less a century is still a timestamp.
# What comes later is as good as never, and Python can't hold it.
END_OF_TIME = "timestamptz '9999-12-31 00:00:00+00'"


def days(count: int | Decimal) -> str:
    """An interval of so many days. Parts of a microsecond are rounded up, which decides the same.

    For moments in whole microseconds, `age < days` and `age < ceil(days)` are one.
    Raises CannotCompile for none or for more than a century.
    """
    if not 0 < count <= MOST_DAYS:
        raise CannotCompile(f"{count} days are not between 1 and {MOST_DAYS}.")
    microseconds = int((Decimal(count) * MICROSECONDS_A_DAY).to_integral_value(ROUND_CEILING))
    seconds, rest = divmod(microseconds, 1_000_000)
    return f"interval '{seconds}.{rest:06d} seconds'"


def days_before(moment: str, count: int) -> str:
    """The moment so many days earlier. Raises CannotCompile as `days` does.

    Taken through UTC, since PostgreSQL computes a constant of this kind once, not for each signal: plain
    `moment - interval` depends on the session's time zone, though not for lengths in seconds.
    """
    return f"(({moment} AT TIME ZONE 'UTC' - {days(count)}) AT TIME ZONE 'UTC')"


def earliest(moments: list[str]) -> str:
    """The earliest of these SQL moments that are not NULL; NULL without any."""
    return f"LEAST({', '.join(moments)})" if moments else "NULL::timestamptz"


def before_the_end(moment: str) -> str:
    """A moment, or NULL where it is past the end of time."""
    return f"CASE WHEN {moment} < {END_OF_TIME} THEN {moment} END"
