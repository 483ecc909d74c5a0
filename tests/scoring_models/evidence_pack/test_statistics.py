"""AUC, intervals and gains against published figures, brute force and what must always hold."""

from math import atan, sqrt
from random import Random
from statistics import fmean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadscoring.intervals import Interval, wilson
from scoring_models.evidence_pack.auc import (
    Placements,
    auc_difference,
    auc_interval,
    midranks,
    placements,
)
from scoring_models.evidence_pack.gains import curve, steps, wins_in_top

SCORES = st.lists(st.integers(-20, 150), min_size=1, max_size=25)
# Hanley and McNeil (1982), table 1: 109 CT images rated from 1 to 5; 51 of the patients were ill.
ILL = [1] * 3 + [2] * 2 + [3] * 2 + [4] * 11 + [5] * 33
WELL = [1] * 33 + [2] * 6 + [3] * 6 + [4] * 11 + [5] * 2


def by_pairs(won: list[int], others: list[int]) -> float:
    """AUC from its definition."""
    return fmean((w > o) + (w == o) / 2 for w in won for o in others)


def standard_error(placed: Placements) -> float:
    return sqrt(variance(placed.won) / len(placed.won) + variance(placed.others) / len(placed.others))


def test_the_published_auc_of_rated_images() -> None:
    placed = placements(ILL, WELL)
    assert placed.auc == pytest.approx(0.893, abs=0.0005)
    assert standard_error(placed) == pytest.approx(0.032, abs=0.002)
    interval = auc_interval(placed)
    assert interval is not None and interval.low == pytest.approx(0.83, abs=0.01)


@pytest.mark.parametrize(
    ("won", "others", "auc"),
    [([2], [1], 1.0), ([1], [2], 0.0), ([1], [1], 0.5), ([3, 1], [2], 0.5), ([3, 2, 2], [2, 1], 5 / 6)],
)
def test_an_auc_that_can_be_counted_by_hand(won: list[int], others: list[int], auc: float) -> None:
    assert placements(won, others).auc == pytest.approx(auc)


def test_midranks_share_what_equal_values_would_have_had() -> None:
    assert midranks([10, 20, 10, 30]) == [1.5, 3, 1.5, 4]


@given(won=SCORES, others=SCORES)
def test_ties_count_half_and_both_kinds_agree_on_the_auc(won: list[int], others: list[int]) -> None:
    placed = placements(won, others)
    assert placed.auc == pytest.approx(by_pairs(won, others))
    assert fmean(placed.others) == pytest.approx(placed.auc)
    assert placements(others, won).auc == pytest.approx(1 - placed.auc)


@given(won=SCORES, others=SCORES)
def test_only_the_order_of_scores_matters(won: list[int], others: list[int]) -> None:
    bent_won, bent_others = ([atan(score / 10) for score in scores] for scores in (won, others))
    assert placements(bent_won, bent_others) == placements(won, others)


@given(won=SCORES, others=SCORES)
def test_a_version_does_not_differ_from_itself(won: list[int], others: list[int]) -> None:
    placed = placements(won, others)
    assert auc_difference(placed, placed) == (0.0, None)


def test_delong_agrees_with_a_bootstrap() -> None:
    random = Random(7)
    won = [(random.gauss(60, 18), random.gauss(52, 18)) for _ in range(120)]
    others = [(random.gauss(42, 18), random.gauss(41, 18)) for _ in range(300)]
    first, second = (
        placements([pair[side] for pair in won], [pair[side] for pair in others]) for side in (0, 1)
    )
    resampled = [
        (random.choices(range(len(won)), k=len(won)), random.choices(range(len(others)), k=len(others)))
        for _ in range(400)
    ]
    aucs = [
        [
            placements([won[i][side] for i in some], [others[j][side] for j in rest]).auc
            for some, rest in resampled
        ]
        for side in (0, 1)
    ]
    assert standard_error(first) == pytest.approx(sqrt(variance(aucs[0])), rel=0.15)
    difference, interval = auc_difference(first, second)
    assert interval is not None
    spread = sqrt(variance([b - a for a, b in zip(*aucs, strict=True)]))
    assert (interval.high - interval.low) / 2 / 1.96 == pytest.approx(spread, rel=0.15)
    assert interval.low < difference < interval.high < 0


def test_scores_that_agree_are_compared_more_closely_than_ones_that_do_not() -> None:
    random = Random(3)
    won, others = ([random.gauss(mean, 10) for _ in range(100)] for mean in (50, 45))
    first = placements(won, others)
    agreeing = placements([x + random.gauss(0, 1) for x in won], [x + random.gauss(0, 1) for x in others])
    strange = placements(*([random.gauss(mean, 10) for _ in range(100)] for mean in (50, 45)))
    close, wide = (auc_difference(first, other)[1] for other in (agreeing, strange))
    assert close is not None and wide is not None
    assert close.high - close.low < (wide.high - wide.low) / 2


def test_nothing_is_claimed_where_nothing_varies() -> None:
    assert auc_interval(placements([1], [0, 2])) is None  # one win
    assert auc_interval(placements([5, 6], [1, 2])) is None  # nothing overlaps
    with pytest.raises(ValueError, match="both"):
        placements([1], [])


# Newcombe (1998), table I, method 3.
@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_as_published(hits: int, trials: int, low: float, high: float) -> None:
    assert wilson(hits, trials) == pytest.approx(Interval(low, high), abs=0.00005)


@given(trials=st.integers(1, 10_000), share=st.floats(0, 1))
def test_a_share_lies_in_its_interval_and_the_interval_between_none_and_all(
    trials: int, share: float
) -> None:
    hits = round(share * trials)
    interval = wilson(hits, trials)
    assert interval is not None
    assert 0 <= interval.low <= hits / trials + 1e-12 and hits / trials - 1e-12 <= interval.high <= 1


def test_of_nothing_there_is_no_share() -> None:
    assert wilson(0, 0) is None


RANKED = steps([(90, True), (90, False), (60, True), (60, True), (60, False), (60, False), (10, False)])


def test_the_gains_curve_of_seven_leads() -> None:
    assert curve(RANKED) == [(0, 0), (2 / 7, 1 / 3), (6 / 7, 1), (1, 1)]
    assert curve(steps([(1, False)])) == []


@pytest.mark.parametrize(("top", "wins"), [(0, 0), (1, 0.5), (2, 1), (4, 2), (6, 3), (7, 3), (99, 3)])
def test_wins_in_the_top_split_equal_scores_evenly(top: int, wins: float) -> None:
    assert wins_in_top(RANKED, top) == pytest.approx(wins)


@given(scored=st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1))
def test_gains_never_fall_and_find_everything_in_the_end(scored: list[tuple[int, bool]]) -> None:
    points = curve(steps(scored))
    assert points == sorted(points) and (not points or points[-1] == (1.0, 1.0))
    assert wins_in_top(steps(scored), len(scored)) == pytest.approx(sum(won for _, won in scored))
