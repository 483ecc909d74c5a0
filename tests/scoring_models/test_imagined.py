"""Leads that aren't there are scored as if they were, and leave nothing behind."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Account, Lead, Signal, Stale
from leadscoring.errors import DomainError
from scoring_models.evaluation import Detail
from scoring_models.imagined import Imagined, check_readable, details, known
from scoring_models.spec import (
    Dimension,
    GoldenSignal,
    HalfLife,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    Spec,
)
from tests import oracle, strategies
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.planting import define_attributes
from tests.scoring_models.reference import REFERENCE

NOW = strategies.BASE
BUYER = Imagined(
    attributes=(("job_title", "VP Sales"), ("company_size", "51-200"), ("ssi_score", Decimal("70.0"))),
    signals=(GoldenSignal("dm_received", Decimal(2)), *[GoldenSignal("post_comment", Decimal("0.5"))] * 4),
)

pytestmark = pytest.mark.django_db


def one(spec: Spec, lead: Imagined, at: datetime = NOW) -> Detail:
    [found] = details(spec, [lead], as_of=at)
    assert found is not None
    return found


def test_an_imagined_lead_gets_its_points() -> None:
    found = one(REFERENCE, BUYER)
    assert (found.engagement, found.fit, found.total) == (90, 30, 120)
    given = {result.rule.key: result.points for result in found.rules if result.points}
    assert given == {"comments": 60, "conversation": 40, "title": 15, "size": 10, "ssi": 5}


def test_what_its_signals_say_and_how_old_they_are_counts() -> None:
    priced = (PropertyCondition("path", Op.CONTAINS_ANY, ("pricing",)),)
    rule = RuleSpec(
        "priced", Dimension.FIT, 10, SignalAtLeast(("page_view",), where=priced, decay=HalfLife(2))
    )
    said = (("is_question", True), ("path", "/Pricing?plan=2"))
    lead = Imagined((), (GoldenSignal("page_view", Decimal(2), said), GoldenSignal("page_view", Decimal(0))))
    assert one(replace(REFERENCE, rules=(rule,)), lead).total == 5


def test_several_are_scored_at_once_and_come_in_their_order() -> None:
    nobody = Imagined(())
    totals = [found.total for found in details(REFERENCE, [nobody, BUYER, nobody], as_of=NOW) if found]
    assert totals == [0, 120, 0]


def test_one_who_did_nothing_came_just_now_and_is_not_idle() -> None:
    assert not one(REFERENCE, Imagined(())).rules[6].units
    long_ago = Imagined((), (GoldenSignal("profile_view", Decimal(90)),))
    assert one(REFERENCE, long_ago).rules[6].units


def test_nothing_is_written_numbered_or_marked() -> None:
    def left() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT last_value FROM pg_sequences WHERE sequencename LIKE 'leads%' ORDER BY sequencename"
            )
            numbers = cursor.fetchall()
        return [numbers, *(model.objects.count() for model in (Lead, Account, Signal, Stale))]

    before = left()
    one(REFERENCE, BUYER)
    assert left() == before


def test_no_statement_writes_or_locks() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    assert one(REFERENCE, BUYER).total == 120


def test_what_is_known_of_it_is_as_it_was_written() -> None:
    found = known(BUYER, NOW)
    assert found.values == {"job_title": "VP Sales", "company_size": "51-200", "ssi_score": "70.0"}
    assert found.moments(["dm_received"]) == [NOW - timedelta(days=2)]


@pytest.mark.parametrize(
    ("lead", "said"),
    [
        (Imagined((("shoe_size", "44"),)), "There is no attribute “shoe_size”"),
        (Imagined((("ssi_score", "much"),)), "LinkedIn SSI: “much”"),
        (Imagined((), (GoldenSignal("waved", Decimal(1)),)), "There is no signal type “waved”"),
    ],
)
def test_what_cannot_be_read_is_said(lead: Imagined, said: str) -> None:
    with pytest.raises(DomainError, match=said) as refusal:
        details(REFERENCE, [lead], as_of=NOW)
    assert refusal.value.code == "cannot_read"


def test_an_unreadable_value_is_found_without_scoring() -> None:
    with pytest.raises(DomainError):
        check_readable(Imagined((("ssi_score", "much"),)))
    check_readable(BUYER)


def imagined(lead: LeadFacts, at: datetime) -> Imagined:
    """The same lead, typed in. It has no past before its signals, and none that were taken back."""
    values = {**lead.person, **(lead.account or {})}
    day = Decimal(86_400_000_000)
    signals = tuple(
        GoldenSignal(signal.type, Decimal((at - signal.occurred_at) // timedelta(microseconds=1)) / day)
        for signal in lead.signals
    )
    return Imagined(tuple(values.items()), signals)


def typed_in(lead: LeadFacts, at: datetime) -> LeadFacts:
    """What the oracle sees of it: it came at the moment asked for, and all of it holds."""
    signals = tuple(SignalFact(signal.type, signal.occurred_at) for signal in lead.signals)
    return LeadFacts(at, lead.person, lead.account or {}, signals)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    spec=strategies.specs(),
    leads=st.lists(strategies.leads(), min_size=1, max_size=3),
    at=strategies.moments_asked(),
)
def test_imagined_leads_score_as_the_oracle_says(
    own_attributes: None, spec: Spec, leads: Sequence[LeadFacts], at: datetime
) -> None:
    found = details(spec, [imagined(lead, at) for lead in leads], as_of=at)
    for score, lead in zip(found, leads, strict=True):
        expected = oracle.score(spec, typed_in(lead, at), at)
        assert score is not None
        assert (score.engagement, score.fit, score.total, score.band) == (
            expected.engagement, expected.fit, expected.total, expected.band,
        )  # fmt: skip
        assert [each.points for each in score.rules] == [each.points for each in expected.rules]


@pytest.fixture
def own_attributes() -> None:
    define_attributes()
