"""Decay: what is left of signals, and when the next point goes."""

from dataclasses import replace
from datetime import timedelta
from math import log2

import pytest

from scoring_models.contribution import contribution
from scoring_models.spec import (
    AttributeCondition,
    HalfLife,
    Inactivity,
    Kind,
    Linear,
    Op,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from tests import oracle
from tests.scoring_models.engine.build import DAY, NOW, explained, lead, score, signal, version
from tests.scoring_models.planting import plant

pytestmark = pytest.mark.django_db

FADES = SignalAtLeast(("dm_received",), window_days=30, decay=Linear())
HALVES = SignalAtLeast(("dm_received",), decay=HalfLife(30))
EACH_HALVES = SignalEach(("dm_received",), at_most=2, decay=HalfLife(30))
INBOUND = AttributeCondition("inbound", Kind.BOOLEAN, Op.IS_TRUE)


def with_points(spec: Spec, points: int) -> Spec:
    return replace(spec, rules=tuple(replace(rule, points=points) for rule in spec.rules))


@pytest.mark.parametrize(
    ("days", "total"), [(0, 10), (3, 9), (15, 5), (16, 5), (16.6, 4), (29.9, 0), (30, 0)]
)
def test_a_signal_fades_evenly_over_its_window(days: float, total: int) -> None:
    assert score(version(FADES), lead(signal("dm_received", days * DAY))).total == total


@pytest.mark.parametrize(("days", "total"), [(0, 10), (30, 5), (60, 3), (90, 1), (140, 0), (36_000, 0)])
def test_a_signal_is_halved_each_time_its_half_life_passes(days: int, total: int) -> None:
    found = score(version(HALVES), lead(signal("dm_received", days * DAY)))
    assert (found.total, found.hits) == (total, 1)


def test_points_are_taken_back_as_they_were_given() -> None:
    lead_id = lead(signal("dm_received", 30 * DAY))
    assert score(with_points(version(HALVES), -15), lead_id).total == -8


def test_the_newest_of_those_needed_decides_what_is_left() -> None:
    twice = SignalAtLeast(("dm_received",), at_least=2, window_days=30, decay=Linear())
    lead_id = lead(signal("dm_received", 3 * DAY), signal("dm_received", 27 * DAY))
    found = score(version(twice), lead_id)
    assert found.total == 9
    assert found.weights == pytest.approx([0.9])
    assert score(version(twice), lead_id, NOW + 3 * DAY).total == 0


def test_each_of_the_newest_counts_for_what_is_left_of_it() -> None:
    lead_id = lead(*(signal("dm_received", days * DAY) for days in (0, 30, 60)))
    found = score(version(EACH_HALVES), lead_id)
    assert (found.total, found.counts, found.weights) == (15, [2], [1.5])
    assert [rule.units for rule in explained(version(EACH_HALVES), lead_id).rules] == [1.5]


@pytest.mark.parametrize(
    ("condition", "points", "days"),
    [
        (FADES, 20, 30 * (1 - 19.5 / 20)),
        (FADES, -20, 30 * (1 - 19.5 / 20)),
        (HALVES, 20, 30 * log2(20 / 19.5)),
        (EACH_HALVES, 20, 30 * log2(20 / 19.5)),
    ],
)
def test_it_is_due_less_than_a_second_before_a_point_goes(
    condition: SignalAtLeast | SignalEach, points: int, days: float
) -> None:
    found = score(with_points(version(condition), points), lead(signal("dm_received", timedelta())))
    assert found.due_at is not None
    early = NOW + days * DAY - found.due_at
    assert timedelta(seconds=0.4) < early < timedelta(seconds=1)


def test_what_gives_nothing_any_more_has_nothing_to_wait_for() -> None:
    assert score(version(HALVES), lead(signal("dm_received", 200 * DAY))).due_at is None


@pytest.mark.parametrize(
    "units", [0.5, 0.05, 0.04999999996, 0.04999999994, 0.0499999999, 0.15, 1.25, 0.6499999999, 2.95, 0.0]
)
def test_a_contribution_is_rounded_as_the_page_says(units: float) -> None:
    assert contribution(10, units) == oracle.rounded(10 * units)
    assert contribution(-10, units) == oracle.rounded(-10 * units) == -contribution(10, units)


# Inactivity that counts again.

IDLE = Inactivity(("dm_received",), days=30, again_every_days=10, at_most=3)


@pytest.mark.parametrize(
    ("days", "counts", "next_in"),
    [(29, None, 1), (30, [1], 10), (39, [1], 1), (40, [2], 10), (50, [3], None), (500, [3], None)],
)
def test_inactivity_counts_again(days: int, counts: list[int] | None, next_in: int | None) -> None:
    found = score(version(IDLE), lead(signal("dm_received", days * DAY), age=days * DAY))
    assert (found.counts, found.total) == (counts, 10 * sum(counts or ()))
    assert found.due_at == (None if next_in is None else NOW + next_in * DAY)


def test_signals_older_than_the_last_time_still_count_for_a_younger_lead() -> None:
    lead_id = lead(signal("dm_received", 400 * DAY), age=DAY)
    assert score(version(IDLE), lead_id).counts == [3]


# Only when.


@pytest.mark.parametrize(
    ("person", "days", "units"),
    [
        ({"inbound": True}, 3, (0.9, 0.9)),
        ({"inbound": False}, 3, (0, 0.9)),
        ({}, 3, (0, 0.9)),
        ({}, 31, (0, 0)),
    ],
)
def test_a_rule_gives_nothing_unless_what_it_holds_only_for_is_met(
    person: dict[str, oracle.Fact], days: int, units: tuple[float, float]
) -> None:
    spec = version(FADES)
    spec = replace(spec, rules=tuple(replace(rule, only_when=(INBOUND,)) for rule in spec.rules))
    (lead_id,) = plant([oracle.LeadFacts(NOW, person, None, (signal("dm_received", days * DAY),))])
    (found,) = explained(spec, lead_id).rules
    assert [found.units, found.if_met] == pytest.approx(list(units))
    assert found.status == ("unknown" if not person and days == 3 else "met" if units[0] else "not_met")
