"""The SQL engine and the naive evaluator say the same about everything, time included."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Merge
from scoring_models.evaluation import Evaluated, LeadRange, detail, evaluate, evaluate_pairs
from scoring_models.explanation import lines_of
from scoring_models.score_range import best_question, score_range
from scoring_models.spec import Kind, Spec
from tests import oracle, strategies
from tests.oracle import LeadFacts
from tests.scoring_models.planting import define_attributes, plant
from tests.strategies import ACCOUNT, BASE, PERSON, TICK

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

# Each example is a version on several leads at several moments, so these are thousands of cases.
EXAMPLES = settings(max_examples=200, suppress_health_check=list(HealthCheck))
FEWER_EXAMPLES = settings(EXAMPLES, max_examples=50)

MANY_LEADS = st.lists(strategies.leads(), min_size=1, max_size=8)
SOME_LEADS = st.lists(strategies.leads(), min_size=1, max_size=3)
KNOWN_AT = st.none() | strategies.moments_asked()
CLOCKS = st.lists(
    st.tuples(strategies.moments_asked(), KNOWN_AT),
    min_size=1,
    max_size=4,
    unique_by=lambda clocks: clocks[0],
)


@dataclass(frozen=True)
class Row:
    """A row of the engine, but for `due_at`, which has tests of its own. No counts, no weights: none counted.

    Weights are rounded, since two ways of adding them up may differ in the last digit.
    """

    engagement: int
    fit: int
    total: int
    band: int
    last_intent_at: datetime | None
    hits: int
    counts: tuple[int, ...]
    weights: tuple[float, ...]


def found(scores: Iterable[Evaluated]) -> dict[tuple[int, datetime], Row]:
    return {
        (score.lead_id, score.as_of): Row(
            engagement=score.engagement,
            fit=score.fit,
            total=score.total,
            band=score.band,
            last_intent_at=score.last_intent_at,
            hits=score.hits,
            counts=tuple(score.counts or ()),
            weights=tuple(round(weight, 9) for weight in score.weights or ()),
        )
        for score in scores
    }


def expected(spec: Spec, lead: LeadFacts, as_of: datetime, known_at: datetime | None = None) -> Row:
    result = oracle.score(spec, lead, as_of, known_at)
    pairs = list(zip(spec.enabled_rules, result.rules, strict=True))
    counts = tuple(found.count for rule, found in pairs if rule.repeats)
    units = [found.units for rule, found in pairs if rule.decays]
    return Row(
        engagement=result.engagement,
        fit=result.fit,
        total=result.total,
        band=result.band,
        last_intent_at=result.last_intent_at,
        hits=sum(1 << place for place, rule in enumerate(result.rules) if rule.count),
        counts=counts if any(counts) else (),
        weights=tuple(round(one, 9) for one in units) if any(units) else (),
    )


@contextmanager
def planted(leads: Sequence[LeadFacts]) -> Iterator[dict[int, LeadFacts]]:
    """Leads by their ids, in the database for the length of one example."""
    with transaction.atomic():
        yield dict(zip(plant(leads), leads, strict=True))
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def own_attributes(db: None) -> None:
    define_attributes()


@EXAMPLES
@given(spec=strategies.specs(), leads=MANY_LEADS, clocks=CLOCKS)
def test_every_column_is_what_the_oracle_says(
    spec: Spec, leads: list[LeadFacts], clocks: list[tuple[datetime, datetime | None]]
) -> None:
    with planted(leads) as known:
        rows = {
            (lead_id, as_of): expected(spec, lead, as_of, known_at)
            for lead_id, lead in known.items()
            for as_of, known_at in clocks
        }
        asked = [(lead_id, *both) for lead_id in known for both in clocks]
        assert found(evaluate_pairs(spec, asked)) == rows


@EXAMPLES
@given(spec=strategies.specs(), leads=MANY_LEADS, clocks=CLOCKS)
def test_an_absorbed_lead_is_scored_where_the_two_are_not_one(
    spec: Spec, leads: list[LeadFacts], clocks: list[tuple[datetime, datetime | None]]
) -> None:
    with planted(leads) as known:
        apart = {
            merge.absorbed_id: absorbed
            for lead_id, lead in known.items()
            for merge, absorbed in zip(
                Merge.objects.filter(kept=lead_id).order_by("pk"), lead.absorbed, strict=True
            )
            if not absorbed.is_colleague
        }
        rows = {
            (lead_id, as_of): expected(spec, absorbed.lead, as_of, known_at)
            for lead_id, absorbed in apart.items()
            for as_of, known_at in clocks
            if not absorbed.holds(as_of, known_at)
        }
        asked = [(lead_id, *both) for lead_id in apart for both in clocks]
        assert found(evaluate_pairs(spec, asked)) == rows
        for score in evaluate_pairs(spec, asked):
            absorbed, known_at = apart[score.lead_id], dict(clocks)[score.as_of]
            gone_at = absorbed.merged_at
            if absorbed.holds(gone_at, known_at) and gone_at > score.as_of:
                assert score.due_at is not None and score.due_at <= gone_at


@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.NUMBER, Kind.DATE])
@settings(EXAMPLES, max_examples=40)
@given(data=st.data())
def test_values_compare_as_the_oracle_says(kind: Kind, data: st.DataObject) -> None:
    conditions = data.draw(st.lists(strategies.conditions_on(kind), min_size=20, max_size=20))
    values = data.draw(st.lists(strategies.VALUES[kind], min_size=10, max_size=20))
    spec = strategies.spec_of(conditions)
    leads = [
        LeadFacts(BASE, dict.fromkeys(PERSON[kind], value), dict.fromkeys(ACCOUNT[kind], value))
        for value in values
    ]
    with planted(leads) as known:
        rows = {(lead_id, BASE): expected(spec, lead, BASE) for lead_id, lead in known.items()}
        assert found(evaluate(spec, as_of=BASE, leads=known)) == rows


@FEWER_EXAMPLES
@given(spec=strategies.specs(), leads=MANY_LEADS, as_of=strategies.moments_asked(), known_at=KNOWN_AT)
def test_leads_by_id_and_ranges_of_leads_score_as_rows_do(
    spec: Spec, leads: list[LeadFacts], as_of: datetime, known_at: datetime | None
) -> None:
    with planted(leads) as known:
        rows = list(evaluate_pairs(spec, [(lead_id, as_of, known_at) for lead_id in sorted(known)]))
        assert list(evaluate(spec, as_of=as_of, known_at=known_at, leads=known)) == rows
        everybody = LeadRange(min(known), max(known) + 1)
        assert list(evaluate(spec, as_of=as_of, known_at=known_at, leads=everybody)) == rows


@EXAMPLES
@given(spec=strategies.specs(), leads=MANY_LEADS, as_of=strategies.moments_asked(), known_at=KNOWN_AT)
def test_nothing_changes_before_it_is_due(
    spec: Spec, leads: list[LeadFacts], as_of: datetime, known_at: datetime | None
) -> None:
    with planted(leads) as known:
        now = list(evaluate_pairs(spec, [(lead_id, as_of, known_at) for lead_id in known]))
        due = {score.lead_id: score.due_at for score in now}
        last_moments = [(lead_id, due_at - TICK, known_at) for lead_id, due_at in due.items() if due_at]
        later = list(evaluate_pairs(spec, last_moments))
    rows = {lead_id: replace(row, weights=()) for (lead_id, _), row in found(now).items()}
    for score, row in zip(later, found(later).values(), strict=True):
        assert replace(row, weights=()) == rows[score.lead_id]
        assert_same_due(score.due_at, due[score.lead_id], exactly=not oracle.decays(spec))
    for lead_id, lead in known.items():
        assert_due(due[lead_id], oracle.first_change([spec], lead, as_of, known_at), as_of)
        assert oracle.decays(spec) or due[lead_id] in {None, *oracle.moments_of(spec, lead)}


def assert_same_due(one: datetime | None, other: datetime | None, *, exactly: bool) -> None:
    """A half point is found by a closed form, less up to a second, in double precision."""
    assert exactly is False or one == other
    assert (one is None) == (other is None)
    assert one is None or other is None or abs(one - other) < timedelta(seconds=2)


def assert_due(due_at: datetime | None, change: datetime | None, as_of: datetime) -> None:
    """`due_at` comes after `as_of`, and may be early but never late."""
    assert due_at is None or due_at > as_of
    assert change is None or (due_at is not None and due_at <= change)


@FEWER_EXAMPLES
@given(spec=strategies.specs(), leads=SOME_LEADS, as_of=strategies.moments_asked())
def test_each_rule_and_each_limit_is_explained_as_the_oracle_has_it(
    spec: Spec, leads: list[LeadFacts], as_of: datetime
) -> None:
    with planted(leads) as known:
        for lead_id, lead in known.items():
            result, score = oracle.score(spec, lead, as_of), detail(spec, lead_id, as_of)
            lines = lines_of(spec, score)
            rules = [(line.key, line.status.value, line.points) for line in lines if line.status != "clip"]
            assert rules == [(rule.key, rule.status.value, rule.points) for rule in result.rules]
            clips = tuple((line.key, line.points) for line in lines if line.status == "clip")
            assert clips == result.clips
            assert sum(line.points for line in lines) == score.total == result.total
            assert all(line.evidence for line in lines if line.status != "clip")


@FEWER_EXAMPLES
@given(spec=strategies.specs(max_rules=9), leads=SOME_LEADS, as_of=strategies.moments_asked())
def test_the_range_is_that_of_every_combination_and_the_best_question_narrows_it_most(
    spec: Spec, leads: list[LeadFacts], as_of: datetime
) -> None:
    with planted(leads) as known:
        for lead_id, lead in known.items():
            rules = detail(spec, lead_id, as_of).rules
            totals = oracle.totals_possible(spec, oracle.score(spec, lead, as_of).rules)
            assert score_range(spec, rules) == (min(totals), max(totals))
            assert best_question(spec, rules) == oracle.best_question(spec, lead, as_of)


@FEWER_EXAMPLES
@given(spec=strategies.specs(), leads=SOME_LEADS, as_of=strategies.moments_asked())
def test_a_rule_holds_until_the_moment_that_its_line_names(
    spec: Spec, leads: list[LeadFacts], as_of: datetime
) -> None:
    with planted(leads) as known:
        untils = {
            (lead_id, place): result.changes_at
            for lead_id in known
            for place, result in enumerate(detail(spec, lead_id, as_of).rules)
            if result.changes_at
        }
    for (lead_id, place), until in untils.items():
        then = oracle.score(spec, known[lead_id], until - TICK).rules[place]
        assert until > as_of
        assert then == oracle.score(spec, known[lead_id], as_of).rules[place]


@settings(EXAMPLES, max_examples=10)
@given(
    spec=strategies.specs(min_rules=60, max_rules=60, disabled=False),
    leads=SOME_LEADS,
    as_of=strategies.moments_asked(),
)
def test_a_version_may_have_sixty_rules(spec: Spec, leads: list[LeadFacts], as_of: datetime) -> None:
    with planted(leads) as known:
        rows = {(lead_id, as_of): expected(spec, lead, as_of) for lead_id, lead in known.items()}
        assert found(evaluate(spec, as_of=as_of, leads=known)) == rows
