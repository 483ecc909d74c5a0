"""How well scores tell the won from the others: AUC with DeLong's variance, alone and of two versions.

AUC is the chance that a won lead scored higher than one that wasn't won; ties count half. DeLong, DeLong and
Clarke-Pearson (1988), by midranks as Sun and Xu (2014) compute them, in the time that sorting takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from statistics import covariance, fmean

from leadscoring.intervals import Interval, normal

FEWEST = 2  # of each kind; of one alone nothing can be said about how it varies


@dataclass(frozen=True, slots=True)
class Placements:
    """For each won lead the share of the others below it, and for each of the others the won above it."""

    won: tuple[float, ...]
    others: tuple[float, ...]

    @property
    def auc(self) -> float:
        return fmean(self.won)


def placements(won: Sequence[float], others: Sequence[float]) -> Placements:
    """Where the scores of the won stand among the others'. Raises ValueError where either is empty."""
    if not (won and others):
        raise ValueError("An AUC needs both won leads and others.")
    ranks = midranks([*won, *others])
    of_won, of_others = midranks(won), midranks(others)
    together = len(won)
    return Placements(
        tuple((ranks[i] - of_won[i]) / len(others) for i in range(together)),
        tuple(1 - (ranks[together + j] - of_others[j]) / together for j in range(len(others))),
    )


def auc_interval(placed: Placements) -> Interval | None:
    """The 95 % interval of an AUC; None where too few were seen, or where nothing overlaps."""
    return normal(placed.auc, _covariance(placed, placed), low=0.0, high=1.0)


def auc_difference(first: Placements, second: Placements) -> tuple[float, Interval | None]:
    """How much greater the second AUC is over the same leads, and the paired 95 % interval of that."""
    variance = _covariance(first, first) + _covariance(second, second) - 2 * _covariance(first, second)
    difference = second.auc - first.auc
    return difference, normal(difference, _unless_rounding(variance), low=-1.0, high=1.0)


def midranks(values: Sequence[float]) -> list[float]:
    """Each value's rank from 1; equal ones share the mean of theirs."""
    ranks = [0.0] * len(values)
    before = 0
    for _, equal in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        places = list(equal)
        for place in places:
            ranks[place] = before + (len(places) + 1) / 2
        before += len(places)
    return ranks


def _covariance(first: Placements, second: Placements) -> float:
    if min(len(first.won), len(first.others)) < FEWEST:
        return 0.0
    return covariance(first.won, second.won) / len(first.won) + covariance(first.others, second.others) / len(
        first.others
    )


def _unless_rounding(variance: float) -> float:
    """The variance of a difference; what rounding leaves of 0 is 0."""
    return variance if variance > 1e-15 else 0.0
