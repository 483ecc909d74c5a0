"""95 % intervals of what was counted."""

from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

Z95 = NormalDist().inv_cdf(0.975)


class Interval(NamedTuple):
    low: float
    high: float


def wilson(hits: float, trials: int) -> Interval | None:
    """Wilson's score interval of a share; None where nothing was tried. Ties may have made `hits` a part."""
    if not trials:
        return None
    share, spread = hits / trials, Z95 * Z95 / trials
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * sqrt(share * (1 - share) / trials + spread / (4 * trials)) / (1 + spread)
    return Interval(max(middle - half, 0.0), min(middle + half, 1.0))


def normal(estimate: float, variance: float, *, low: float, high: float) -> Interval | None:
    """The interval of an estimate that is nearly normal, cut at `low` and `high`; None without variance.

    A variance of 0 means that too little was seen to tell, not that the estimate is exact.
    """
    if variance <= 0:
        return None
    half = Z95 * sqrt(variance)
    return Interval(max(estimate - half, low), min(estimate + half, high))
