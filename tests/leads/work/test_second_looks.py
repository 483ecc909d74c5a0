"""Second looks: who can be drawn, with which odds, once a day, and how long they stay."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from leads import overrides, second_looks
from leads.ingestion.signals import add_signal
from leads.models import Activity, Lead, OverrideKind, OverrideReason, Score, SecondLook, SecondLookDraw
from leads.queue import claims, snoozes
from leads.scorer import Scales
from leads.team.fairness import upper_tail
from leadscoring.people.models import Team
from leadscoring.people.teams import Capacity
from tests.leads.work.conftest import NOW, Cast, make_cast, make_lead
from tests.leads.work.fixed_scorer import REFERENCE, FixedScorer, scale_of

SCALES = Scales((REFERENCE,))
DAY = timedelta(days=1)


def draw(team: Team, *, places: int, at: datetime = NOW, seed: str = "s", scales: Scales = SCALES) -> Any:
    team.second_look_percent = 10
    return second_looks.draw(Capacity(team, 1, places * 10), scales, now=at, seed=seed)


def drawn(team: Team) -> set[int]:
    return set(SecondLook.objects.filter(draw__team=team).values_list("lead", flat=True))


class TestWhoCanBeDrawn:
    def test_open_leads_of_the_team_in_bands_that_sales_does_not_work(self, cast: Cast) -> None:
        low, owned = make_lead(cast.north, 10), make_lead(cast.north, 30, owner=cast.bob)
        make_lead(cast.north, 31)
        make_lead(cast.north, 5, is_open=False)
        make_lead(cast.south, 5)
        Lead.objects.create(team=cast.north)
        draw(cast.north, places=9)

        assert drawn(cast.north) == {low.pk, owned.pk}

    def test_not_the_held_back_the_overridden_the_snoozed_and_the_claimed(self, cast: Cast) -> None:
        held, raised, snoozed, claimed, free = (make_lead(cast.north, 10) for _ in range(5))
        common: dict[str, Any] = {"reason": OverrideReason.MET, "actor": cast.alice, "at": NOW}
        overrides.set_override(lead_id=held.pk, kind=OverrideKind.HOLD, **common)
        overrides.set_override(lead_id=raised.pk, kind=OverrideKind.POINTS, points=5, **common)
        snoozes.snooze(lead_id=snoozed.pk, until=NOW + DAY, actor=cast.alice, at=NOW)
        claims.claim(lead_id=claimed.pk, actor=cast.alice, at=NOW)
        draw(cast.north, places=9)

        assert drawn(cast.north) == {free.pk}
        later = NOW + 20 * DAY
        draw(cast.north, places=9, at=later)
        again = SecondLook.objects.filter(draw__drawn_at=later)
        assert {look.lead for look in again} == {held, raised, snoozed, claimed, free}

    @pytest.mark.parametrize(
        ("did", "may_be_drawn"),
        [
            (("unsubscribed",), False),
            (("disconnected",), False),
            (("unsubscribed", "resubscribed"), True),
            (("resubscribed", "unsubscribed"), False),
            (("unsubscribed", "reconnected"), False),
            (("disconnected", "reconnected"), True),
        ],
    )
    def test_not_the_unsubscribed(self, cast: Cast, did: tuple[str, ...], may_be_drawn: bool) -> None:
        lead = make_lead(cast.north, 10)
        for hours, key in enumerate(did):
            at = NOW - DAY + timedelta(hours=hours)
            add_signal(lead_id=lead.pk, type_key=key, occurred_at=at, received_at=at, source="t")
        draw(cast.north, places=9)

        assert (lead.pk in drawn(cast.north)) is may_be_drawn

    def test_nor_whom_somebody_marked_so(self, cast: Cast) -> None:
        make_lead(cast.north, 10, facts={"unsubscribed": True})
        said_no = make_lead(cast.north, 10, facts={"unsubscribed": False})
        draw(cast.north, places=9)

        assert drawn(cast.north) == {said_no.pk}


class TestTheDraw:
    def test_each_lead_carries_its_stratum_size_and_odds(self, cast: Cast) -> None:
        leads = [make_lead(cast.north, total) for total in range(24)]
        draw(cast.north, places=2)
        looks = list(SecondLook.objects.order_by("place"))

        assert [(look.place, look.band, look.size, look.drawn, look.one_in) for look in looks] == [
            (1, "nurture", 24, 2, 12),
            (2, "nurture", 24, 2, 12),
        ]
        totals = {lead.pk: total for total, lead in enumerate(leads)}
        assert all(look.total == totals[look.lead_id] and look.version_id == 1 for look in looks)

    def test_bands_are_strata_that_each_get_a_place_and_the_rest_by_size(self, cast: Cast) -> None:
        three = scale_of(("cold", None, "marketing"), ("warm", 20, "marketing"), ("hot", 60, "sales"))
        for total in (*[5] * 30, *[30] * 6):
            make_lead(cast.north, total, scale=three)
        draw(cast.north, places=4, scales=Scales((three,)))

        assert Counter(SecondLook.objects.values_list("band", "size", "drawn")) == {
            ("cold", 30, 3): 3,
            ("warm", 6, 1): 1,
        }

    def test_the_same_seed_draws_the_same_and_another_does_not(self, cast: Cast) -> None:
        for _ in range(50):
            make_lead(cast.north, 10)
        for day, seed in enumerate(("a", "a", "b")):
            draw(cast.north, places=5, at=NOW + day * DAY, seed=seed)
        first, again, other = (
            list(made.looks.order_by("place").values_list("lead", flat=True))
            for made in SecondLookDraw.objects.order_by("day")
        )

        assert first == again != other

    def test_everybody_s_odds_are_as_stored(self, cast: Cast) -> None:
        """A chi-square over many draws with fixed seeds and ids: 20 leads, 5 places, odds 1 in 4."""
        leads = [make_lead(cast.north, 10, pk=1_000_000 + number) for number in range(20)]
        draws = 200
        for number in range(draws):
            draw(cast.north, places=5, at=NOW + number * DAY, seed=str(number))
        counts = Counter(SecondLook.objects.values_list("lead", flat=True))
        odds = {look.drawn / look.size for look in SecondLook.objects.all()}

        assert odds == {0.25} and set(counts) == {lead.pk for lead in leads}
        expected = draws * 0.25
        # Drawn without replacement, counts vary less than a binomial's: by 1 - odds.
        statistic = sum((count - expected) ** 2 / (expected * 0.75) for count in counts.values())
        statistic *= (len(leads) - 1) / len(leads)
        assert 0.005 < upper_tail(statistic, len(leads) - 1) < 0.995

    def test_a_team_of_which_0_percent_is_wanted_draws_none(self, cast: Cast) -> None:
        make_lead(cast.north, 10)
        cast.north.second_look_percent = 0
        made = second_looks.draw(Capacity(cast.north, 4, 80), SCALES, now=NOW)

        assert made is not None and made.places == 0 and not drawn(cast.north)

    @pytest.mark.parametrize(
        ("a_day", "percent", "places"), [(80, 2, 2), (20, 2, 1), (0, 2, 0), (80, 0, 0), (900, 20, 50)]
    )
    def test_the_share_is_of_what_the_team_can_work(self, a_day: int, percent: int, places: int) -> None:
        team = Team(second_look_percent=percent)
        assert second_looks.places_of(Capacity(team, 1, a_day)) == places

    def test_it_is_drawn_once_a_day_by_the_team_s_clock(self, cast: Cast) -> None:
        Team.objects.filter(pk=cast.north.pk).update(time_zone="Pacific/Auckland")
        for team in (cast.north, cast.south):
            make_lead(team, 10)
        assert second_looks.draw_due(now=NOW) == 2
        assert second_looks.draw_due(now=NOW + timedelta(hours=1)) == 0
        assert dict(SecondLookDraw.objects.values_list("team", "day")) == {
            cast.north.pk: date(2026, 3, 3),
            cast.south.pk: date(2026, 3, 2),
        }
        assert second_looks.draw_due(now=datetime(2026, 3, 2, 23, 59, 59, tzinfo=UTC)) == 0
        assert second_looks.draw_due(now=datetime(2026, 3, 3, 0, 0, 0, tzinfo=UTC)) == 1

    def test_nothing_is_drawn_while_no_model_is_live(self, cast: Cast) -> None:
        FixedScorer.live = None
        assert second_looks.draw_due(now=NOW) == 0

    def test_the_database_refuses_a_second_draw_and_odds_above_1(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 10)
        made = draw(cast.north, places=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondLookDraw.objects.create(team=cast.north, day=made.day, seed="", places=1, drawn_at=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            SecondLook.objects.create(
                draw=made, place=9, lead=lead, band="", size=1, drawn=2, version_id=1, total=0
            )


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=6), st.integers(0, 50))
def test_places_are_shared_out_whole_and_never_beyond_a_stratum(sizes: list[int], places: int) -> None:
    allotted = second_looks.allot(sizes, places)

    assert sum(allotted) == min(places, sum(sizes))
    assert all(0 <= count <= size for count, size in zip(allotted, sizes, strict=True))
    if places >= len(sizes):
        assert min(allotted) >= 1


class TestOnTheList:
    def test_each_person_sees_those_that_they_may_work(self, cast: Cast) -> None:
        free, bobs = make_lead(cast.north, 10), make_lead(cast.north, 10, owner=cast.bob)
        draw(cast.north, places=9)

        def seen(user: Any) -> set[int]:
            return {look.lead_id for look in second_looks.shown(user=user, now=NOW)}

        assert seen(cast.alice) == {free.pk}
        assert seen(cast.bob) == seen(cast.carol) == {free.pk, bobs.pk}
        assert seen(cast.dan) == seen(cast.mia) == seen(cast.adam) == set()

    @pytest.mark.parametrize("verb", second_looks.DEALT_WITH)
    def test_one_leaves_when_somebody_dealt_with_it_and_comes_back_undone(
        self, cast: Cast, verb: Activity.Verb
    ) -> None:
        lead = make_lead(cast.north, 10)
        draw(cast.north, places=1)
        done = Activity.objects.create(lead=lead, actor=cast.bob, verb=verb, at=NOW + timedelta(minutes=1))
        assert second_looks.shown(user=cast.alice, now=NOW) == []
        done.undone_at = NOW
        done.save()
        assert len(second_looks.shown(user=cast.alice, now=NOW)) == 1

    def test_a_look_and_a_claim_do_not_end_it_and_a_claim_keeps_it_from_others(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 10)
        draw(cast.north, places=1)
        claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)

        assert len(second_looks.shown(user=cast.alice, now=NOW)) == 1
        assert second_looks.shown(user=cast.bob, now=NOW) == []

    def test_all_leave_at_the_end_of_the_team_s_day(self, cast: Cast) -> None:
        make_lead(cast.north, 10)
        draw(cast.north, places=1)
        midnight = datetime(2026, 3, 3, tzinfo=UTC)

        assert second_looks.shown(user=cast.alice, now=midnight - timedelta(seconds=1))
        assert not second_looks.shown(user=cast.alice, now=midnight)

    def test_what_was_closed_held_back_snoozed_or_unsubscribed_since_is_gone(self, cast: Cast) -> None:
        closed, held, snoozed, off = (make_lead(cast.north, 10) for _ in range(4))
        draw(cast.north, places=9)
        Lead.objects.filter(pk=closed.pk).update(is_open=False)
        overrides.set_override(
            lead_id=held.pk, kind=OverrideKind.HOLD, reason=OverrideReason.MET, actor=cast.alice, at=NOW
        )
        snoozes.snooze(lead_id=snoozed.pk, until=NOW + DAY, actor=cast.alice, at=NOW - timedelta(minutes=1))
        add_signal(lead_id=off.pk, type_key="unsubscribed", occurred_at=NOW, received_at=NOW, source="t")

        assert second_looks.shown(user=cast.carol, now=NOW) == []


def test_two_workers_at_once_draw_once(committed_db: None) -> None:
    cast = make_cast()
    for _ in range(30):
        make_lead(cast.north, 10)
    together, made = Barrier(3), []

    def work() -> None:
        together.wait()
        try:
            made.append(draw(cast.north, places=3, seed="one"))
        finally:
            connection.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one is None for one in sorted(made, key=lambda one: one is None)] == [False, True, True]
    assert SecondLook.objects.count() == 3 and SecondLookDraw.objects.count() == 1


def test_several_models_draw_each_from_their_own_lower_bands(cast: Cast) -> None:
    other = replace(
        scale_of(("cold", None, "marketing"), ("hot", 50, "sales")), version_id=2, label="Other, version 1"
    )
    mine, theirs = make_lead(cast.north, 10), make_lead(cast.north, 40, scale=other)
    draw(cast.north, places=9, scales=Scales((REFERENCE, other)))

    assert drawn(cast.north) == {mine.pk, theirs.pk}
    assert Score.objects.get(lead=theirs).version_id == 2
