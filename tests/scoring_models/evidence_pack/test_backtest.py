"""Past outcomes: what versions would have said before each, and nothing that was only learned later."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models import F

from leads.models import Account, DatedValue, Lead, Outcome, OutcomeKind, Signal, SignalType
from scoring_models.evidence_pack.backtest import Backtest, Verdict, backtest, scored_before
from scoring_models.past_cases import past_cases
from scoring_models.spec import Spec
from tests import oracle
from tests.scoring_models.evidence_pack.conftest import DRAFT, FACTS, LIVE, NOW

ENDED = NOW - timedelta(days=10)
BEFORE = datetime(2026, 10, 22, 23, 59, 59, 999_999, tzinfo=UTC)  # the day before ENDED


def end(lead_ids: Iterable[int], kind: OutcomeKind, *, at: datetime = ENDED) -> None:
    Outcome.objects.bulk_create(
        Outcome(lead_id=lead_id, kind=kind, at=at, recorded_at=at) for lead_id in lead_ids
    )


def happen(lead_id: int, type_key: str, occurred_at: datetime, received_at: datetime | None = None) -> None:
    Signal.objects.create(
        lead_id=lead_id,
        type=SignalType.objects.get(key=type_key),
        occurred_at=occurred_at,
        received_at=received_at or occurred_at,
        key=uuid4(),
    )


def become_heads(lead_ids: Iterable[int], *, known_at: datetime) -> None:
    """From the day before the moment of the test on all are heads of sales, which is known since then."""
    since = BEFORE - timedelta(days=1)
    DatedValue.objects.bulk_create(
        DatedValue(lead_id=pk, key="job_title", value="head of sales", since=since, recorded_at=known_at)
        for pk in lead_ids
    )


def run(live: Spec | None = LIVE, other: Spec = DRAFT) -> Backtest:
    return backtest(live, other, until=NOW, a_day=6)


@pytest.fixture
def ended(leads: list[int]) -> list[int]:
    """Sixty leads that ended on one day: every third was won, the others lost or disqualified."""
    end(leads[::3], OutcomeKind.CONVERTED)
    end(leads[1::3], OutcomeKind.LOST)
    end(leads[2::3], OutcomeKind.DISQUALIFIED)
    return leads


def test_each_lead_is_scored_as_of_the_last_moment_of_the_day_before(ended: list[int]) -> None:
    cases, too_new = past_cases(until=NOW)
    assert {case.moment for case in cases} == {BEFORE} and not too_new
    for tested, facts in zip(scored_before(DRAFT, cases), FACTS, strict=True):
        said = oracle.score(DRAFT, facts, BEFORE)
        assert (tested.total, tested.band) == (said.total, said.band)


def test_what_happened_on_the_day_of_the_outcome_or_later_changes_nothing(ended: list[int]) -> None:
    before = run()
    for days in (0, 0.3, 5):
        for lead_id in ended[::2]:
            happen(lead_id, "dm_received", BEFORE + timedelta(days=days, microseconds=1))
    assert run() == before
    for lead_id in ended[::2]:
        happen(lead_id, "dm_received", BEFORE)
    assert run() != before


def test_what_was_received_or_taken_back_after_that_moment_changes_nothing(ended: list[int]) -> None:
    before = run()
    for lead_id in ended:
        happen(lead_id, "dm_received", BEFORE - timedelta(days=3), BEFORE + timedelta(microseconds=1))
    assert run() == before
    known = Signal.objects.filter(received_at__lte=BEFORE)
    known.update(retracted_at=BEFORE + timedelta(microseconds=1))
    assert run() == before
    known.update(retracted_at=BEFORE)
    assert run() != before


def test_what_attributes_became_after_that_moment_changes_nothing(ended: list[int]) -> None:
    """Titles are changed now, and dated before the outcome but learned of after it."""
    before = run()
    Lead.objects.filter(pk__in=ended).update(job_title="head of sales")
    Account.objects.update(industry="software", company_size="1-10")
    assert run() == before
    become_heads(ended, known_at=BEFORE + timedelta(microseconds=1))
    assert run() == before
    become_heads(ended, known_at=BEFORE)
    assert run() != before


def test_wins_capacity_and_bands_are_what_the_oracle_counts(ended: list[int]) -> None:
    found = run()
    said = [oracle.score(DRAFT, facts, BEFORE) for facts in FACTS]
    assert (found.leads, found.wins, found.worked) == (60, 20, 6)
    assert found.other.missed == sum(score.band == 0 for score in said[::3])
    for band in found.other.bands:
        assert band.leads == sum(score.band == band.rank for score in said)
        assert band.wins == sum(score.band == band.rank for score in said[::3])
    won, others = [s.total for s in said[::3]], [s.total for i, s in enumerate(said) if i % 3]
    pairs = [(w > o) + (w == o) / 2 for w in won for o in others]
    assert found.other.auc is not None
    assert found.other.auc.value == pytest.approx(sum(pairs) / len(pairs))


def test_under_a_hundred_outcomes_nothing_is_called_better_or_worse(ended: list[int]) -> None:
    found = run()
    assert found.verdict is Verdict.TOO_FEW
    assert found.other.auc is not None and found.other.auc.interval is not None
    assert found.difference is not None and found.difference.interval is not None


def test_with_enough_outcomes_the_interval_decides(ended: list[int]) -> None:
    """A rule that only those have who were won is better; its opposite is worse."""
    came = NOW - timedelta(days=90)
    more = Lead.objects.bulk_create(Lead(created_at=came, recorded_at=came) for _ in range(80))
    end((lead.pk for lead in more), OutcomeKind.LOST)
    for lead_id in ended[::3]:
        happen(lead_id, "content_share", BEFORE - timedelta(days=1))
    better = Spec(LIVE.model, tuple(rule for rule in LIVE.rules if rule.key == "saves"), LIVE.bands)
    worse = Spec(LIVE.model, tuple(rule for rule in LIVE.rules if rule.key == "idle"), LIVE.bands, floor=None)
    assert run(worse, better).verdict is Verdict.BETTER
    assert run(better, worse).verdict is Verdict.WORSE
    assert run(better, better).verdict is Verdict.NO_DIFFERENCE
    assert run(None, better).verdict is Verdict.NOTHING_LIVE


def test_without_outcomes_or_with_one_kind_it_says_so(leads: list[int]) -> None:
    assert run().verdict is Verdict.NO_OUTCOMES
    assert run().other.auc is None and run().other.precision is None
    end(leads[:5], OutcomeKind.CONVERTED)
    assert run().verdict is Verdict.ONE_KIND
    assert run().other.auc is None and run().other.gains


def test_undone_later_and_ancient_outcomes_do_not_count(leads: list[int]) -> None:
    end(leads[:1], OutcomeKind.CONVERTED, at=NOW + timedelta(seconds=1))
    end(leads[1:2], OutcomeKind.CONVERTED, at=NOW - timedelta(days=366))
    end(leads[2:3], OutcomeKind.CONVERTED)
    Outcome.objects.filter(lead_id=leads[2]).update(voided_at=ENDED)
    end(leads[3:4], OutcomeKind.CONVERTED)
    Outcome.objects.filter(lead_id=leads[3]).update(recorded_at=NOW + timedelta(days=1))
    assert past_cases(until=NOW) == ([], 0)


def test_a_lead_that_came_on_the_day_of_its_outcome_is_left_out(ended: list[int]) -> None:
    Lead.objects.filter(pk=ended[0]).update(created_at=BEFORE + timedelta(microseconds=1))
    Lead.objects.filter(pk=ended[1]).update(created_at=BEFORE)
    found = run()
    assert (found.leads, found.too_new) == (59, 1)
    Lead.objects.filter(pk=ended[1]).update(created_at=F("created_at") + timedelta(microseconds=1))
    assert run().too_new == 2
    Lead.objects.filter(pk=ended[2]).update(recorded_at=BEFORE + timedelta(microseconds=1))
    assert run().too_new == 3
