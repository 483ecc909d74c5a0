"""Several models: a lead is scored by the first whose audience it matches, at every moment, on every path."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Attribute, Lead, Score
from leads.scorer import Coming, scorer
from leads.stale import mark_stale
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import drafts, scoring, versions
from scoring_models.evaluation import evaluate_pairs, frozen_spec
from scoring_models.explanation import explain_by_turn
from scoring_models.models import Activation, ModelVersion
from scoring_models.spec import AttributeCondition, Audience, Kind, Op, Spec
from tests import oracle, strategies
from tests.oracle import Later, LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import define_attributes, plant
from tests.scoring_models.reference import REFERENCE
from tests.strategies import TICK

pytestmark = pytest.mark.django_db

EXAMPLES = settings(max_examples=100, suppress_health_check=list(HealthCheck))
MANY_LEADS = st.lists(strategies.leads(), min_size=1, max_size=6)
KNOWN_AT = st.none() | strategies.moments_asked()
DAY = timedelta(days=1)
EVERYBODY: dict[str, Any] = {"low": 0, "high": 2**63 - 1}


@pytest.fixture(autouse=True)
def own_attributes(db: None) -> None:
    define_attributes()


@contextmanager
def planted(leads: Sequence[LeadFacts]) -> Iterator[dict[int, LeadFacts]]:
    with transaction.atomic():
        yield dict(zip(plant(leads), leads, strict=True))
        transaction.set_rollback(True)


def earlier_of(models: Sequence[Spec], place: int) -> tuple[Audience, ...]:
    return tuple(spec.whom for spec in models[:place])


@pytest.mark.slow
@EXAMPLES
@given(models=strategies.models(), leads=MANY_LEADS, as_of=strategies.moments_asked(), known_at=KNOWN_AT)
def test_each_lead_is_scored_once_by_the_first_model_that_it_matches(
    models: tuple[Spec, ...], leads: list[LeadFacts], as_of: datetime, known_at: datetime | None
) -> None:
    with planted(leads) as known:
        asked = [(lead_id, as_of, known_at) for lead_id in known]
        found = [
            (row.lead_id, place, row.total, row.band)
            for place, spec in enumerate(models)
            for row in evaluate_pairs(spec, asked, earlier=earlier_of(models, place))
        ]
    expected = []
    for lead_id, lead in known.items():
        place = oracle.scored_by(models, lead, as_of, known_at)
        assert place is not None
        said = oracle.score(models[place], lead, as_of, known_at)
        expected.append((lead_id, place, said.total, said.band))
    assert sorted(found) == sorted(expected)


@pytest.mark.slow
@EXAMPLES
@given(models=strategies.models(), leads=MANY_LEADS, as_of=strategies.moments_asked(), known_at=KNOWN_AT)
def test_a_lead_is_due_before_any_model_takes_or_gives_it(
    models: tuple[Spec, ...], leads: list[LeadFacts], as_of: datetime, known_at: datetime | None
) -> None:
    with planted(leads) as known:
        asked = [(lead_id, as_of, known_at) for lead_id in known]
        due = {
            row.lead_id: row.due_at
            for place, spec in enumerate(models)
            for row in evaluate_pairs(spec, asked, earlier=earlier_of(models, place))
        }
    for lead_id, lead in known.items():
        change = oracle.first_change(models, lead, as_of, known_at)
        due_at = due[lead_id]
        assert due_at is None or due_at > as_of
        assert change is None or (due_at is not None and due_at <= change)


# The passes, with three models whose audiences rest on a value, on a date and on the stage of a journey.

RENEWING = AttributeCondition("own_date", Kind.DATE, Op.WITHIN_DAYS, (Decimal(30),))
IN_GERMANY = AttributeCondition("country", Kind.TEXT, Op.IS, ("de",))
DECIDING = AttributeCondition("journey_stage", Kind.CHOICE, Op.IS, ("decision",))


def a_model(name: str, *audience: AttributeCondition, **changes: Any) -> Spec:
    return replace(REFERENCE, model=name, audience=audience, **changes)


LAST = REFERENCE
SECOND = a_model("Deciding", DECIDING, bands=REFERENCE.bands[:2])
FIRST = a_model("Renewing", RENEWING, bands=REFERENCE.bands[:3], floor=5)


@pytest.fixture
def live() -> list[ModelVersion]:
    """The live versions, in the order of their models: one that is new goes first."""
    return [go_live(spec) for spec in (LAST, SECOND, FIRST)][::-1]


def plant_some(now: datetime) -> dict[int, LeadFacts]:
    """Of each model a lead, and some that go from one to another within a day."""
    asked = (SignalFact("demo_request", now - 2 * DAY),)
    left_soon = (SignalFact("dm_received", now - 90 * DAY + DAY / 2),)
    leads = [
        LeadFacts(now - 100 * DAY, {"own_date": now - DAY}, None, asked),
        LeadFacts(now - 100 * DAY, {"own_date": now - 30 * DAY + DAY / 4}, None, asked),
        LeadFacts(now - 100 * DAY, {"own_date": now + DAY / 3}, None, left_soon),
        LeadFacts(now - 100 * DAY, {}, None, left_soon),
        LeadFacts(now - 100 * DAY, {"job_title": "VP"}, None, ()),
        LeadFacts(
            now - 100 * DAY,
            {},
            later=(Later("own_date", now, now + DAY / 5, now - DAY, "m1"),),
        ),
    ]
    known = dict(zip(plant(leads), leads, strict=True))
    Lead.objects.filter(pk=max(known)).update(next_value_at=now + DAY / 5)
    return known


def stored() -> dict[int, tuple[int, int, int]]:
    rows = Score.objects.values_list("lead_id", "version_id", "total", "band")
    return {lead_id: (version_id, total, band) for lead_id, version_id, total, band in rows}


def expected(
    live: Sequence[ModelVersion], known: dict[int, LeadFacts], at: datetime
) -> dict[int, tuple[int, int, int]]:
    specs = [frozen_spec(version.digest) for version in live]
    found = {}
    for lead_id, lead in known.items():
        place = oracle.scored_by(specs, lead, at)
        assert place is not None
        said = oracle.score(specs[place], lead, at)
        found[lead_id] = (live[place].pk, said.total, said.band - len(specs[place].bands))
    return found


def test_every_pass_scores_each_lead_by_its_own_model(live: list[ModelVersion]) -> None:
    now = timezone.now()
    known = plant_some(now)
    wanted = expected(live, known, now)
    assert {version for version, _, _ in wanted.values()} == {version.pk for version in live}

    scoring.score_range(**EVERYBODY)
    assert stored() == wanted
    Score.objects.all().delete()
    scoring.score_leads(known)
    assert stored() == wanted
    for _ in range(2):  # at first what is live must be asked for, then it is thought to be known
        Score.objects.all().delete()
        mark_stale(known)
        assert scoring.score_stale() == len(known)
        assert stored() == wanted


def test_whoever_goes_to_another_model_is_due_by_then(live: list[ModelVersion]) -> None:
    now = timezone.now()
    known = plant_some(now)
    scoring.score_range(**EVERYBODY)
    for hours in range(1, 25):
        at = now + timedelta(hours=hours)
        while scoring.score_due(now=at):
            pass
        assert {key: row[:2] for key, row in stored().items()} == {
            key: row[:2] for key, row in expected(live, known, at).items()
        }


def test_what_only_a_retired_version_asked_for_may_go(live: list[ModelVersion]) -> None:
    [lead_id] = plant([LeadFacts(timezone.now(), {})])
    scoring.score_leads([lead_id])  # this process thinks from here on that it knows what is live
    Activation.objects.filter(version=live[0]).update(ends_at=timezone.now())
    Attribute.objects.filter(key="own_date").delete()
    mark_stale([lead_id])
    assert scoring.score_stale() == 1
    assert stored()[lead_id][0] == live[-1].pk


def test_a_lead_that_was_never_told_of_is_scored_by_the_last(live: list[ModelVersion]) -> None:
    [lead_id] = plant([LeadFacts(timezone.now(), {})])
    scoring.score_leads([lead_id])
    assert stored()[lead_id][0] == live[-1].pk


def test_a_lead_is_explained_by_the_model_that_scored_it_then() -> None:
    now = timezone.now()
    live = [go_live(spec, at=now - 50 * DAY) for spec in (LAST, FIRST)][::-1]
    [lead_id] = plant([LeadFacts(now - 100 * DAY, {"own_date": now - 10 * DAY})])

    said = [scorer().explain(lead_id, as_of=now - days * DAY) for days in (0, 10, 11, 60)]

    assert [each and each.version_id for each in said] == [
        *(live[0].pk, live[0].pk, live[-1].pk),
        live[-1].pk,  # nothing was live: what is live now is asked
    ]
    assert said[0] is not None
    assert said[0].due_at == now + 20 * DAY
    assert said[0].band == scorer().scales().of(live[0].pk).bands[0]


def test_an_explanation_is_due_when_an_earlier_model_takes_the_lead(live: list[ModelVersion]) -> None:
    now = timezone.now()
    [lead_id] = plant([LeadFacts(now - 300 * DAY, {"own_date": now + 2 * DAY})])
    said = explain_by_turn(lead_id, as_of=now)
    assert said is not None
    assert (said.version_id, said.due_at) == (live[-1].pk, now + 2 * DAY)
    then = explain_by_turn(lead_id, as_of=now + 2 * DAY)
    assert then is not None
    assert then.version_id == live[0].pk
    assert scorer().coming(lead_id, at=then.as_of) == Coming(then.as_of, then.total, then.band, then.due_at)
    before = explain_by_turn(lead_id, as_of=now + 2 * DAY - TICK)
    assert before is not None
    assert before.version_id == live[-1].pk


def test_scales_are_told_in_the_order_of_models_with_earlier_ones_after_them(
    live: list[ModelVersion],
) -> None:
    assert [scale.version_id for scale in scorer().scales().live] == [version.pk for version in live]
    Activation.objects.filter(version=live[0]).update(ends_at=timezone.now())
    scales = scorer().scales()
    assert [scale.version_id for scale in scales.live] == [version.pk for version in live[1:]]
    assert scales.of(live[0].pk).version_id == live[0].pk


def test_a_model_behind_one_that_scores_everybody_scores_nobody() -> None:
    behind, before = go_live(LAST), go_live(a_model("Everybody else"))
    [lead_id] = plant([LeadFacts(timezone.now(), {"country": "DE"})])
    scoring.score_leads([lead_id])
    assert stored()[lead_id][0] == before.pk
    assert before.pk != behind.pk


# Whoever no other model scores is scored by the last one: its audience is everybody.


@pytest.fixture
def sue() -> User:
    """She may do anything."""
    return User.objects.create_user("sue@example.com", name="Sue", is_superuser=True)


def refusal(verb: Callable[[], object]) -> DomainError:
    with pytest.raises(DomainError) as refused, transaction.atomic():
        verb()
    return refused.value


def test_the_first_model_there_is_scores_everybody() -> None:
    refused = refusal(lambda: go_live(FIRST))
    assert refused.code == "last_audience"
    assert refused.sentence.startswith("“Renewing” would be the last model that is asked")
    assert not Activation.objects.exists()


def test_a_version_of_the_last_model_with_an_audience_is_not_submitted(
    live: list[ModelVersion], sue: User
) -> None:
    now = timezone.now()
    draft = drafts.create(spec=replace(LAST, audience=(RENEWING,)), actor=sue, at=now)
    assert refusal(lambda: versions.submit(version=draft, actor=sue, at=now)).code == "last_audience"
    other = drafts.create(spec=replace(SECOND, audience=(IN_GERMANY,)), actor=sue, at=now)
    assert versions.submit(version=other, actor=sue, at=now).digest


def test_no_version_with_an_audience_is_gone_back_to_as_the_last(live: list[ModelVersion], sue: User) -> None:
    """Which would be so where the model behind it were not live any more."""
    now = timezone.now()
    Activation.objects.filter(version=live[-1]).update(ends_at=now)
    Activation.objects.filter(version=live[1]).update(ends_at=now)
    refused = refusal(lambda: versions.go_back(version=live[1], actor=sue, at=now + timedelta(seconds=1)))
    assert refused.code == "last_audience"
