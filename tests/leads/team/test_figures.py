"""What managers see of their teams, against leads that are counted by hand."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from leads import overrides, reassigning
from leads.dealing import Way
from leads.models import Activity, Lead, OverrideKind, OverrideReason, Response
from leads.reassigning import Selection
from leads.scorer import Scales
from leads.team import answers, fairness, given, load, queues
from leads.team.given import Given
from leadscoring.people.models import User
from leadscoring.people.teams import capacities
from tests.leads.work.conftest import NOW, Cast, make_lead
from tests.leads.work.fixed_scorer import REFERENCE

SCALES = Scales((REFERENCE,))
HOUR = timedelta(hours=1)


def queue_of(user: User | None, cast: Cast, *, now: Any = NOW) -> queues.Queue:
    found = queues.queues([cast.north.pk], SCALES, now=now)
    return next(queue for queue in found if queue.owner_id == (user.pk if user else queues.NOBODY))


def give(lead: Lead, to: User, cast: Cast, *, at: Any = NOW) -> None:
    reassigning.reassign(
        selection=Selection(lead_ids=(lead.pk,)), way=Way.PEOPLE, to=[to], expected=1, actor=cast.carol, at=at
    )


def given_now(cast: Cast, *, now: Any = NOW) -> list[Given]:
    return given.given([cast.north.pk], SCALES, now=now)


class TestQueues:
    def test_open_leads_are_counted_by_person_and_band(self, cast: Cast) -> None:
        for total, owner in ((90, cast.alice), (85, cast.alice), (70, cast.alice), (40, cast.bob), (5, None)):
            make_lead(cast.north, total, owner=owner)
        make_lead(cast.north, 90, owner=cast.alice, is_open=False)
        make_lead(cast.south, 90, owner=cast.dan)

        assert queue_of(cast.alice, cast).open == {"hot": 2, "sql": 1}
        assert queue_of(cast.bob, cast).open == {"mql": 1}
        assert queue_of(None, cast).open == {"nurture": 1}
        assert len(queues.queues([cast.north.pk], SCALES, now=NOW)) == 3

    def test_an_override_counts_where_it_puts_the_lead(self, cast: Cast) -> None:
        raised, held = (make_lead(cast.north, total, owner=cast.alice) for total in (40, 90))
        common: dict[str, Any] = {"reason": OverrideReason.MET, "actor": cast.alice, "at": NOW}
        overrides.set_override(lead_id=raised.pk, kind=OverrideKind.POINTS, points=50, **common)
        overrides.set_override(lead_id=held.pk, kind=OverrideKind.HOLD, **common)

        assert +queue_of(cast.alice, cast).open == {"hot": 1}

    def test_waiting_and_overdue_are_those_whose_clock_runs(self, cast: Cast) -> None:
        for due in (NOW - HOUR, NOW + HOUR):
            lead = make_lead(cast.north, 90, owner=cast.alice)
            Response.objects.create(
                lead=lead, team_id=cast.north.pk, owner_id=cast.alice.pk, signal_at=NOW, due_at=due
            )
        queue = queue_of(cast.alice, cast)

        assert (queue.waiting, queue.overdue) == ({"hot": 2}, {"hot": 1})


class TestGiven:
    def test_it_is_what_somebody_was_given_with_its_band_and_first_answer(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 90)
        give(lead, cast.bob, cast)
        for hours, actor in ((1, cast.alice), (2, cast.bob), (3, cast.bob)):
            Activity.objects.create(
                lead=lead, actor=actor, verb=Activity.Verb.NO_ANSWER, at=NOW + hours * HOUR
            )

        assert given_now(cast, now=NOW + 4 * HOUR) == [
            Given(lead.pk, cast.north.pk, cast.bob.pk, NOW, "hot", 2 * HOUR)
        ]

    def test_what_is_undone_or_no_touch_or_of_the_next_owner_is_no_answer(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 90)
        give(lead, cast.bob, cast)
        later = NOW + 5 * HOUR
        calls = Activity.Verb.NO_ANSWER
        Activity.objects.create(lead=lead, actor=cast.bob, verb=calls, at=NOW + HOUR, undone_at=NOW + HOUR)
        Activity.objects.create(lead=lead, actor=cast.bob, verb=Activity.Verb.SIGNAL, at=NOW + HOUR)
        give(lead, cast.alice, cast, at=NOW + 2 * HOUR)
        Activity.objects.create(lead=lead, actor=cast.bob, verb=calls, at=NOW + 3 * HOUR)

        assert [(one.owner_id, one.answer) for one in given_now(cast, now=later)] == [
            (cast.alice.pk, None),
            (cast.bob.pk, None),
        ]

    def test_only_of_the_last_30_days_and_the_teams_asked_for(self, cast: Cast) -> None:
        old, new = make_lead(cast.north, 90), make_lead(cast.north, 90)
        give(old, cast.bob, cast, at=NOW - timedelta(days=31))
        give(new, cast.bob, cast)

        assert [one.lead_id for one in given_now(cast)] == [new.pk]
        assert given.given([cast.south.pk], SCALES, now=NOW) == []


class TestAnswers:
    def test_median_and_ninetieth_are_of_the_answered_ones(self) -> None:
        times = [timedelta(minutes=n) for n in range(1, 11)]
        leads = [Given(0, 0, 0, NOW, "hot", time) for time in (*times, None)]
        found = answers.answers(leads)

        assert (found.given, found.answered) == (11, 10)
        assert (found.median, found.p90) == (timedelta(minutes=5.5), timedelta(minutes=9))
        assert answers.answers([]) == answers.Answers(0, 0, None, None)


class TestFairness:
    def test_shares_are_of_each_band(self) -> None:
        leads = [
            Given(0, 0, owner, NOW, band, None)
            for owner, band in ((1, "hot"), (1, "hot"), (2, "hot"), (2, "mql"))
        ]
        found = fairness.shares(leads)

        assert found[1]["hot"].leads == 2 and found[1]["hot"].share == pytest.approx(2 / 3)
        assert found[2]["mql"].share == 1.0
        interval = found[1]["hot"].interval
        assert interval is not None and interval.low < 2 / 3 < interval.high

    @pytest.mark.parametrize(
        ("statistic", "freedom", "exact"),
        [(3.841, 1, 0.05), (6.635, 1, 0.01), (9.488, 4, 0.05), (18.307, 10, 0.05), (4.605, 2, 0.1)],
    )
    def test_the_tail_is_that_of_the_tables(self, statistic: float, freedom: int, exact: float) -> None:
        assert fairness.upper_tail(statistic, freedom) == pytest.approx(exact, abs=0.01)

    def test_an_even_deal_is_likely_and_a_lopsided_one_is_not(self) -> None:
        even = {1: {"hot": 20, "mql": 40}, 2: {"hot": 21, "mql": 39}}
        lopsided = {1: {"hot": 35, "mql": 25}, 2: {"hot": 6, "mql": 54}}

        likely, unlikely = fairness.chance(even), fairness.chance(lopsided)
        assert likely is not None and likely > 0.5
        assert unlikely is not None and unlikely < 0.001

    @pytest.mark.parametrize(
        "counts",
        [{}, {1: {"hot": 50}}, {1: {"hot": 9}, 2: {"hot": 9}}, {1: {"a": 3, "b": 3}, 2: {"a": 3, "b": 3}}],
    )
    def test_too_little_says_nothing(self, counts: dict[int, dict[str, int]]) -> None:
        assert fairness.chance(counts) is None

    @drawn(st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab")), max_size=60))
    def test_it_is_a_chance_and_knows_no_order(self, leads: list[tuple[int, str]]) -> None:
        def chance(some: list[tuple[int, str]]) -> float | None:
            counts: dict[int, Counter[str]] = {}
            for owner, band in some:
                counts.setdefault(owner, Counter())[band] += 1
            return fairness.chance(counts)

        found = chance(leads)
        assert found is None or 0 <= found <= 1
        again = chance(leads[::-1])
        assert found is None if again is None else found == pytest.approx(again)


def test_capacity_is_reps_times_what_each_works_and_what_came_is_counted_once(cast: Cast) -> None:
    type(cast.north).objects.filter(pk=cast.north.pk).update(leads_a_rep_a_day=7)
    lead, cold = make_lead(cast.north, 90), make_lead(cast.north, 5)
    for to in (cast.alice, cast.bob):
        give(lead, to, cast)
    give(cold, cast.bob, cast)
    [north] = load.loads([cast.north.pk], given_now(cast), bands={"hot", "sql", "mql"}, now=NOW)

    assert (north.reps, north.a_day, north.came, north.days) == (2, 14, 1, 30)
    assert [one.a_day for one in capacities() if one.team == cast.north] == [14]


def test_everything_takes_few_statements(cast: Cast, django_assert_max_num_queries: Any) -> None:
    for total in range(0, 120, 4):
        make_lead(cast.north, total, owner=cast.alice)
    with django_assert_max_num_queries(8):
        queues.queues([cast.north.pk], SCALES, now=NOW)
        load.loads([cast.north.pk], given_now(cast), bands={"hot"}, now=NOW)
