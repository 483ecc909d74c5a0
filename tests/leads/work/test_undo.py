"""The log of what was done, and taking it back."""

from datetime import datetime, timedelta

import pytest

from leads import activities, outcomes, overrides
from leads.models import Activity, Claim, Lead, Outcome, Override, OverrideKind, OverrideReason, Signal, Stale
from leads.outcomes import CallResult
from leads.queue import claims
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, make_lead, why

LATER = NOW + timedelta(minutes=3)


def log(lead: Lead, result: CallResult, actor: User) -> Activity:
    return outcomes.log_call(lead_id=lead.pk, result=result, actor=actor, at=NOW, reason=why(result))


def override(lead: Lead, actor: User, points: int = 10, at: datetime = NOW) -> Override:
    return overrides.set_override(
        lead_id=lead.pk,
        kind=OverrideKind.POINTS,
        reason=OverrideReason.MET,
        points=points,
        actor=actor,
        at=at,
    )


def undo(activity: Activity | None, actor: User, at: datetime = LATER) -> Activity:
    assert activity is not None
    return activities.undo(activity_id=activity.pk, actor=actor, at=at)


def undo_last(actor: User, at: datetime = LATER) -> Activity:
    return undo(activities.last_of(actor=actor, now=at), actor, at)


def refusal(activity: Activity, actor: User, at: datetime = LATER) -> str:
    with pytest.raises(DomainError) as refused:
        undo(activity, actor, at)
    return refused.value.code


