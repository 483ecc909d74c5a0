"""Windows, idleness and `due_at`, to the microsecond."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from leads.models import Lead
from scoring_models.scoring import evaluate_pairs
from scoring_models.spec import (
    AttributeCondition,
    Inactivity,
    Kind,
    Op,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from tests.oracle import LeadFacts
from tests.scoring_models.engine.build import DAY, NOW, TICK, explained, lead, score, signal, version
from tests.scoring_models.planting import define_attributes, plant

pytestmark = pytest.mark.django_db

MONTH = SignalAtLeast(("dm_received",), window_days=30)
TWICE = SignalAtLeast(("dm_received",), at_least=2, window_days=30)
EACH = SignalEach(("post_comment",), at_most=2, window_days=30)
IDLE = Inactivity(("dm_received", "post_comment"), days=30)
LEFT = AttributeCondition("unsubscribed", Kind.BOOLEAN, Op.IS_TRUE)


@pytest.mark.parametrize(
    ("ago", "counts"),
    [
        (-TICK, False),
        (timedelta(), True),
        (30 * DAY - TICK, True),
        (30 * DAY, False),
        (30 * DAY + TICK, False),
    ],
)
def test_a_window_ends_now_and_begins_just_after_its_length_ago(ago: timedelta, counts: bool) -> None:
    found = score(version(MONTH), lead(signal("dm_received", ago)))
    assert (found.hits, found.total) == (int(counts), 10 * counts)


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "UTC"])
def test_days_are_86400_seconds_whatever_the_zone_of_the_session(zone: str) -> None:
    lead_id = lead(signal("dm_received", 30 * DAY - TICK))
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', %s, true)", [zone])
    found = score(version(MONTH), lead_id)
    assert found.due_at is not None
    # Django takes what it reads for UTC, whatever the session says, so only the distance tells.
    assert (found.hits, found.due_at - found.as_of) == (1, TICK)


def test_without_a_window_a_signal_counts_for_ever() -> None:
    found = score(version(SignalAtLeast(("dm_received",))), lead(signal("dm_received", 4000 * DAY)))
    assert (found.hits, found.due_at) == (1, None)


def test_a_retracted_signal_never_counts() -> None:
    found = score(version(MONTH, EACH), lead(signal("dm_received", DAY, retracted=True)))
    assert (found.hits, found.due_at) == (0, None)


def test_a_rule_of_two_signals_ends_when_the_second_newest_leaves() -> None:
    lead_id = lead(*(signal("dm_received", days * DAY) for days in (3, 5, 9)))
    found = score(version(TWICE), lead_id)
    assert found.due_at == NOW - 5 * DAY + 30 * DAY
    assert score(version(TWICE), lead_id, found.due_at - TICK).hits == 1
    assert score(version(TWICE), lead_id, found.due_at).hits == 0


def test_an_unmet_rule_waits_for_nothing() -> None:
    assert score(version(TWICE), lead(signal("dm_received", DAY))).due_at is None


def test_each_signal_counts_up_to_the_most_and_the_oldest_counted_one_leaves_first() -> None:
    lead_id = lead(*(signal("post_comment", days * DAY) for days in (1, 2, 3)))
    found = score(version(EACH), lead_id)
    assert (found.total, found.counts, found.due_at) == (20, [2], NOW - 2 * DAY + 30 * DAY)
    assert score(version(EACH), lead_id, NOW + 28 * DAY).counts == [1]
    assert score(version(EACH), lead_id, NOW + 29 * DAY).counts is None


def test_a_future_signal_begins_when_it_occurs() -> None:
    lead_id = lead(signal("dm_received", -5 * DAY))
    found = score(version(MONTH), lead_id)
    assert (found.hits, found.due_at) == (0, NOW + 5 * DAY)
    assert score(version(MONTH), lead_id, NOW + 5 * DAY).hits == 1


def test_a_future_intent_moves_only_the_last_intent_and_is_still_waited_for() -> None:
    spec = version(EACH)
    spec = Spec(spec.model, spec.rules, spec.bands, intent_types=("demo_request",))
    lead_id = lead(signal("demo_request", DAY), signal("demo_request", -DAY))
    found = score(spec, lead_id)
    assert (found.last_intent_at, found.due_at) == (NOW - DAY, NOW + DAY)
    assert score(spec, lead_id, NOW + DAY).last_intent_at == NOW + DAY


def test_idleness_begins_exactly_when_its_days_are_over() -> None:
    lead_id = lead(signal("dm_received", 30 * DAY - TICK), age=100 * DAY)
    found = score(version(IDLE), lead_id)
    assert (found.hits, found.due_at) == (0, NOW + TICK)
    assert (score(version(IDLE), lead_id, NOW + TICK).hits) == 1


def test_without_signals_idleness_counts_from_the_creation() -> None:
    assert score(version(IDLE), lead(age=30 * DAY)).hits == 1
    young = score(version(IDLE), lead(age=30 * DAY - TICK))
    assert (young.hits, young.due_at) == (0, NOW + TICK)


def test_a_signal_older_than_the_lead_counts_for_idleness_too() -> None:
    assert score(version(IDLE), lead(signal("dm_received", 31 * DAY), age=DAY)).hits == 1
    assert score(version(IDLE), lead(signal("page_view", 31 * DAY), age=DAY)).hits == 0
    assert score(version(IDLE), lead(signal("dm_received", -DAY), age=DAY)).hits == 0


@pytest.mark.parametrize(
    ("signals", "left"),
    [
        ((), False),
        ((("unsubscribed", DAY),), True),
        ((("unsubscribed", 2 * DAY), ("resubscribed", DAY)), False),
        ((("resubscribed", DAY), ("unsubscribed", DAY)), True),
        ((("unsubscribed", DAY), ("resubscribed", DAY)), False),
        ((("unsubscribed", 2 * DAY), ("resubscribed", DAY), ("disconnected", 900 * DAY)), True),
        ((("unsubscribed", -DAY),), False),
    ],
)
def test_unsubscribed_is_what_the_latest_signal_says(
    signals: tuple[tuple[str, timedelta], ...], left: bool
) -> None:
    lead_id = lead(*(signal(key, ago) for key, ago in signals))
    [result] = explained(version(LEFT), lead_id).rules
    assert result.status == ("met" if left else "not_met")


@pytest.mark.parametrize(
    ("ago", "met", "due"),
    [
        (-TICK, "not_met", NOW + TICK),
        (timedelta(), "met", NOW + 7 * DAY),
        (7 * DAY - TICK, "met", NOW + TICK),
        (7 * DAY, "not_met", None),
    ],
)
def test_a_date_is_within_days_as_in_a_window(ago: timedelta, met: str, due: object) -> None:
    define_attributes()
    condition = AttributeCondition("own_date", Kind.DATE, Op.WITHIN_DAYS, (Decimal(7),))
    lead_id = lead(own_date=NOW - ago)
    [result] = explained(version(condition), lead_id).rules
    assert (result.status, score(version(condition), lead_id).due_at) == (met, due)


def test_what_happens_after_the_end_of_time_is_not_waited_for() -> None:
    define_attributes()
    days = AttributeCondition("own_date", Kind.DATE, Op.WITHIN_DAYS, (Decimal(36_525),))
    lead_id = lead(own_date=NOW.replace(year=9990))
    assert score(version(days), lead_id).due_at == NOW.replace(year=9990)
    assert score(version(days), lead_id, NOW.replace(year=9991)).due_at is None


def test_a_lead_that_came_at_the_end_of_time_is_explained() -> None:
    last_spring = NOW.replace(year=9999)
    lead_id = lead(age=NOW - last_spring)
    [result] = explained(version(IDLE), lead_id).rules
    assert (result.status, result.changes_at) == ("not_met", last_spring + 30 * DAY)
    [result] = explained(version(Inactivity(("dm_received",), days=365)), lead_id).rules
    assert (result.status, result.changes_at) == ("not_met", None)


def test_a_lead_may_be_scored_at_several_moments_at_once() -> None:
    lead_id = plant([LeadFacts(NOW, {}, None, (signal("dm_received", DAY),))])[0]
    found = evaluate_pairs(
        version(MONTH), [(lead_id, NOW, None), (lead_id, NOW - 2 * DAY, None), (0, NOW, None)]
    )
    assert [(row.as_of, row.hits) for row in found] == [(NOW - 2 * DAY, 0), (NOW, 1)]
    assert not Lead.objects.filter(pk=0).exists()
