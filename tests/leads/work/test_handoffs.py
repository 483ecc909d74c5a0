"""Leads that marketing hands over to sales: accepted, or returned with a reason."""

from datetime import datetime, timedelta

import pytest

from leads import activities, handoffs, overrides
from leads.effective import effective
from leads.models import Activity, Claim, Handoff, Lead, OverrideKind, OverrideReason, ReturnReason, Score
from leads.queue import claims, nurture, ranking
from leads.scorer import scorer
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead

LATER = NOW + timedelta(minutes=2)
HOT, SQL, MQL, NURTURE = -1, -2, -3, -4


def accept(lead: Lead, actor: User, at: datetime = NOW) -> Activity:
    return handoffs.accept(lead_id=lead.pk, actor=actor, at=at)


def send_back(lead: Lead, actor: User, at: datetime = NOW) -> Activity:
    return handoffs.send_back(lead_id=lead.pk, reason=ReturnReason.TOO_EARLY, actor=actor, at=at)


def hand_over(lead: Lead, actor: User, at: datetime = LATER) -> Activity:
    return handoffs.hand_over(lead_id=lead.pk, actor=actor, at=at)


def undo(activity: Activity, actor: User) -> None:
    activities.undo(activity_id=activity.pk, actor=actor, at=LATER)


def move(lead: Lead, total: int, band: int) -> None:
    Score.objects.filter(lead=lead).update(total=total, band=band)


def waits(lead: Lead) -> bool:
    lead.refresh_from_db()
    score = Score.objects.get(lead=lead)
    counted = effective(score, None, scorer().scales().live[0])
    return handoffs.waits(lead, counted, handoffs.last_of(lead))


def queue(user: User, at: datetime = LATER) -> list[int]:
    return [row.lead.pk for row in ranking.ranked(user=fresh(user), now=at).rows]


def refusal(verb: object, lead: Lead, actor: User) -> str:
    with pytest.raises(DomainError) as refused:
        verb(lead, actor)  # type: ignore[operator]
    return refused.value.code


def test_a_lead_of_a_sales_band_waits_until_its_owner_accepts_it(cast: Cast) -> None:
    lead = make_lead(cast.north, 70, owner=cast.alice, source="webinar")
    assert waits(lead)
    accept(lead, cast.alice)
    assert not waits(lead)

    kept = Handoff.objects.get()
    assert (kept.accepted, kept.band, kept.rank, kept.source) == (True, "sql", SQL, "webinar")
    assert kept.by == cast.alice
    assert kept.version_id == Score.objects.get().version_id
    assert queue(cast.alice) == [lead.pk]
    assert refusal(accept, lead, cast.alice) == "handoff.not_waiting"


def test_a_lead_that_marketing_works_waits_for_nobody(cast: Cast) -> None:
    lead = make_lead(cast.north, 10, owner=cast.alice)
    assert not waits(lead)
    assert refusal(accept, lead, cast.alice) == "handoff.not_waiting"
    assert refusal(send_back, lead, cast.alice) == "handoff.not_sales"


