"""A lead as seen with one moment for everything is the lead that the engine scores as of that moment."""

from dataclasses import replace
from datetime import datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.score_steps import Moment
from scoring_models.evaluation import Detail, Evaluated, detail, evaluate_pairs
from scoring_models.seen import Clocks
from scoring_models.seen import detail as detail_seen
from scoring_models.seen import evaluated as evaluated_seen
from scoring_models.spec import Spec
from tests import strategies
from tests.oracle import LeadFacts
from tests.scoring_models.planting import define_attributes, plant

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

EXAMPLES = settings(max_examples=50, suppress_health_check=list(HealthCheck))
KNOWN_AT = st.none() | strategies.moments_asked()


@pytest.fixture(autouse=True)
def own_attributes(db: None) -> None:
    define_attributes()


def of_now(row: Evaluated | None) -> Evaluated | None:
    """A row without what it says of later: what happens later isn't seen."""
    return row and row._replace(due_at=None)


def told(found: Detail) -> list[object]:
    return [found.total, found.band, *((one.rule.key, one.status, one.points) for one in found.rules)]


@EXAMPLES
@given(spec=strategies.specs(), lead=strategies.leads(), as_of=strategies.moments_asked(), known_at=KNOWN_AT)
def test_one_moment_for_everything_is_the_engines_own_view(
    spec: Spec, lead: LeadFacts, as_of: datetime, known_at: datetime | None
) -> None:
    with transaction.atomic():
        [lead_id] = plant([lead])
        clocks = Clocks.of(Moment(as_of, known_at))
        [row] = evaluate_pairs(spec, [(lead_id, as_of, known_at)])
        assert of_now(evaluated_seen(spec, lead_id, clocks)) == of_now(row)
        assert told(detail_seen(spec, lead_id, clocks)) == told(detail(spec, lead_id, as_of, known_at))
        transaction.set_rollback(True)


@EXAMPLES
@given(spec=strategies.specs(), lead=strategies.leads(), as_of=strategies.moments_asked())
def test_signals_that_were_unseen_are_as_good_as_not_there(
    spec: Spec, lead: LeadFacts, as_of: datetime
) -> None:
    kept = tuple(replace(one, retracted_at=None) for one in lead.signals)
    lead = replace(
        lead, signals=kept, colleagues=(), absorbed=()
    )  # theirs, and what was taken back, may be unseen, too
    came = sorted(one.received_at or one.occurred_at for one in lead.signals)[::2]
    without = replace(
        lead, signals=tuple(one for one in lead.signals if (one.received_at or one.occurred_at) not in came)
    )
    with transaction.atomic():
        one, other = plant([lead, without])
        clocks = Clocks.of(Moment(as_of))
        unseen = evaluated_seen(spec, one, replace(clocks, unseen=tuple(came)))
        there = evaluated_seen(spec, other, clocks)
        assert unseen is not None
        assert unseen._replace(lead_id=other) == there
        transaction.set_rollback(True)
