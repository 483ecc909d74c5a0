"""The numbers of the editor: counted once, weighed again, and always what a full evaluation says."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Score
from leadscoring.people.models import User
from scoring_models import drafts, hits, rescoring, versions
from scoring_models.evaluation import evaluate
from scoring_models.models import Hits, ModelVersion
from scoring_models.preview import Preview, preview
from scoring_models.spec import AttributeCondition, Dimension, RuleSpec, Spec
from scoring_models.spec_text import spec_of
from tests import strategies
from tests.oracle import LeadFacts
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import define_attributes, plant
from tests.scoring_models.reference import REFERENCE
from tests.scoring_models.test_engine_against_oracle import planted
from tests.strategies import BASE

pytestmark = pytest.mark.django_db

EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))
MANY_LEADS = st.lists(strategies.leads(), min_size=0, max_size=8)
LONG = 60.0


@pytest.fixture
def draft() -> ModelVersion:
    return drafts.create(spec=REFERENCE, actor=User.objects.system(), at=BASE)


@pytest.fixture
def own_attributes(db: None) -> None:
    define_attributes()


def count(version: ModelVersion, *specs: Spec | None, at: datetime = BASE) -> Hits:
    found = hits.begin(version, hits.rules_to_count(*specs), at=at)
    assert hits.work(found, seconds=LONG)
    return Hits.objects.get(pk=found.pk)


def bands(spec: Spec, at: datetime) -> dict[int, str]:
    return {row.lead_id: spec.bands[row.band].key for row in evaluate(spec, as_of=at, known_at=at)}


def assert_true(shown: Preview, spec: Spec, live: Spec | None, at: datetime) -> None:
    """The numbers are those of a full evaluation of both versions."""
    then = bands(spec, at)
    assert {row.key: row.then for row in shown.table.rows if row.then is not None} == {
        band.key: list(then.values()).count(band.key) for band in spec.bands
    }
    assert shown.table.leads == len(then)
    if live is None:
        assert not shown.table.has_live and not shown.moves
        return
    now = bands(live, at)
    assert {row.key: row.now for row in shown.table.rows if row.now is not None} == {
        band.key: list(now.values()).count(band.key) for band in live.bands
    }
    moved = Counter((now[lead], then[lead]) for lead in then if now[lead] != then[lead])
    found = {
        (move.before.key, move.after.key): move.leads
        for move in shown.moves
        if move.before is not None and move.after is not None
    }
    assert found == moved


def assert_fired(shown: Preview, spec: Spec, at: datetime) -> None:
    """Each rule counts for as many leads as it fires for when it is turned on."""
    rows = list(evaluate(replace(spec, rules=all_on(spec.rules)), as_of=at, known_at=at))
    for place, rule in enumerate(spec.rules):
        assert shown.fired[rule.key] == sum(row.hits >> place & 1 for row in rows)


def all_on(rules: Iterable[RuleSpec]) -> tuple[RuleSpec, ...]:
    return tuple(replace(rule, enabled=True) for rule in rules)


@pytest.mark.slow
@EXAMPLES
@given(
    spec=strategies.specs(),
    live=st.none() | strategies.specs(),
    leads=MANY_LEADS,
    at=strategies.moments_asked(),
)
def test_the_numbers_are_those_of_a_full_evaluation(
    draft: ModelVersion,
    own_attributes: None,
    spec: Spec,
    live: Spec | None,
    leads: list[LeadFacts],
    at: datetime,
) -> None:
    with planted(leads):
        shown = preview(spec, live, count(draft, spec, live, at=at))
        assert_true(shown, spec, live, at)
        assert_fired(shown, spec, at)


@st.composite
def reweighed(draw: st.DrawFn, spec: Spec) -> Spec:
    """The same rules or fewer in another order, with other points, caps, floors, bands, on or off."""
    rules = draw(st.permutations(spec.rules).map(lambda rules: rules[: draw(st.integers(0, len(rules)))]))
    other = draw(strategies.specs(max_rules=0))
    return replace(other, rules=tuple(draw(worth(rule)) for rule in rules))


def worth(rule: RuleSpec) -> st.SearchStrategy[RuleSpec]:
    return st.builds(
        lambda points, dimension, on: replace(rule, points=points, dimension=dimension, enabled=on),
        strategies.POINTS,
        st.sampled_from(list(Dimension)),
        st.booleans(),
    )


@pytest.mark.slow
@EXAMPLES
@given(data=st.data(), spec=strategies.specs(), leads=MANY_LEADS, at=strategies.moments_asked())
def test_another_weight_of_the_same_rules_needs_no_new_count(
    draft: ModelVersion,
    own_attributes: None,
    data: st.DataObject,
    spec: Spec,
    leads: list[LeadFacts],
    at: datetime,
) -> None:
    changed = data.draw(reweighed(spec))
    with planted(leads):
        counted = count(draft, spec, at=at)
        assert hits.find(draft, hits.rules_to_count(changed, spec)) == counted
        assert_true(preview(changed, spec, counted), changed, spec, at)


@pytest.mark.slow
@EXAMPLES
@given(
    spec=strategies.specs(),
    audience=st.lists(strategies.attribute_conditions(), min_size=1, max_size=2).map(tuple),
    leads=MANY_LEADS,
    at=strategies.moments_asked(),
)
def test_only_leads_of_the_audience_are_counted(
    draft: ModelVersion,
    own_attributes: None,
    spec: Spec,
    audience: tuple[AttributeCondition, ...],
    leads: list[LeadFacts],
    at: datetime,
) -> None:
    first, *others = audience
    member = RuleSpec("member", Dimension.FIT, 1, first, only_when=tuple(others))
    with planted(leads):
        narrowed = replace(spec, audience=audience)
        shown = preview(narrowed, spec, count(draft, narrowed, spec, at=at))
        everybody = bands(spec, at)
        rows = evaluate(replace(spec, rules=(member,)), as_of=at, known_at=at)
        members = {row.lead_id for row in rows if row.hits}
        expected = Counter(everybody[lead] for lead in members)
        assert {row.key: row.then for row in shown.table.rows if row.then} == expected
        outside = Counter(band for lead, band in everybody.items() if lead not in members)
        assert {move.before.key: move.leads for move in shown.moves if move.before} == outside
        assert all(move.after is None for move in shown.moves)


def test_what_is_shown_is_what_activation_produces(draft: ModelVersion) -> None:
    live = go_live()
    leads = [LeadFacts(BASE, {"job_title": title}, None, ()) for title in ("VP", "Clerk", "Head")]
    plant(leads)
    system = User.objects.system()
    spec = replace(REFERENCE, rules=tuple(replace(rule, points=rule.points * 3) for rule in REFERENCE.rules))
    version = drafts.create(spec=spec, actor=system, at=timezone.now())
    shown = preview(spec, spec_of(live), count(version, spec, spec_of(live), at=timezone.now()))
    other = replace(spec, model="Another")
    run = versions.set_up(spec=other, actor=system, at=timezone.now())
    while rescoring.work_next_shard(run_id=run.pk):
        pass
    ranks = Counter(Score.objects.values_list("band", flat=True))
    assert {row.rank: row.then for row in shown.table.rows} == {
        rank: ranks[rank - len(spec.bands)] for rank in range(len(spec.bands))
    }
    assert shown.table.leads == len(leads)
