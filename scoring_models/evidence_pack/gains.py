"""What working leads from the top of the scores would have won."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Step(NamedTuple):
    """All leads of one score, and how many of them were won."""

    score: int
    leads: int
    wins: int


def steps(scored: Iterable[tuple[int, bool]]) -> list[Step]:
    """Leads by score, the highest first. `scored` are pairs of score and whether the lead was won."""
    leads: Counter[int] = Counter()
    wins: Counter[int] = Counter()
    for score, won in scored:
        leads[score] += 1
        wins[score] += won
    return [Step(score, leads[score], wins[score]) for score in sorted(leads, reverse=True)]


def wins_in_top(ranked: Sequence[Step], count: float) -> float:
    """How many wins are among the `count` highest scored; of equal scores, as many as chance would give."""
    found, left = 0.0, count
    for step in ranked:
        if left <= 0:
            break
        taken = min(step.leads, left)
        found += step.wins * taken / step.leads
        left -= taken
    return found


def curve(ranked: Sequence[Step]) -> list[tuple[float, float]]:
    """The gains curve from (0, 0) to (1, 1): share of leads worked from the top, share of wins found.

    Straight between its points, since among equal scores chance decides. Empty where nothing was won.
    """
    all_leads, all_wins = sum(step.leads for step in ranked), sum(step.wins for step in ranked)
    if not all_wins:
        return []
    points, leads, wins = [(0.0, 0.0)], 0, 0
    for step in ranked:
        leads, wins = leads + step.leads, wins + step.wins
        points.append((leads / all_leads, wins / all_wins))
    return points
