"""A draft of one model among others counts the leads that it would score, and no others."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Lead, Outcome, OutcomeKind
from leadscoring.people.models import User
from scoring_models import drafts, golden, hits, live_preview, trial
from scoring_models.band_table import band_table
from scoring_models.evidence_pack.backtest import backtest
from scoring_models.evidence_pack.impact import Exchange, Selection, exchanges, impact, in_queues, moved_leads
from scoring_models.evidence_pack.parts import Subject
from scoring_models.evidence_pack.sales import sales_ranks
from scoring_models.health.census import take_census
from scoring_models.health.report import report
from scoring_models.imagined import Imagined
from scoring_models.models import Hits
from scoring_models.preview import preview
from scoring_models.spec import AttributeCondition, GoldenLead, Kind, Op, Spec
from scoring_models.turns import asked_before
from tests import oracle, strategies
from tests.oracle import Fact, LeadFacts
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import define_attributes, plant
from tests.scoring_models.reference import REFERENCE
from tests.scoring_models.test_engine_against_oracle import planted
from tests.strategies import STAGE_OF

pytestmark = pytest.mark.django_db

EXAMPLES = settings(max_examples=25, suppress_health_check=list(HealthCheck))
LEADS = st.lists(strategies.leads().map(lambda lead: replace(lead, colleagues=(), absorbed=())), max_size=6)
DAY = timedelta(days=1)
GERMAN = AttributeCondition("country", Kind.TEXT, Op.IS, ("de",))
ABLE = AttributeCondition("ssi_score", Kind.NUMBER, Op.AT_LEAST, (Decimal(70),))


@pytest.fixture(autouse=True)
def own_attributes(db: None) -> None:
    define_attributes()


Band = int | None


def bands(models: tuple[Spec, ...], place: int, leads: list[LeadFacts], at: datetime) -> list[Band]:
    """The band that a model in its place gives each lead; None where it doesn't score it."""
    return [
        oracle.score(models[place], lead, at, at).band
        if oracle.scored_by(models, lead, at, at) == place
        else None
        for lead in leads
    ]


@pytest.mark.slow
@EXAMPLES
@given(
    models=strategies.models(max_rules=4),
    changed=strategies.models(max_rules=4),
    place=st.integers(0, 2),
    leads=LEADS,
    at=strategies.moments_asked(),
)
def test_previews_and_evidence_count_as_the_oracle_does(
    models: tuple[Spec, ...], changed: tuple[Spec, ...], place: int, leads: list[LeadFacts], at: datetime
) -> None:
    place %= len(models)
    # Hits count journeys by the stages of today.
    models, changed = (tuple(replace(spec, stages=STAGE_OF) for spec in some) for some in (models, changed))
    live, earlier = models[place], tuple(spec.whom for spec in models[:place])
    # The last model's audience stays everybody.
    draft = changed[0] if place < len(models) - 1 else replace(changed[0], audience=())
    then = (*models[:place], draft, *models[place + 1 :])
    with planted(leads) as known:
        Lead.objects.filter(pk__in=known).update(is_open=True)
        system = User.objects.system()
        version = drafts.create(spec=REFERENCE, actor=system, at=at)
        begun = hits.begin(version, hits.rules_to_count(draft, live, earlier=earlier), at=at)
        assert hits.work(begun, seconds=60)
        shown = preview(draft, live, Hits.objects.get(pk=begun.pk), earlier)
        found = impact(live, draft, as_of=at, earlier=earlier)
        exchanged = exchanges(
            [(str(number), spec.whom) for number, spec in enumerate(models)],
            [(str(number), spec.whom) for number, spec in enumerate(then)],
            as_of=at,
        )
        census = take_census(draft, at=at, earlier=earlier)
        named = [(str(number), spec) for number, spec in enumerate(models)]
        before, after = tuple(named[:place]), tuple(named[place + 1 :])
        elsewhere = in_queues(Subject(draft, live, 2, 1, at, "", before, after).others, as_of=at)
    was, becomes = bands(models, place, leads, at), bands(then, place, leads, at)
    assert {row.key: row.then for row in shown.table.rows if row.then is not None} == {
        band.key: becomes.count(rank) for rank, band in enumerate(draft.bands)
    }
    assert shown.others == becomes.count(None)
    pairs = Counter((n, t) for n, t in zip(was, becomes, strict=True) if (n, t) != (None, None))
    assert Counter({(cell.was, cell.becomes): cell.leads for cell in found.cells}) == pairs
    owners = [
        (oracle.scored_by(models, lead, at, at), oracle.scored_by(then, lead, at, at)) for lead in leads
    ]
    expected = [
        Exchange(str(other), owners.count((other, place)), owners.count((place, other)))
        for other in range(len(models))
        if other != place
    ]
    assert exchanged == [each for each in expected if each.takes or each.gives]
    of_others = [bands(then, other, leads, at) for other in range(len(then)) if other != place]
    worked = [sales_ranks(spec.bands) for spec in (*models[:place], *models[place + 1 :])]
    assert elsewhere == Counter(
        {None: sum(band in ranks for ranks, found in zip(worked, of_others, strict=True) for band in found)}
    )
    in_census = [oracle.scored_by(then, lead, at) == place for lead in leads]
    assert census.leads == sum(in_census)


