"""What starts and ends the two response clocks."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from leads import activities, outcomes, overrides
from leads.assigning import assigning
from leads.effective import band_of
from leads.models import (
    Activity,
    Assigned,
    Lead,
    OverrideKind,
    OverrideReason,
    Response,
    ResponseMark,
    Score,
)
from leads.models.score_change import Cause, ScoreChange
from leads.outcomes import CallResult, log_call
from leads.queue import claims
from leads.response.refresh import refresh
from leads.response.targets import set_response_times
from leads.scorer import Scale
from leadscoring.people.hours import TeamHours, set_hours
from leadscoring.people.models import User
from tests.leads.response.conftest import ANSWERED, clocks_of, settle, signal
from tests.leads.work.conftest import NOW, Cast, make_lead
from tests.leads.work.fixed_scorer import FixedScorer

HOUR = timedelta(hours=1)
HOT, SQL, MQL, NURTURE = 90, 70, 40, 5
# Which of the things that people do with leads reach the lead; one that isn't here fails the tests.
TOUCHES = {"no_answer", "conversation", "meeting", "outcome"}
NO_TOUCHES = {
    *("claimed", "extended", "released", "skipped", "snoozed", "woken", "signal"),
    *("override", "override_ended", "override_kept", "reassigned", "merged", "accepted", "returned"),
    *("value", "handed_over", "note", "note_changed", "objected", "objection_withdrawn"),
}


def hot_lead(cast: Cast, **fields: Any) -> Lead:
    """It came a day ago."""
    with assigning(actor=cast.carol, why=Assigned.IMPORT, at=NOW - 24 * HOUR):
        return make_lead(cast.north, HOT, **fields)


def give(lead: Lead, *, at: datetime, actor: User, **to: Any) -> None:
    with assigning(actor=actor, why=Assigned.REASSIGNED, at=at):
        Lead.objects.filter(pk=lead.pk).update(**to)


def test_an_intent_signal_starts_the_clock(cast: Cast) -> None:
    lead = hot_lead(cast)
    signal(lead, NOW)
    clocks = clocks_of(lead)
    assert clocks is not None
    assert (clocks.signal_at, clocks.signal_due_at, clocks.due_at) == (NOW, NOW + 2 * HOUR, NOW + 2 * HOUR)
    assert (clocks.assigned_at, clocks.assigned_due_at) == (None, None)
    assert (clocks.team_id, clocks.owner_id) == (cast.north.pk, 0)


@pytest.mark.parametrize(("total", "hours"), [(HOT, 2), (SQL, 24), (MQL, 72), (NURTURE, None)])
def test_the_band_says_how_soon(cast: Cast, total: int, hours: int | None) -> None:
    lead = make_lead(cast.north, total)
    signal(lead, NOW)
    clocks = clocks_of(lead)
    assert (clocks and clocks.due_at) == (hours and NOW + hours * HOUR)


def test_what_is_no_intent_starts_nothing(cast: Cast) -> None:
    lead = hot_lead(cast)
    for type_key in ("post_comment", "email_open", "purchase"):
        signal(lead, NOW, type_key)
    assert clocks_of(lead) is None


def test_a_second_signal_leaves_the_clock_as_it_is(cast: Cast) -> None:
    lead = hot_lead(cast)
    signal(lead, NOW)
    signal(lead, NOW + HOUR)
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.signal_at == NOW


@pytest.mark.parametrize("result", CallResult.values)
def test_whatever_comes_of_a_call_ends_both_clocks_at_once(cast: Cast, result: str) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    signal(lead, NOW)
    settle()
    assert Response.objects.exists()
    reason = next(iter(outcomes.reasons_of(CallResult(result))), "")
    log_call(lead_id=lead.pk, result=CallResult(result), reason=reason, actor=cast.alice, at=NOW + HOUR)
    assert not Response.objects.exists()
    assert clocks_of(lead) is None


def test_after_a_call_the_next_signal_starts_the_clock_again(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    signal(lead, NOW)
    log_call(lead_id=lead.pk, result=CallResult.NO_ANSWER, actor=cast.alice, at=NOW + HOUR)
    signal(lead, NOW + 5 * HOUR)
    clocks = clocks_of(lead)
    assert clocks is not None
    assert (clocks.signal_at, clocks.assigned_at) == (NOW + 5 * HOUR, None)


def test_a_claim_an_override_and_a_signal_by_hand_are_no_answer(cast: Cast) -> None:
    lead = hot_lead(cast)
    signal(lead, NOW)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    overrides.set_override(
        lead_id=lead.pk,
        kind=OverrideKind.POINTS,
        points=5,
        reason=OverrideReason.MET,
        actor=cast.alice,
        at=NOW,
    )
    outcomes.log_signal(
        lead_id=lead.pk, type_key="post_comment", occurred_at=NOW, actor=cast.alice, at=NOW + HOUR
    )
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.signal_at == NOW


def test_an_undone_call_was_none(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    signal(lead, NOW)
    before = clocks_of(lead)
    call = log_call(lead_id=lead.pk, result=CallResult.CONVERSATION, actor=cast.alice, at=NOW + HOUR)
    assert clocks_of(lead) is None
    activities.undo(activity_id=call.pk, actor=cast.alice, at=NOW + 2 * HOUR)
    after = clocks_of(lead)
    assert before is not None and after is not None
    assert (after.signal_at, after.assigned_at) == (before.signal_at, before.assigned_at)


def test_a_signal_that_is_taken_back_started_nothing(cast: Cast) -> None:
    lead = hot_lead(cast)
    logged = outcomes.log_signal(
        lead_id=lead.pk, type_key="demo_request", occurred_at=NOW, actor=cast.alice, at=NOW
    )
    assert clocks_of(lead) is not None
    activities.undo(activity_id=logged.pk, actor=cast.alice, at=NOW + HOUR)
    assert clocks_of(lead) is None


def test_a_new_owner_has_a_clock_of_their_own(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    first = clocks_of(lead)
    assert first is not None
    assert (first.assigned_at, first.due_at) == (NOW - 24 * HOUR, NOW - 22 * HOUR)
    give(lead, at=NOW, actor=cast.carol, owner=cast.bob)
    second = clocks_of(lead)
    assert second is not None
    assert (second.assigned_at, second.due_at, second.owner_id) == (NOW, NOW + 2 * HOUR, cast.bob.pk)


def test_another_team_of_the_same_owner_starts_nothing(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    give(lead, at=NOW, actor=cast.carol, team=cast.south)
    clocks = clocks_of(lead)
    assert clocks is not None
    assert (clocks.assigned_at, clocks.team_id) == (NOW - 24 * HOUR, cast.south.pk)


def test_who_gets_a_lead_back_has_it_since_then(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    give(lead, at=NOW, actor=cast.carol, owner=cast.bob)
    give(lead, at=NOW + HOUR, actor=cast.carol, owner=cast.alice)
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.assigned_at == NOW + HOUR


def test_the_sooner_clock_is_the_one_that_counts(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    long_ago = NOW - timedelta(days=300)
    signal(lead, long_ago)
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.assigned_due_at is not None
    assert clocks.due_at == long_ago + 2 * HOUR < clocks.assigned_due_at


def test_a_closed_lead_waits_for_nobody(cast: Cast) -> None:
    lead = hot_lead(cast, owner=cast.alice)
    signal(lead, NOW)
    settle()
    lead.is_open = False
    lead.save(update_fields=("is_open",))
    assert not Response.objects.exists()
    lead.is_open = True
    lead.save(update_fields=("is_open",))
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.signal_at == NOW


def test_who_waits_to_be_scored_has_no_clock_yet(cast: Cast) -> None:
    lead = make_lead(cast.north, NURTURE)
    signal(lead, NOW)
    assert refresh() == 0
    Score.objects.filter(lead=lead).update(band=-1)
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.due_at == NOW + 2 * HOUR


def test_the_clock_runs_in_the_team_s_hours(cast: Cast) -> None:
    lead = hot_lead(cast)
    signal(lead, datetime.fromisoformat("2026-02-27T15:30:00Z"))  # a Friday, 16:30 in Berlin
    assert clocks_of(lead) is not None
    week = dict.fromkeys(range(5), (9 * 60, 17 * 60))
    set_hours(team=cast.north, hours=TeamHours("Europe/Berlin", week), actor=cast.carol, at=NOW)
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.due_at == datetime.fromisoformat("2026-03-02T09:30:00Z")


def test_a_team_may_answer_in_times_of_its_own(cast: Cast) -> None:
    north, south = (make_lead(team, HOT) for team in (cast.north, cast.south))
    for lead in (north, south):
        signal(lead, NOW)
    settle()
    set_response_times(team=cast.north, hours={"hot": 4}, actor=cast.carol, at=NOW)
    assert [clocks.due_at - NOW for lead in (north, south) if (clocks := clocks_of(lead))] == [
        4 * HOUR,
        2 * HOUR,
    ]
    set_response_times(team=cast.north, hours={"hot": None}, actor=cast.carol, at=NOW)
    back = clocks_of(north)
    assert back is not None and back.due_at == NOW + 2 * HOUR


def test_another_version_that_asks_for_the_same_moves_no_clock(cast: Cast) -> None:
    lead = hot_lead(cast)
    signal(lead, NOW)
    before = clocks_of(lead)
    live = FixedScorer.live
    assert live is not None
    FixedScorer.live = Scale(2, 1, "Test", "Test, version 2", live.bands, live.floor, live.ceiling)
    Score.objects.update(version_id=2)
    assert refresh() == 0
    after = Response.objects.get(lead=lead)
    assert before is not None and (after.signal_at, after.due_at) == (before.signal_at, before.due_at)


def test_a_version_that_asks_for_haste_moves_only_when_it_is_due(cast: Cast, live_scale: Scale) -> None:
    lead = hot_lead(cast)
    signal(lead, NOW)
    settle()
    quick = tuple(
        replace(band, respond_within_hours=band.respond_within_hours and 1) for band in live_scale.bands
    )
    FixedScorer.live = Scale(2, 1, "Test", "Test, version 2", quick, 0, None)
    clocks = clocks_of(lead)
    assert clocks is not None
    assert (clocks.signal_at, clocks.due_at) == (NOW, NOW + HOUR)


def test_every_deed_is_a_touch_or_none(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT verb FROM unnest(%s::text[]) verb WHERE leads_is_touch(verb)", [Activity.Verb.values]
        )
        touches = {verb for (verb,) in cursor.fetchall()}
    assert touches == TOUCHES
    assert set(Activity.Verb.values) <= TOUCHES | NO_TOUCHES


def change(lead: Lead, total: int, cause: Cause, at: datetime) -> None:
    """The score of a lead becomes another one, as a pass over scores would write it."""
    band = band_of(total, ANSWERED).rank
    Score.objects.filter(lead=lead).update(total=total, band=band)
    values = {"total": total, "engagement": total, "fit": 0, "band": band}
    ScoreChange.objects.create(lead_id=lead.pk, at=at, version_id=1, cause=cause, **values)


def test_a_rise_by_something_learned_starts_the_clock(cast: Cast) -> None:
    lead = make_lead(cast.north, NURTURE)
    change(lead, NURTURE, Cause.FIRST, NOW - HOUR)
    change(lead, MQL, Cause.ATTRIBUTE, NOW)
    clocks = clocks_of(lead)
    assert clocks is not None and (clocks.signal_at, clocks.due_at) == (NOW, NOW + 72 * HOUR)


@pytest.mark.parametrize("cause", [Cause.TIME, Cause.VERSION, Cause.VERSION | Cause.TIME])
def test_a_rise_by_time_or_by_another_version_starts_none(cast: Cast, cause: Cause) -> None:
    lead = make_lead(cast.north, NURTURE)
    change(lead, NURTURE, Cause.FIRST, NOW - HOUR)
    settle()
    change(lead, HOT, cause, NOW)
    assert not ResponseMark.objects.exists()
    assert clocks_of(lead) is None


def test_a_rise_while_somebody_waits_makes_it_due_sooner_but_not_since_later(cast: Cast) -> None:
    lead = make_lead(cast.north, MQL)
    change(lead, MQL, Cause.FIRST | Cause.SIGNAL, NOW)
    change(lead, HOT, Cause.SIGNAL, NOW + 30 * HOUR)
    clocks = clocks_of(lead)
    assert clocks is not None
    assert (clocks.signal_at, clocks.due_at) == (NOW, NOW + 32 * HOUR)


def test_what_fades_meanwhile_is_due_as_it_was(cast: Cast) -> None:
    lead = make_lead(cast.north, HOT)
    change(lead, HOT, Cause.FIRST | Cause.SIGNAL, NOW)
    change(lead, MQL, Cause.TIME, NOW + HOUR)
    clocks = clocks_of(lead)
    assert clocks is not None and clocks.due_at == NOW + 2 * HOUR
