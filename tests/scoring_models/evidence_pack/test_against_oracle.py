"""Moves and backtest over any versions and leads, late data and taken back data included, by the oracle."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Lead, Outcome, OutcomeKind
from scoring_models.evidence_pack.backtest import scored_before
from scoring_models.evidence_pack.impact import Selection, impact, moved_leads
from scoring_models.past_cases import past_cases
from scoring_models.spec import Spec
from tests import oracle, strategies
from tests.oracle import LeadFacts
from tests.scoring_models.planting import LONG_AGO, define_attributes, plant
from tests.strategies import BASE

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = settings(max_examples=30, suppress_health_check=list(HealthCheck))
LEADS = st.lists(strategies.leads(), min_size=1, max_size=6)


@pytest.fixture(autouse=True)
def own_attributes(db: None) -> None:
    define_attributes()


@EXAMPLES
@given(live=strategies.specs(), other=strategies.specs(), leads=LEADS, as_of=strategies.moments_asked())
def test_moves_are_what_the_oracle_says_of_both_versions(
    live: Spec, other: Spec, leads: list[LeadFacts], as_of: datetime
) -> None:
    said = [
        (oracle.score(live, lead, as_of, as_of), oracle.score(other, lead, as_of, as_of)) for lead in leads
    ]
    with transaction.atomic():
        ids = plant(leads)
        Lead.objects.exclude(pk__in=ids).update(is_open=False)  # their colleagues, who aren't asked about
        found = impact(live, other, as_of=as_of)
        listed = list(moved_leads(live, other, Selection(), as_of=as_of))
        transaction.set_rollback(True)
    bands = [(was.band, becomes.band) for was, becomes in said]
    assert {(cell.was, cell.becomes): cell.leads for cell in found.cells} == Counter(bands)
    assert [(moved.was, moved.becomes) for moved in listed] == bands
    for place, rule in enumerate(other.enabled_rules):
        assert found.touched[rule.key] == sum(becomes.rules[place].count > 0 for _, becomes in said)


@EXAMPLES
@given(spec=strategies.specs(), leads=LEADS, days=st.integers(0, 20))
def test_each_outcome_is_scored_by_what_was_known_before_its_day(
    spec: Spec, leads: list[LeadFacts], days: int
) -> None:
    ended = BASE + timedelta(days=days)
    midnight = ended.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = midnight - timedelta(microseconds=1)
    with transaction.atomic():
        ids = plant(leads)
        Outcome.objects.bulk_create(
            Outcome(lead_id=pk, kind=OutcomeKind.CONVERTED, at=ended, recorded_at=ended) for pk in ids
        )
        cases, too_new = past_cases(until=ended)
        found = {tested.lead_id: (tested.total, tested.band) for tested in scored_before(spec, cases)}
        transaction.set_rollback(True)
    there = {
        pk: lead
        for pk, lead in zip(ids, leads, strict=True)
        if max(lead.created_at, lead.recorded_at or LONG_AGO) <= moment
    }
    assert too_new == len(leads) - len(there)
    said = {pk: oracle.score(spec, lead, moment, moment) for pk, lead in there.items()}
    assert found == {pk: (score.total, score.band) for pk, score in said.items()}
