"""Caps, floors, bands, hits and counts, and what the engine refuses to compute."""

import pytest

from leads.models import Lead
from leadscoring.errors import DomainError
from scoring_models.scoring import band_counts, detail
from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Condition,
    Dimension,
    Inactivity,
    Kind,
    Limits,
    Op,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from tests.scoring_models.engine.build import BANDS, DAY, NOW, lead, rule, score, signal, version

pytestmark = pytest.mark.django_db

ALWAYS = AttributeCondition("job_title", Kind.TEXT, Op.IS_NOT_SET)
NEVER = AttributeCondition("job_title", Kind.TEXT, Op.IS_SET)


def fit(points: int) -> RuleSpec:
    return RuleSpec(f"fit{points}", Dimension.FIT, points, ALWAYS)


def spec(*rules: RuleSpec, bands: tuple[BandSpec, ...] = BANDS, **limits: object) -> Spec:
    return Spec("Test", rules, bands, **{"floor": None, **limits})  # type: ignore[arg-type]


def sums(asked: Spec) -> tuple[int, int, int]:
    found = score(asked, lead())
    return found.engagement, found.fit, found.total


def test_a_cap_cuts_gains_and_swallows_no_penalty() -> None:
    rules = (rule(ALWAYS, 50, "a"), rule(ALWAYS, 60, "b"), rule(ALWAYS, -30, "c"))
    assert sums(spec(*rules, engagement=Limits(cap=90))) == (60, 0, 60)


def test_a_dimension_has_a_floor_and_the_total_has_both() -> None:
    rules = (rule(ALWAYS, -50), fit(20))
    assert sums(spec(*rules, engagement=Limits(floor=-40))) == (-40, 20, -20)
    assert sums(spec(*rules, floor=0)) == (-50, 20, 0)
    assert sums(spec(rule(ALWAYS, 50), fit(20), ceiling=60)) == (50, 20, 60)


@pytest.mark.parametrize(("points", "rank"), [(-5, 0), (30, 0), (31, 1), (60, 1), (61, 2), (500, 2)])
def test_a_band_begins_at_its_lower_edge(points: int, rank: int) -> None:
    bands = (*BANDS, BandSpec("top", "Top", 61))
    assert score(spec(fit(points), bands=bands), lead()).band == rank


def test_hits_count_the_enabled_rules_alone() -> None:
    off = RuleSpec("off", Dimension.FIT, 5, ALWAYS, enabled=False)
    assert score(spec(rule(NEVER, 1, "a"), off, rule(ALWAYS, 1, "b")), lead()).hits == 0b10


def test_the_sixtieth_rule_has_a_bit() -> None:
    assert score(version(*[ALWAYS] * 60), lead()).hits == 2**60 - 1


def test_counts_are_of_the_each_time_rules_in_their_order() -> None:
    comments, views = (SignalEach((key,), at_most=3) for key in ("post_comment", "profile_view"))
    lead_id = lead(signal("profile_view", DAY), signal("profile_view", 2 * DAY))
    assert score(version(comments, ALWAYS, views), lead_id).counts == [0, 2]
    assert score(version(comments, ALWAYS), lead_id).counts is None


def test_band_counts_name_every_band() -> None:
    lead(), lead()
    assert band_counts(spec(fit(31)), NOW) == {"low": 0, "high": 2}


def test_a_lead_that_is_not_there_has_no_detail() -> None:
    with pytest.raises(Lead.DoesNotExist):
        detail(version(ALWAYS), 0, NOW)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (AttributeCondition("shoe_size", Kind.NUMBER, Op.IS_SET), "no attribute “shoe_size”"),
        (SignalAtLeast(("sneeze",)), "no signal type “sneeze”"),
        (AttributeCondition("ssi_score", Kind.TEXT, Op.IS_SET), "“ssi_score” holds a number"),
        (Inactivity(("dm_received",), days=40_000), "40000 days"),
        (SignalEach(("dm_received",), at_most=40_000), "at most 32,767 times"),
    ],
)
def test_what_cannot_be_computed_is_refused_by_name(condition: Condition, said: str) -> None:
    with pytest.raises(DomainError, match=said) as refused:
        score(version(condition), 1)
    assert refused.value.code == "cannot_compute"


def test_more_rules_than_a_score_has_bits_are_refused() -> None:
    with pytest.raises(DomainError, match="at most 60"):
        score(version(*[ALWAYS] * 61), 1)


def test_points_that_no_column_holds_are_refused() -> None:
    with pytest.raises(DomainError, match="more than a score can hold"):
        score(spec(rule(ALWAYS, 2**31 - 1, "a"), rule(ALWAYS, 1, "b")), 1)
