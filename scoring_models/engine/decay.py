"""Decay in SQL: what signals still weigh, what a rule gives of it, and when that reaches the next half point.

All in double precision. `power(0.5::float8, …)` is nine times as fast as with a numeric 0.5.
"""

from scoring_models.engine.moments import SECONDS_A_DAY, days
from scoring_models.spec import Decay, HalfLife

# Rounded half away from zero to 9 decimals, then half away from zero to an integer, is this and a floor.
HALF = "0.5000000005::float8"
# What a closed form may be off by is far less; a change is due early rather than late.
EARLY = "interval '0.5 seconds'"
TICK = "interval '0.000001 seconds'"


def weight(decay: Decay, window_days: int | None, moment: str, occurred_at: str) -> str:
    """What is left at `moment` of a signal: 1 at first. NULL where there is none."""
    age = f"date_part('epoch', {moment} - {occurred_at})"
    if isinstance(decay, HalfLife):
        # PostgreSQL refuses what is too small for a double; there it is nothing anyway.
        return f"power(0.5::float8, LEAST({age} / {decay.days * SECONDS_A_DAY}::float8, 1000))"
    assert window_days is not None
    return f"(1 - {age} / {window_days * SECONDS_A_DAY}::float8)"


def weights(decay: Decay, window_days: int | None, moment: str, every: str, at_most: int) -> str:
    """What is left at `moment` of the newest `at_most` signals of those that `every` is the moments of."""
    newest = f"SELECT m FROM unnest({every}) m ORDER BY m DESC LIMIT {at_most}"
    return f"(SELECT sum({weight(decay, window_days, moment, 'n.m')}) FROM ({newest}) n)"


def contribution(points: int, units: str) -> str:
    """The points that a decayed rule gives: an integer."""
    sign = "-" if points < 0 else ""
    return f"{sign}floor({abs(points)} * {units} + {HALF})::integer"


def next_half_point(decay: Decay, window_days: int | None, *, points: int, units: str, count: str) -> str:
    """When the contribution of `count` signals that weigh `units` together gives a point less.

    NULL where it gives none any more.
    """
    rounded = f"floor({abs(points)} * {units} + {HALF})"
    goal = f"(({rounded} - 0.5::float8) / {abs(points)})"
    if isinstance(decay, HalfLife):
        wait = f"ln({units} / {goal}) / ln(2::float8) * {days(decay.days)}"
    else:
        assert window_days is not None
        wait = f"({units} - {goal}) / {count} * {days(window_days)}"
    return f"CASE WHEN {rounded} >= 1 THEN GREATEST(b.as_of + {wait} - {EARLY}, b.as_of + {TICK}) END"