@pytest.fixture
def leads() -> list[int]:
    """Three Germans, of whom one is able, and one from elsewhere."""
    created = timezone.now() - 90 * DAY
    germans: list[dict[str, Fact]] = [{"country": "DE"} for _ in range(3)]
    germans[2]["ssi_score"] = Decimal(80)
    return plant([LeadFacts(created, person) for person in (*germans, {})])


@pytest.fixture
def models() -> tuple[Spec, Spec]:
    """Of the able and of everybody, live."""
    last, able = REFERENCE, replace(REFERENCE, model="Able", audience=(ABLE,))
    for spec in (last, able):
        go_live(spec)
    return able, last


def test_a_first_draft_with_an_audience_says_what_it_takes(
    models: tuple[Spec, Spec], leads: list[int]
) -> None:
    now, system = timezone.now(), User.objects.system()
    spec = replace(REFERENCE, audience=(GERMAN,))
    draft = drafts.new_model(name="Germans", spec=spec, actor=system, at=now)
    assert asked_before(draft.model, at=now) == ()
    shown = live_preview.current(draft, spec)[0]
    assert shown is not None
    assert (shown.table.leads, shown.others, shown.leads) == (3, 1, 4)
    assert exchanges(
        [("Able", models[0].whom), ("Last", models[1].whom)],
        [("Germans", spec.whom), ("Able", models[0].whom), ("Last", models[1].whom)],
        as_of=timezone.now(),
    ) == [Exchange("Able", 1, 0), Exchange("Last", 2, 0)]
    assert band_table(None, spec, at=now).leads == 3


def test_leads_that_come_and_go_are_listed(models: tuple[Spec, Spec], leads: list[int]) -> None:
    now = timezone.now()
    live, wider = models[0], replace(models[0], audience=(GERMAN,))

    def listed(was: Spec, becomes: Spec, way: str) -> list[int]:
        chosen = Selection(moved=way)
        return [each.lead_id for each in moved_leads(was, becomes, chosen, as_of=now)]

    assert (listed(live, wider, "in"), listed(live, wider, "out")) == (leads[:2], [])
    assert (listed(wider, live, "in"), listed(wider, live, "out")) == ([], leads[:2])
    assert impact(wider, live, as_of=now).leads == 3


def test_past_outcomes_are_of_leads_that_the_draft_scores(
    models: tuple[Spec, Spec], leads: list[int]
) -> None:
    now = timezone.now()
    for place, lead_id in enumerate(leads):
        kind = OutcomeKind.CONVERTED if place % 2 else OutcomeKind.LOST
        Outcome.objects.create(lead_id=lead_id, kind=kind, at=now - DAY, recorded_at=now - DAY)
    draft = replace(models[0], audience=(GERMAN,))
    found = backtest(models[0], draft, until=now, a_day=5)
    assert (found.leads, found.wins) == (3, 1)
    assert found.live is not None
    assert sum(band.leads for band in found.live.bands) == 1
    last = backtest(models[1], models[1], until=now, a_day=5, earlier=(models[0].whom,))
    assert last.leads == 3


def test_health_looks_at_those_leads_alone(models: tuple[Spec, Spec], leads: list[int]) -> None:
    now = timezone.now()
    assert report(models[0], at=now).leads == 1
    assert report(models[1], at=now, earlier=(models[0].whom,)).leads == 3


def test_a_trial_says_when_another_model_scores_the_lead(models: tuple[Spec, Spec], leads: list[int]) -> None:
    now = timezone.now()
    able, last = models
    on_german = trial.on_lead(leads[0], able, last, as_of=now)
    assert on_german.tested is not None and on_german.live is not None
    assert (on_german.tested.is_scored, on_german.live.is_scored) == (False, True)
    known = Imagined((("ssi_score", Decimal(90)),))
    typed_in = trial.on_imagined(known, last, able, as_of=now, earlier=(able.whom,))
    assert typed_in.tested is not None
    assert not typed_in.tested.is_scored


def test_a_golden_lead_outside_the_audience_is_red(models: tuple[Spec, Spec]) -> None:
    outside = GoldenLead("Outside", (), (), "mql", None)
    inside = GoldenLead("Inside", (("ssi_score", Decimal(90)),), (), "nurture", None)
    spec = replace(models[0], golden=(outside, inside))
    checked = golden.check(spec, as_of=timezone.now())
    assert [each.is_green for each in checked] == [False, True]
    assert checked[0].got == "is not scored by this model"
