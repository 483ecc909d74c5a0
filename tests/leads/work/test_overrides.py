"""Setting and ending overrides."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from leads import activities, orphaned_overrides, overrides
from leads.effective import band_of, effective
from leads.models import Activity, Lead, Override, OverrideKind, OverrideReason, Score
from leads.queue import claims
from leads.scorer import Scale
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, make_lead
from tests.leads.work.fixed_scorer import REFERENCE, FixedScorer, scale_of


def override(lead: Lead, actor: User, kind: OverrideKind = OverrideKind.POINTS, **given: Any) -> Override:
    """+10 points unless told otherwise."""
    told: dict[str, Any] = {"lead_id": lead.pk, "kind": kind, "reason": OverrideReason.MET, "actor": actor}
    if kind is OverrideKind.POINTS:
        told |= {"points": 10}
    return overrides.set_override(**(told | {"at": NOW} | given))


def refusal(verb: Callable[[], object]) -> str:
    with pytest.raises(DomainError) as refused:
        verb()
    return refused.value.code


def number(total: int, made: Override | None, scale: Scale = REFERENCE) -> tuple[int, str, int]:
    score = Score(total=total, band=band_of(total, scale).rank)
    counted = effective(score, made, scale)
    return counted.total, counted.band.key, counted.clip


class TestEffective:
    def test_without_an_override_it_is_the_models(self) -> None:
        assert number(70, None) == (70, "sql", 0)

    def test_a_set_score_replaces_the_total(self) -> None:
        assert number(70, Override(kind="score", points=95)) == (95, "hot", 0)

    def test_points_are_added_and_taken(self) -> None:
        assert number(52, Override(kind="points", points=23)) == (75, "sql", 0)
        assert number(52, Override(kind="points", points=-30)) == (22, "nurture", 0)

    def test_a_set_band_moves_the_total_to_its_nearest_edge(self) -> None:
        assert number(40, Override(kind="band", band="sql")) == (61, "sql", 0)
        assert number(95, Override(kind="band", band="sql")) == (80, "sql", 0)
        assert number(70, Override(kind="band", band="sql")) == (70, "sql", 0)
        assert number(95, Override(kind="band", band="nurture")) == (30, "nurture", 0)
        assert number(95, Override(kind="band", band="hot")) == (95, "hot", 0)

    def test_the_floor_and_the_ceiling_clip_and_say_so(self) -> None:
        narrow = scale_of(("low", None, "sales"), ("high", 50, "sales"), floor=-5, ceiling=60)

        assert number(10, Override(kind="points", points=-40), narrow) == (-5, "low", 25)
        assert number(10, Override(kind="score", points=100), narrow) == (60, "high", -40)

    def test_a_ceiling_below_a_band_keeps_the_lead_out_of_it(self) -> None:
        narrow = scale_of(("low", None, "sales"), ("high", 50, "sales"), ceiling=40)

        assert number(10, Override(kind="band", band="high"), narrow) == (40, "low", -10)

    def test_holding_back_and_a_band_that_is_gone_change_no_number(self) -> None:
        assert number(70, Override(kind="hold")) == (70, "sql", 0)
        assert number(70, Override(kind="band", band="gone")) == (70, "sql", 0)

    def test_a_rank_below_all_bands_counts_as_the_lowest(self) -> None:
        assert effective(Score(total=70, band=-9), None, REFERENCE).band.key == "nurture"


class TestSetting:
    def test_it_lasts_14_days_unless_told_otherwise(self, cast: Cast) -> None:
        made = override(make_lead(cast.north), cast.alice)

        assert (made.starts_at, made.ends_at) == (NOW, NOW + timedelta(days=14))

    @pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=-1), timedelta(days=90, seconds=1)])
    def test_its_end_is_after_its_start_and_within_90_days(self, cast: Cast, after: timedelta) -> None:
        lead = make_lead(cast.north)

        assert refusal(lambda: override(lead, cast.alice, ends_at=NOW + after)) == "override.end"
        assert override(lead, cast.alice, ends_at=NOW + timedelta(days=90)).pk

    def test_it_begins_and_ends_to_the_second(self, cast: Cast) -> None:
        made = override(make_lead(cast.north), cast.alice, ends_at=NOW + timedelta(seconds=1))

        def is_active(seconds: float) -> bool:
            return made in overrides.active(at=NOW + timedelta(seconds=seconds))

        assert [is_active(s) for s in (-0.001, 0, 0.999, 1)] == [False, True, True, False]

    def test_it_ends_the_one_that_is_running_in_the_same_step(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        first = override(lead, cast.alice)
        later = NOW + timedelta(hours=1)
        second = override(lead, cast.carol, at=later, points=-5)
        first.refresh_from_db()

        assert list(overrides.active(at=later)) == [second]
        assert (first.ends_at, first.ended_by, second.replaces) == (later, cast.carol, first)
        assert first.planned_end == NOW + timedelta(days=14)

    def test_one_machine_whose_clock_is_behind_can_still_replace(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        override(lead, cast.alice)
        earlier = NOW - timedelta(seconds=2)
        second = override(lead, cast.alice, at=earlier)

        assert list(overrides.active(at=NOW)) == [second]

    def test_whoever_waited_for_the_lead_comes_last_whenever_they_pressed(self, cast: Cast) -> None:
        for pressed in permutations(range(4)):
            lead = make_lead(cast.north)
            *_, last = (override(lead, cast.alice, at=NOW + timedelta(seconds=second)) for second in pressed)
            assert list(overrides.active(at=NOW + timedelta(seconds=4)).filter(lead=lead)) == [last]

    def test_one_that_was_ended_a_moment_later_than_another_was_set_is_not_in_the_way(
        self, cast: Cast
    ) -> None:
        lead = make_lead(cast.north)
        first = override(lead, cast.alice)
        overrides.end_override(override_id=first.pk, actor=cast.alice, at=NOW + timedelta(seconds=2))
        second = override(lead, cast.alice, at=NOW + timedelta(seconds=1))

        assert (second.starts_at, second.replaces) == (NOW + timedelta(seconds=2), None)

    @pytest.mark.parametrize(
        ("kind", "given", "code"),
        [
            (OverrideKind.POINTS, {"points": None}, "override.points"),
            (OverrideKind.POINTS, {"points": 0}, "override.points"),
            (OverrideKind.POINTS, {"points": 10**9}, "override.points"),
            (OverrideKind.POINTS, {"points": 5, "band": "hot"}, "override.points"),
            (OverrideKind.SCORE, {}, "override.points"),
            (OverrideKind.BAND, {}, "override.band"),
            (OverrideKind.BAND, {"band": "gone"}, "override.band"),
            (OverrideKind.BAND, {"band": "hot", "points": 5}, "override.points"),
            (OverrideKind.HOLD, {"points": 5}, "override.points"),
            (OverrideKind.HOLD, {"band": "hot"}, "override.band"),
        ],
    )
    def test_what_says_nothing_or_two_things_is_refused(
        self, cast: Cast, kind: OverrideKind, given: dict[str, Any], code: str
    ) -> None:
        lead = make_lead(cast.north)

        assert refusal(lambda: override(lead, cast.alice, kind, **given)) == code
        assert not Override.objects.exists()

    def test_a_closed_lead_takes_none(self, cast: Cast) -> None:
        lead = make_lead(cast.north, is_open=False)

        assert refusal(lambda: override(lead, cast.alice)) == "lead.closed"

    def test_reps_override_own_claimed_and_unowned_leads_of_the_team_only(self, cast: Cast) -> None:
        claimed = make_lead(cast.north)
        claims.claim(lead_id=claimed.pk, actor=cast.alice, at=NOW)

        assert override(make_lead(cast.north), cast.alice)
        assert override(make_lead(cast.north, owner=cast.alice), cast.alice)
        assert override(claimed, cast.alice)
        assert refusal(lambda: override(claimed, cast.bob)) == "lead.not_yours"
        assert (
            refusal(lambda: override(make_lead(cast.north, owner=cast.bob), cast.alice)) == "lead.not_yours"
        )
        assert refusal(lambda: override(make_lead(cast.south), cast.alice)) == "lead.not_found"

    def test_a_manager_overrides_all_of_the_team_and_marketing_none(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.bob)

        assert override(lead, cast.carol)
        assert refusal(lambda: override(lead, cast.erin)) == "lead.not_found"
        assert refusal(lambda: override(lead, cast.mia)) == "lead.not_yours"
        assert refusal(lambda: override(lead, cast.adam)) == "lead.not_yours"

    def test_it_is_audited_without_the_note(self, cast: Cast) -> None:
        made = override(make_lead(cast.north), cast.alice, note="Met her at the fair")
        entry = AuditEntry.objects.get(action="override.set")

        assert (entry.actor, entry.object_id) == (cast.alice, str(made.pk))
        assert entry.data["points"] == 10
        assert "fair" not in str(entry.data)


class TestEnding:
    def test_it_is_over_at_that_moment(self, cast: Cast) -> None:
        made = override(make_lead(cast.north), cast.alice)
        later = NOW + timedelta(minutes=5)
        overrides.end_override(override_id=made.pk, actor=cast.alice, at=later)
        made.refresh_from_db()

        assert (made.ends_at, made.ended_by) == (later, cast.alice)
        assert not overrides.active(at=later).exists()
        assert (
            refusal(lambda: overrides.end_override(override_id=made.pk, actor=cast.alice, at=later))
            == "override.ended"
        )

    def test_it_can_end_the_moment_it_began(self, cast: Cast) -> None:
        made = override(make_lead(cast.north), cast.alice)
        overrides.end_override(override_id=made.pk, actor=cast.alice, at=NOW)

        assert not overrides.active(at=NOW).exists()

    def test_a_manager_of_the_team_ends_it_and_others_do_not(self, cast: Cast) -> None:
        made = override(make_lead(cast.north, owner=cast.alice), cast.alice)

        def end(actor: User) -> object:
            return overrides.end_override(override_id=made.pk, actor=actor, at=NOW)

        assert refusal(lambda: end(cast.bob)) == "lead.not_yours"
        assert refusal(lambda: end(cast.erin)) == "lead.not_found"
        assert refusal(lambda: end(cast.mia)) == "lead.not_yours"
        assert end(cast.carol)

    def test_there_must_be_one(self, cast: Cast) -> None:
        assert (
            refusal(lambda: overrides.end_override(override_id=0, actor=cast.carol, at=NOW))
            == "override.not_found"
        )


class TestMissingBands:
    def test_an_override_whose_band_is_gone_ends_with_a_notice(self, cast: Cast) -> None:
        gone = override(make_lead(cast.north), cast.alice, OverrideKind.BAND, band="hot")
        kept = override(make_lead(cast.north), cast.alice, OverrideKind.BAND, band="sql")
        other = override(make_lead(cast.north), cast.alice)
        later = NOW + timedelta(hours=1)

        ended = orphaned_overrides.end_of_missing_bands(
            bands={"nurture", "sql"},
            names={"hot": "On fire"},
            scored_by=[REFERENCE.version_id],
            actor=cast.carol,
            at=later,
        )

        assert ended == 1
        assert set(overrides.active(at=later)) == {kept, other}
        notice = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)
        assert (notice.override, notice.lead_id, notice.actor) == (gone, gone.lead_id, cast.carol)
        assert notice.note == "The scoring model no longer has the band “On fire”."
        assert AuditEntry.objects.filter(action="override.ended", actor=cast.carol).count() == 1

    def test_leads_that_another_model_scores_keep_theirs(self, cast: Cast) -> None:
        kept = override(make_lead(cast.north), cast.alice, OverrideKind.BAND, band="hot")
        override(Lead.objects.create(team=cast.north), cast.alice, OverrideKind.BAND, band="hot")

        ended = orphaned_overrides.end_of_missing_bands(
            bands={"nurture"}, names={}, scored_by=[REFERENCE.version_id + 1], actor=cast.carol, at=NOW
        )

        assert ended == 1
        assert set(overrides.active(at=NOW)) == {kept}

    def test_who_goes_over_to_a_model_without_the_band_loses_the_override(self, cast: Cast) -> None:
        stays, moves, waits = (make_lead(cast.north) for _ in range(3))
        kept = override(stays, cast.alice, OverrideKind.BAND, band="hot")
        gone = override(moves, cast.alice, OverrideKind.BAND, band="hot")
        kept_too = override(waits, cast.alice, OverrideKind.BAND, band="hot")
        points = override(make_lead(cast.north), cast.alice)
        FixedScorer.before = (replace(REFERENCE, version_id=2, bands=REFERENCE.bands[:2]),)
        Score.objects.filter(lead=moves).update(version_id=2)
        Score.objects.filter(lead=waits).update(version_id=3)  # went live only this moment

        assert orphaned_overrides.end_of_moved_leads(at=NOW) == 1
        assert set(overrides.active(at=NOW)) == {kept, kept_too, points}
        notice = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)
        assert (notice.override, notice.actor) == (gone, User.objects.system())
        assert orphaned_overrides.end_of_moved_leads(at=NOW) == 0

    def test_undoing_brings_no_band_back_that_is_gone(self, cast: Cast) -> None:
        override(make_lead(cast.north), cast.alice, OverrideKind.BAND, band="hot")
        FixedScorer.live = replace(REFERENCE, bands=REFERENCE.bands[:2])
        orphaned_overrides.end_of_missing_bands(
            bands={"nurture"}, names={}, scored_by=[1], actor=cast.carol, at=NOW
        )
        notice = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)

        assert refusal(lambda: activities.undo(activity_id=notice.pk, actor=cast.carol, at=NOW)) == (
            activities.NOTHING_LEFT
        )
        assert not overrides.active(at=NOW).exists()

    def test_nothing_can_be_set_to_a_band_while_nothing_is_live(self, cast: Cast) -> None:
        FixedScorer.live = None
        lead = make_lead(cast.north)

        assert refusal(lambda: override(lead, cast.alice, OverrideKind.BAND, band="hot")) == "override.band"


def test_the_running_ones_are_listed_for_those_who_see_the_leads(cast: Cast) -> None:
    mine = override(make_lead(cast.north), cast.alice)
    override(make_lead(cast.south), cast.dan)

    assert list(overrides.running(user=cast.carol, now=NOW)) == [mine]
    assert overrides.running(user=cast.mia, now=NOW).count() == 2


class TestWhoseLead:
    """What an override says of its lead, for queues that look only for their own teams' overrides."""

    def test_it_knows_the_leads_team_and_owner(self, cast: Cast) -> None:
        made = override(make_lead(cast.north, owner=cast.alice), cast.alice)
        made.refresh_from_db()
        assert (made.lead_team, made.lead_owner) == (cast.north.pk, cast.alice.pk)

    def test_it_follows_the_lead(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.alice)
        made, other = override(lead, cast.alice), override(make_lead(cast.north), cast.alice)
        Lead.objects.filter(pk=lead.pk).update(team=cast.south, owner=None)
        for each in (made, other):
            each.refresh_from_db()
        assert (made.lead_team, made.lead_owner) == (cast.south.pk, None)
        assert other.lead_team == cast.north.pk

    def test_moved_to_another_lead_it_is_of_that_ones_team(self, cast: Cast) -> None:
        made = override(make_lead(cast.north, owner=cast.alice), cast.alice)
        Override.objects.filter(pk=made.pk).update(lead=make_lead(cast.south, owner=cast.dan))
        made.refresh_from_db()
        assert (made.lead_team, made.lead_owner) == (cast.south.pk, cast.dan.pk)
