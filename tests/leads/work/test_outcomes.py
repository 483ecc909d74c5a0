"""Logging calls and signals."""

from datetime import timedelta

import pytest

from leads import outcomes
from leads.models import Activity, Lead, Outcome, OutcomeReason, Score, Signal, SignalDetail, Stale
from leads.outcomes import CallResult
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, make_lead, why


def log(lead: Lead, result: CallResult, actor: User, note: str = "") -> Activity:
    return outcomes.log_call(
        lead_id=lead.pk, result=result, actor=actor, at=NOW, note=note, reason=why(result)
    )


def log_signal(lead: Lead, actor: User, type_key: str = "webinar_attended", hours_ago: int = 5) -> Activity:
    return outcomes.log_signal(
        lead_id=lead.pk,
        type_key=type_key,
        occurred_at=NOW - timedelta(hours=hours_ago),
        actor=actor,
        at=NOW,
    )


def signals_of(lead: Lead) -> list[str]:
    return [signal.type.key for signal in Signal.objects.filter(lead=lead, retracted_at=None)]


class TestCalls:
    def test_nobody_answering_is_only_noted(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        activity = log(lead, CallResult.NO_ANSWER, cast.alice, "Voicemail")

        assert (activity.verb, activity.note, activity.actor) == ("no_answer", "Voicemail", cast.alice)
        assert signals_of(lead) == []
        assert not Stale.objects.exists()

    @pytest.mark.parametrize(
        ("result", "type_key"),
        [(CallResult.CONVERSATION, "sales_conversation"), (CallResult.MEETING, "meeting_booked")],
    )
    def test_a_conversation_and_a_meeting_are_signals_that_score(
        self, cast: Cast, result: CallResult, type_key: str
    ) -> None:
        lead = make_lead(cast.north)
        activity = log(lead, result, cast.alice)

        assert signals_of(lead) == [type_key]
        assert Signal.objects.get().key == activity.signal_key
        assert Stale.objects.get().lead_id == lead.pk

    def test_two_conversations_in_one_moment_are_two(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        log(lead, CallResult.CONVERSATION, cast.alice)
        log(lead, CallResult.CONVERSATION, cast.alice)

        assert len(signals_of(lead)) == 2

    @pytest.mark.parametrize(
        ("result", "kind"),
        [
            (CallResult.WON, "converted"),
            (CallResult.LOST, "lost"),
            (CallResult.DISQUALIFIED, "disqualified"),
            (CallResult.WRONG_PERSON, "wrong_person"),
        ],
    )
    def test_an_end_closes_the_lead_and_takes_it_out_of_the_queue(
        self, cast: Cast, result: CallResult, kind: str
    ) -> None:
        lead = make_lead(cast.north)
        activity = log(lead, result, cast.alice, "Budget is gone")
        lead.refresh_from_db()

        outcome = Outcome.objects.get()
        assert (outcome.kind, outcome.recorded_by, outcome.at) == (kind, cast.alice, NOW)
        assert activity.outcome == outcome
        assert lead.is_open is False
        assert Score.objects.get(lead=lead).is_open is False

    def test_a_closed_lead_takes_no_more_calls(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        log(lead, CallResult.WON, cast.alice)

        for result in CallResult:
            with pytest.raises(DomainError) as refused:
                log(lead, result, cast.alice)
            assert refused.value.code == "lead.closed"
        assert Outcome.objects.count() == 1

    @pytest.mark.parametrize("result", list(CallResult))
    def test_only_who_may_work_the_lead_logs_a_call(self, cast: Cast, result: CallResult) -> None:
        lead = make_lead(cast.north, owner=cast.alice)

        for user, code in (
            (cast.bob, "lead.not_yours"),
            (cast.dan, "lead.not_found"),
            (cast.erin, "lead.not_found"),
            (cast.mia, "lead.not_yours"),
            (cast.adam, "lead.not_yours"),
        ):
            with pytest.raises(DomainError) as refused:
                log(lead, result, user)
            assert refused.value.code == code
        assert not Activity.objects.exists()

    def test_each_is_audited_without_the_note(self, cast: Cast) -> None:
        for result in CallResult:
            log(make_lead(cast.north), result, cast.alice, "Ms Vogel is on leave")

        actions = set(AuditEntry.objects.values_list("action", flat=True))
        assert actions == {"call.no_answer", "call.conversation", "call.meeting", "lead.closed"}
        assert not AuditEntry.objects.filter(data__icontains="Vogel").exists()


class TestSignals:
    def test_it_counts_from_when_it_happened(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        activity = log_signal(lead, cast.alice)

        signal = Signal.objects.get()
        assert (signal.occurred_at, signal.received_at) == (NOW - timedelta(hours=5), NOW)
        assert signal.key == activity.signal_key
        assert Stale.objects.filter(lead_id=lead.pk).exists()
        assert AuditEntry.objects.get().action == "signal.logged"

    def test_it_may_be_of_now_but_not_of_the_future(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        log_signal(lead, cast.alice, hours_ago=0)

        with pytest.raises(DomainError) as refused:
            log_signal(lead, cast.alice, hours_ago=-1)
        assert refused.value.code == "signal.future"

    def test_its_type_must_be_known(self, cast: Cast) -> None:
        with pytest.raises(DomainError) as refused:
            log_signal(make_lead(cast.north), cast.alice, "sneezed")
        assert refused.value.code == "signal.type"

    def test_only_who_may_work_the_lead_logs_one(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.alice)

        for user, code in ((cast.bob, "lead.not_yours"), (cast.dan, "lead.not_found")):
            with pytest.raises(DomainError) as refused:
                log_signal(lead, user)
            assert refused.value.code == code
        assert not Signal.objects.exists()


class TestReasons:
    @pytest.mark.parametrize("result", [CallResult.LOST, CallResult.DISQUALIFIED])
    @pytest.mark.parametrize("reason", ["", "because", OutcomeReason.TIMING, OutcomeReason.MARKET])
    def test_a_lost_and_a_disqualified_lead_need_one_of_their_own(
        self, cast: Cast, result: CallResult, reason: str
    ) -> None:
        lead, ours = make_lead(cast.north), reason in outcomes.reasons_of(result)
        if ours:
            end(lead, result, reason, cast.alice)
            assert Outcome.objects.get().reason == reason
        else:
            with pytest.raises(DomainError) as refused:
                end(lead, result, reason, cast.alice)
            assert refused.value.code == "outcome.reason"
            assert not Outcome.objects.exists()

    @pytest.mark.parametrize("result", [CallResult.WON, CallResult.WRONG_PERSON, CallResult.NO_ANSWER])
    def test_the_others_take_none(self, cast: Cast, result: CallResult) -> None:
        with pytest.raises(DomainError) as refused:
            end(make_lead(cast.north), result, OutcomeReason.PRICE, cast.alice)
        assert refused.value.code == "outcome.reason"


def end(lead: Lead, result: CallResult, reason: str, actor: User) -> Activity:
    return outcomes.log_call(lead_id=lead.pk, result=result, reason=reason, actor=actor, at=NOW)


class TestWhatWasLearned:
    def test_it_becomes_properties_of_the_conversation(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        tell(lead, cast.alice, {"buying_stage": "decision", "budget": "", "goals": " Fewer returns "})
        key = Signal.objects.get().key
        assert SignalDetail.objects.get(pk=key).properties == {
            "buying_stage": "decision",
            "goals": "Fewer returns",
        }

    @pytest.mark.parametrize(
        "learned",
        [{"shoe_size": "44"}, {"buying_stage": "soon"}, {"timing": "Within a month"}, {"goals": "x" * 1001}],
    )
    def test_only_what_rules_can_ask_for_is_kept(self, cast: Cast, learned: dict[str, str]) -> None:
        with pytest.raises(DomainError) as refused:
            tell(make_lead(cast.north), cast.alice, learned)
        assert refused.value.code == "outcome.learned"
        assert not Signal.objects.exists()

    @pytest.mark.parametrize("result", [CallResult.NO_ANSWER, CallResult.MEETING, CallResult.WON])
    def test_only_a_conversation_tells_something(self, cast: Cast, result: CallResult) -> None:
        with pytest.raises(DomainError) as refused:
            tell(make_lead(cast.north), cast.alice, {"budget": "approved"}, result)
        assert refused.value.code == "outcome.learned"
        assert tell(make_lead(cast.north), cast.alice, {"budget": ""}, result)


def tell(
    lead: Lead, actor: User, learned: dict[str, str], result: CallResult = CallResult.CONVERSATION
) -> Activity:
    return outcomes.log_call(lead_id=lead.pk, result=result, learned=learned, actor=actor, at=NOW)