class TestUndoing:
    def test_a_call_without_an_answer_is_struck_out_of_the_log(self, cast: Cast) -> None:
        activity = log(make_lead(cast.north), CallResult.NO_ANSWER, cast.alice)

        assert undo(activity, cast.alice).undone_at == LATER

    @pytest.mark.parametrize("result", [CallResult.CONVERSATION, CallResult.MEETING])
    def test_the_signal_of_a_call_is_retracted(self, cast: Cast, result: CallResult) -> None:
        lead = make_lead(cast.north)
        activity = log(lead, result, cast.alice)
        Stale.objects.all().delete()
        undo(activity, cast.alice)

        assert Signal.objects.get().retracted_at == LATER
        assert Stale.objects.get().lead_id == lead.pk

    def test_a_signal_is_retracted_and_no_other(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        kept = log(lead, CallResult.CONVERSATION, cast.alice)
        outcomes.log_signal(
            lead_id=lead.pk, type_key="post_comment", occurred_at=NOW, actor=cast.alice, at=NOW
        )
        undo_last(cast.alice)

        assert Signal.objects.get(retracted_at=None).key == kept.signal_key

    def test_an_outcome_is_voided_and_the_lead_open_again(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        undo(log(lead, CallResult.WON, cast.alice), cast.alice)
        lead.refresh_from_db()

        assert lead.is_open
        assert Outcome.objects.get().voided_at == LATER
        log(lead, CallResult.LOST, cast.alice)
        assert Outcome.objects.get(voided_at=None).kind == "lost"

    def test_a_claim_is_released(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
        undo_last(cast.alice)

        assert not Claim.objects.exists()

    def test_a_claim_that_somebody_else_has_by_now_stays(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
        activity = Activity.objects.get()
        expired = NOW + claims.LEASE
        claims.claim(lead_id=lead.pk, actor=cast.bob, at=expired)

        assert refusal(activity, cast.alice, expired) == "activity.over"
        assert Claim.objects.get().user == cast.bob

    def test_a_released_lead_is_taken_back_while_it_is_free(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
        claims.release(lead_id=lead.pk, actor=cast.alice, at=NOW)
        undo_last(cast.alice)

        assert Claim.objects.get().user == cast.alice
        assert list(Activity.objects.order_by("pk").values_list("verb", flat=True)) == ["claimed", "released"]

    def test_a_released_lead_that_a_colleague_took_is_not(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
        claims.release(lead_id=lead.pk, actor=cast.alice, at=NOW)
        claims.claim(lead_id=lead.pk, actor=cast.bob, at=NOW)
        released = Activity.objects.get(verb=Activity.Verb.RELEASED)

        assert refusal(released, cast.alice) == "claim.held"

    def test_an_override_ends(self, cast: Cast) -> None:
        override(make_lead(cast.north), cast.alice)
        undo_last(cast.alice)

        assert not overrides.active(at=LATER).exists()

    def test_undoing_an_override_resumes_the_one_that_it_replaced(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        first = override(lead, cast.alice, points=10)
        override(lead, cast.bob, points=-10, at=NOW + timedelta(minutes=1))
        undo_last(cast.bob)

        resumed = overrides.active(at=LATER).get()
        assert (resumed.points, resumed.author, resumed.ends_at) == (10, cast.alice, first.ends_at)
        assert resumed.starts_at == LATER

    def test_an_ended_override_resumes_until_its_own_end(self, cast: Cast) -> None:
        made = override(make_lead(cast.north), cast.alice)
        overrides.end_override(override_id=made.pk, actor=cast.alice, at=NOW)
        undo_last(cast.alice)

        assert overrides.active(at=LATER).get().ends_at == made.ends_at

    def test_an_ended_override_does_not_resume_beside_another(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        made = override(lead, cast.alice)
        overrides.end_override(override_id=made.pk, actor=cast.alice, at=NOW)
        ended = Activity.objects.get(verb=Activity.Verb.OVERRIDE_ENDED)
        override(lead, cast.bob)

        assert refusal(ended, cast.alice) == "override.replaced"
        ended.refresh_from_db()
        assert ended.undone_at is None

    def test_an_override_that_is_over_has_nothing_to_undo(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        override(lead, cast.alice)
        first = Activity.objects.get()
        override(lead, cast.alice, at=LATER)

        assert refusal(first, cast.alice) == "activity.over"


class TestWhoAndWhen:
    def test_the_author_and_a_manager_of_the_team_may_and_others_may_not(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        activity = log(lead, CallResult.WON, cast.alice)

        assert refusal(activity, cast.bob) == "activity.not_yours"
        assert refusal(activity, cast.mia) == "activity.not_yours"
        assert refusal(activity, cast.dan) == "lead.not_found"
        assert refusal(activity, cast.erin) == "lead.not_found"
        assert undo(activity, cast.carol)

    def test_it_works_once_and_within_a_day(self, cast: Cast) -> None:
        activity = log(make_lead(cast.north), CallResult.WON, cast.alice)

        assert refusal(activity, cast.alice, NOW + timedelta(days=1, seconds=1)) == "activity.too_late"
        assert undo(activity, cast.alice, NOW + timedelta(days=1))
        assert refusal(activity, cast.alice) == "activity.undone"

    def test_there_must_be_something(self, cast: Cast) -> None:
        with pytest.raises(DomainError) as refused:
            activities.undo(activity_id=0, actor=cast.alice, at=NOW)
        assert refused.value.code == "activity.not_found"

    def test_a_page_knows_whether_to_offer_it(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        activity = log(lead, CallResult.WON, cast.alice)
        too_late = NOW + timedelta(days=1, seconds=1)

        assert activities.may_undo(activity, user=cast.alice, now=LATER)
        assert activities.may_undo(activity, user=cast.carol, now=LATER)
        assert not activities.may_undo(activity, user=cast.bob, now=LATER)
        assert not activities.may_undo(activity, user=cast.erin, now=LATER)
        assert not activities.may_undo(activity, user=cast.alice, now=too_late)
        assert not activities.may_undo(undo(activity, cast.alice), user=cast.alice, now=LATER)

    def test_the_undo_key_goes_back_step_by_step(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        log(lead, CallResult.NO_ANSWER, cast.bob)
        first = log(lead, CallResult.NO_ANSWER, cast.alice)
        second = log(lead, CallResult.CONVERSATION, cast.alice)

        assert undo_last(cast.alice) == second
        assert undo_last(cast.alice) == first
        assert activities.last_of(actor=cast.alice, now=LATER) is None

    def test_it_is_audited(self, cast: Cast) -> None:
        activity = log(make_lead(cast.north), CallResult.WON, cast.alice)
        undo(activity, cast.carol)

        entry = AuditEntry.objects.get(action="activity.undone")
        assert (entry.actor, entry.data["verb"]) == (cast.carol, "outcome")


def test_the_log_has_everything_the_latest_first(cast: Cast) -> None:
    lead = make_lead(cast.north)
    log(make_lead(cast.north), CallResult.WON, cast.alice)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    log(lead, CallResult.CONVERSATION, cast.alice)
    undo_last(cast.alice)

    assert [activity.verb for activity in activities.log_of(lead)] == ["conversation", "claimed"]
