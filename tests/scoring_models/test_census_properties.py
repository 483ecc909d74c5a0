"""What rule health counts in the database is what one would count with the oracle, lead by lead."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scoring_models.health.census import take_census
from scoring_models.spec import Dimension, RuleSpec, Spec
from tests import oracle, strategies
from tests.oracle import LeadFacts, Result, Status
from tests.scoring_models.planting import define_attributes, plant

LEADS = st.lists(strategies.leads().map(lambda lead: replace(lead, colleagues=(), absorbed=())), max_size=4)
EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@contextmanager
def planted(leads: Sequence[LeadFacts]) -> Iterator[None]:
    with transaction.atomic():
        plant(leads)
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def own_attributes(db: None) -> None:
    define_attributes()


def without(spec: Spec, rule: RuleSpec) -> Spec:
    return replace(spec, rules=tuple(each for each in spec.rules if each is not rule))


def is_hidden(spec: Spec, place: int, result: Result) -> bool:
    """Whether the gains of the other rules reach the cap already."""
    rule = spec.enabled_rules[place]
    cap = spec.limits(rule.dimension).cap
    if cap is None or rule.points < 0 or not result.rules[place].count:
        return False
    others = (
        given.points
        for other, given in zip(spec.enabled_rules, result.rules, strict=True)
        if other is not rule and other.dimension is rule.dimension and given.points > 0
    )
    return sum(others) >= cap


@EXAMPLES
@given(spec=strategies.specs(max_rules=6), leads=LEADS, at=strategies.moments_asked())
def test_the_census_counts_what_the_oracle_says(spec: Spec, leads: list[LeadFacts], at: datetime) -> None:
    with planted(leads):
        census = take_census(spec, at=at)
    results = [oracle.score(spec, lead, at) for lead in leads]
    assert census.leads == len(leads)
    assert census.bands == tuple(
        sum(result.band == rank for result in results) for rank in range(len(spec.bands))
    )
    for dimension in Dimension:
        mine, other = ("engagement", "fit") if dimension is Dimension.ENGAGEMENT else ("fit", "engagement")
        alone = sum(getattr(each, mine) > 0 >= getattr(each, other) for each in results)
        assert census.one_sided[dimension] == alone
    for place, (rule, count) in enumerate(zip(spec.enabled_rules, census.rules, strict=True)):
        given = [result.rules[place] for result in results]
        assert count.fired == sum(bool(each.count) for each in given)
        assert count.unsure == sum(each.status is Status.UNKNOWN for each in given)
        assert count.hidden == sum(is_hidden(spec, place, result) for result in results)
        fallen = [
            rule.points > 0 and bool(result.rules[place].count)
            and oracle.score(without(spec, rule), lead, at).band < result.band
            for lead, result in zip(leads, results, strict=True)
        ]  # fmt: skip
        assert count.needed == tuple(
            sum(fell and result.band == rank for fell, result in zip(fallen, results, strict=True))
            for rank in range(len(spec.bands))
        )
        if count.fired:
            with_it = [result for result in results if result.rules[place].count]
            always = [
                all(result.rules[other].count for result in with_it) for other in range(len(census.rules))
            ]
            assert [bool(count.always_with >> other & 1) for other in range(len(census.rules))] == always
