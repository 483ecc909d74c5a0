"""What signals say, and what colleagues do."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from leads.ingestion.property_facts import facts_of
from leads.ingestion.signals import add_signal, retract_signal
from leads.models import Account, Lead, Score, SignalDetail
from scoring_models import scoring
from scoring_models.evaluation import evaluate
from scoring_models.spec import (
    AccountActivity,
    HalfLife,
    Op,
    PropertyCondition,
    SignalAtLeast,
    SignalEach,
    Spec,
)
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.engine.build import DAY, NOW, explained, lead, score, version
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant

pytestmark = pytest.mark.django_db

Said = str | bool | int | Decimal


def where(name: str, op: Op, *values: str | Decimal) -> tuple[PropertyCondition, ...]:
    return (PropertyCondition(name, op, values),)


def viewed(ago: timedelta, **properties: Said) -> SignalFact:
    return SignalFact("page_view", NOW - ago, properties=properties)


# Properties.


@pytest.mark.parametrize(
    ("said", "condition", "matches"),
    [
        ({"path": "/Pricing/Teams"}, where("path", Op.CONTAINS_ANY, "pricing"), True),
        ({"path": "/pricingtable"}, where("path", Op.CONTAINS_ANY, "pricing"), False),
        ({"path": "  STRASSE "}, where("path", Op.IS, "strasse"), True),
        ({"path": "Straße"}, where("path", Op.IS, "strasse"), True),
        ({"visits": 3}, where("visits", Op.AT_LEAST, Decimal(3)), True),
        ({"visits": "3.50"}, where("visits", Op.BETWEEN, Decimal(3), Decimal("3.5")), True),
        ({"visits": "many"}, where("visits", Op.AT_MOST, Decimal(3)), False),
        ({"visits": Decimal("3.50")}, where("visits", Op.IS, "3.5"), True),
        ({"is_question": True}, where("is_question", Op.IS_TRUE), True),
        ({"is_question": "FALSE"}, where("is_question", Op.IS_FALSE), True),
        ({"is_question": "maybe"}, where("is_question", Op.IS_FALSE), False),
        ({}, where("path", Op.IS_NOT, "x"), False),
        ({}, where("path", Op.IS_NOT_SET), True),
        ({"path": " "}, where("path", Op.IS_SET), False),
        ({"path": "a"}, where("path", Op.IS, "a") + where("topic", Op.IS_SET), False),
        ({"path": "a"}, (PropertyCondition("path", Op.IS_NONE_OF, (), "an empty list"),), False),
    ],
)
def test_a_signal_matches_by_what_it_says(
    said: dict[str, Said], condition: tuple[PropertyCondition, ...], matches: bool
) -> None:
    spec = version(SignalAtLeast(("page_view",), where=condition))
    assert score(spec, lead(viewed(DAY, **said))).hits == matches


def test_only_signals_that_match_are_counted_and_fade() -> None:
    priced = where("path", Op.CONTAINS_ANY, "pricing")
    spec = version(
        SignalEach(("page_view",), 3, where=priced, decay=HalfLife(1)), SignalEach(("page_view",), 3)
    )
    lead_id = lead(viewed(DAY, path="/pricing"), viewed(2 * DAY, path="/pricing"), viewed(DAY, path="/jobs"))
    found = score(spec, lead_id)
    assert (found.counts, found.weights) == ([2, 3], [0.75])
    assert explained(spec, lead_id).rules[0].moments == (NOW - 2 * DAY, NOW - DAY)


def test_what_signals_say_is_kept_as_rules_compare_it_when_it_is_written() -> None:
    lead_id = lead()
    said = {"path": "/Pricing", "n": 2.50, "yes": True, "tags": ["a"], "none": None, "": "x"}
    key = add_signal(
        lead_id=lead_id,
        type_key="page_view",
        occurred_at=NOW,
        received_at=NOW,
        source="web",
        properties=said,
    )
    assert key is not None
    detail = SignalDetail.objects.get(pk=key)
    assert detail.properties == said
    assert detail.facts == {"path": ["/pricing", "pricing"], "n": ["2.5", "2 5"], "yes": ["true"], "": ["x"]}
    assert facts_of({"tags": ["a"]}) is None


# Colleagues.

TWO = AccountActivity(("page_view",), people=2, window_days=30)


def colleague(*days: float) -> LeadFacts:
    return LeadFacts(NOW, {}, None, tuple(viewed(day * DAY) for day in days))


def with_colleagues(*colleagues: LeadFacts, own: tuple[SignalFact, ...] = ()) -> int:
    return plant([LeadFacts(NOW, {}, {}, own, colleagues=colleagues)])[0]


@pytest.mark.parametrize(
    ("colleagues", "own", "met", "leaves_in"),
    [
        ((colleague(1), colleague(2)), (), True, 28),
        ((colleague(1), colleague(2)), (viewed(1.5 * DAY),), True, 28),
        ((colleague(1), colleague(2)), (viewed(2 * DAY),), True, 28),
        ((colleague(1), colleague(2), colleague(3)), (), True, 28),
        ((colleague(1, 2, 3),), (viewed(DAY),), False, None),
        ((colleague(1), colleague(31)), (), False, None),
        ((), (viewed(DAY), viewed(2 * DAY)), False, None),
    ],
)
def test_enough_others_of_the_account_must_have_acted(
    colleagues: tuple[LeadFacts, ...], own: tuple[SignalFact, ...], met: bool, leaves_in: int | None
) -> None:
    found = score(version(TWO), with_colleagues(*colleagues, own=own))
    assert found.hits == met
    assert found.due_at == (None if leaves_in is None else NOW + leaves_in * DAY)


def test_a_colleagues_signal_that_is_still_to_come_is_waited_for() -> None:
    found = score(version(TWO), with_colleagues(colleague(1), colleague(-3)))
    assert (found.hits, found.due_at) == (0, NOW + 3 * DAY)


def test_without_an_account_it_is_not_met() -> None:
    found = explained(version(TWO), lead(viewed(DAY))).rules[0]
    assert (found.status, found.units) == ("not_met", 0)


def live(spec: Spec) -> None:
    go_live(spec, at=timezone.now() - DAY)
    scoring.score_range(low=0, high=2**62)


def acts(lead_id: int) -> None:
    now = timezone.now()
    add_signal(
        lead_id=lead_id,
        type_key="page_view",
        occurred_at=now,
        received_at=now,
        source="t",
        message_id=str(lead_id),
    )


@pytest.fixture
def team() -> list[int]:
    account = Account.objects.create()
    leads = Lead.objects.bulk_create(Lead(account=account, created_at=NOW) for _ in range(3))
    return [each.pk for each in leads]


def hits(lead_id: int) -> int:
    while scoring.score_stale():
        pass
    return Score.objects.get(pk=lead_id).hits


def test_what_colleagues_do_and_take_back_is_scored_at_once(team: list[int]) -> None:
    live(version(TWO))
    me, first, second = team
    acts(first)
    assert hits(me) == 0
    acts(second)
    assert (hits(me), hits(first)) == (1, 0)
    key = SignalDetail.objects.get(message_id=str(second)).pk
    retract_signal(key=key, at=timezone.now())
    assert hits(me) == 0


def test_without_an_account_rule_colleagues_are_left_alone(team: list[int]) -> None:
    live(version(SignalAtLeast(("page_view",))))
    acts(team[2])
    assert hits(team[2]) == 1
    before = Score.objects.get(pk=team[0]).scored_at
    acts(team[1])
    assert hits(team[1]) == 1
    assert Score.objects.get(pk=team[0]).scored_at == before


def test_who_has_left_was_a_colleague_before(team: list[int]) -> None:
    me, first, second = team
    stranger = Lead.objects.create(account=Account.objects.create(), created_at=NOW)
    acts(first)
    acts(second)
    before = timezone.now()
    Lead.objects.filter(pk=second).update(account=stranger.account_id)
    after = timezone.now()
    spec = version(AccountActivity(("page_view",), people=1), TWO)
    assert [score(spec, lead_id, before).hits for lead_id in (me, stranger.pk)] == [3, 0]
    assert [score(spec, lead_id, after).hits for lead_id in (me, stranger.pk)] == [1, 1]
    [known_before] = evaluate(spec, as_of=after, known_at=before, leads=[me])
    assert known_before.hits == 3