def test_a_returned_lead_leaves_the_queue_and_shows_to_marketing_with_its_reason(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    send_back(lead, cast.alice)

    for user in (cast.alice, cast.bob, cast.carol):
        assert queue(user) == []
        assert claims.next_lead(user=fresh(user), now=LATER) is None
        assert not any(count.count for count in ranking.waiting(user=fresh(user), now=LATER))
    [returned] = handoffs.returned(cast.mia)
    assert (returned.lead, returned.reason, returned.by) == (lead, "too_early", cast.alice)
    assert not Claim.objects.exists()
    assert refusal(send_back, lead, cast.carol) == "handoff.returned"


def test_it_comes_back_and_waits_anew_once_its_band_rises(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    send_back(lead, cast.carol)
    move(lead, 72, SQL)
    assert queue(cast.bob) == []
    move(lead, 40, MQL)
    assert queue(cast.bob) == []
    move(lead, 85, HOT)
    assert queue(cast.bob) == [lead.pk]
    assert waits(lead)
    assert not handoffs.returned(cast.mia)
    assert claims.next_lead(user=fresh(cast.bob), now=LATER) == lead


def test_an_override_into_a_higher_band_brings_it_back_too(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    send_back(lead, cast.carol)
    overrides.set_override(
        lead_id=lead.pk,
        kind=OverrideKind.BAND,
        band="hot",
        reason=OverrideReason.MET,
        actor=cast.bob,
        at=NOW,
    )
    assert queue(cast.bob) == [lead.pk]
    assert claims.next_lead(user=fresh(cast.bob), now=LATER) == lead


def test_marketing_hands_it_over_again_and_it_waits_anew(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    send_back(lead, cast.carol)
    handed = hand_over(lead, cast.mia)
    assert queue(cast.bob) == [lead.pk]
    assert waits(lead)
    assert refusal(hand_over, lead, cast.mia) == "handoff.not_returned"

    undo(handed, cast.mia)
    assert queue(cast.bob) == []
    assert len(handoffs.returned(cast.mia)) == 1


def test_an_accepted_lead_can_be_returned_later(cast: Cast) -> None:
    lead = make_lead(cast.north, 70, owner=cast.alice)
    accept(lead, cast.alice)
    send_back(lead, cast.alice, LATER)
    assert queue(cast.alice) == []


def test_only_its_owner_its_holder_or_a_manager_of_its_team_says_so(cast: Cast) -> None:
    lead, free = make_lead(cast.north, owner=cast.alice), make_lead(cast.north)
    for verb in (accept, send_back):
        for user, code in (
            (cast.bob, "handoff.not_yours"),
            (cast.mia, "handoff.not_yours"),
            (cast.adam, "handoff.not_yours"),
            (cast.dan, "lead.not_found"),
            (cast.erin, "lead.not_found"),
        ):
            assert refusal(verb, lead, user) == code
        assert refusal(verb, free, cast.bob) == "handoff.not_yours"
    claims.claim(lead_id=free.pk, actor=cast.bob, at=NOW)
    assert accept(free, cast.bob)
    assert accept(lead, cast.carol)


def test_only_marketing_hands_over_and_sees_the_list(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    send_back(lead, cast.carol)
    for user, code in (
        (cast.alice, "handoff.not_yours"),
        (cast.carol, "handoff.not_yours"),
        (cast.dan, "lead.not_found"),
    ):
        assert refusal(hand_over, lead, user) == code
        with pytest.raises(DomainError) as refused:
            handoffs.returned(user)
        assert refused.value.code == "nurture.not_yours"
    assert hand_over(lead, cast.adam)


def test_a_closed_lead_and_one_without_a_score_are_not_handed_off(cast: Cast) -> None:
    assert refusal(accept, make_lead(cast.north, is_open=False), cast.carol) == "lead.closed"
    assert refusal(send_back, Lead.objects.create(team=cast.north), cast.carol) == "handoff.not_waiting"


class TestUndo:
    def test_a_return_is_taken_back_with_the_claim_that_it_ended(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 70)
        claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
        held = Claim.objects.values().get()
        undo(send_back(lead, cast.alice), cast.alice)

        assert Claim.objects.values().get() == held
        assert queue(cast.alice) == [lead.pk]
        assert waits(lead)
        assert not handoffs.returned(cast.mia)

    def test_an_acceptance_is_taken_back(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 70, owner=cast.alice)
        undo(accept(lead, cast.alice), cast.alice)
        assert waits(lead)

    def test_accepting_what_rose_is_taken_back_to_returned(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 70)
        send_back(lead, cast.carol)
        move(lead, 85, HOT)
        accepted = accept(lead, cast.carol, NOW + timedelta(minutes=1))
        move(lead, 70, SQL)
        assert queue(cast.bob) == [lead.pk]
        undo(accepted, cast.carol)
        assert queue(cast.bob) == []

    def test_it_says_that_something_came_in_between(self, cast: Cast) -> None:
        lead = make_lead(cast.north, 70, owner=cast.alice)
        first = accept(lead, cast.alice)
        second = send_back(lead, cast.alice, NOW + timedelta(minutes=1))
        handed = hand_over(lead, cast.mia)
        for activity, actor in ((first, cast.alice), (second, cast.alice)):
            with pytest.raises(DomainError) as refused:
                undo(activity, actor)
            assert refused.value.code == "activity.over"
        undo(handed, cast.mia)
        undo(second, cast.alice)
        undo(first, cast.alice)
        assert waits(lead)


def test_marketings_own_list_does_not_care(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    send_back(lead, cast.carol)
    move(lead, 10, NURTURE)
    assert [row.lead for row in nurture.nurture(user=cast.mia, now=LATER).rows] == [lead]


def test_it_is_audited(cast: Cast) -> None:
    lead = make_lead(cast.north, 70)
    send_back(lead, cast.carol)
    hand_over(lead, cast.mia)
    accept(lead, cast.carol, LATER)
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["lead.returned", "lead.handed_over", "lead.accepted"]
