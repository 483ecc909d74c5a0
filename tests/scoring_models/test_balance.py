"""The possible score and its balance (docs/scoring.md §4)."""

from dataclasses import replace

from scoring_models.balance import balance
from scoring_models.spec import Limits
from tests.scoring_models.reference import REFERENCE


def test_the_reference_model_is_balanced_by_its_cap() -> None:
    found = balance(REFERENCE)
    assert (found.engagement, found.fit, found.engagement_share) == (90, 40, 69)
    assert found.is_good


def test_without_its_cap_the_reference_model_is_not_balanced() -> None:
    found = balance(replace(REFERENCE, engagement=Limits()))
    assert (found.engagement, found.fit, found.engagement_share) == (190, 40, 83)
    assert not found.is_good


def test_rules_that_are_off_or_take_points_add_nothing() -> None:
    off = tuple(replace(rule, enabled=False) for rule in REFERENCE.rules)
    found = balance(replace(REFERENCE, rules=off))
    assert (found.engagement, found.fit, found.engagement_share) == (0, 0, None)
    assert not found.is_good
