"""Snoozed leads: out of all queues until a moment, back by themselves, and undone exactly."""

from datetime import datetime, timedelta

import pytest

from leads import activities
from leads.models import Activity, Claim, Lead, Score, Snooze
from leads.queue import away, claims, ranking, snoozes
from leads.queue.criteria import Criteria
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead

UNTIL = NOW + timedelta(days=3)
LATER = NOW + timedelta(minutes=2)
A_TICK = timedelta(microseconds=1)


def snooze(
    lead: Lead, actor: User, *, until: datetime = UNTIL, at: datetime = NOW, note: str = ""
) -> Activity:
    return snoozes.snooze(lead_id=lead.pk, until=until, actor=actor, at=at, note=note)


def undo(activity: Activity, actor: User, at: datetime = LATER) -> None:
    activities.undo(activity_id=activity.pk, actor=actor, at=at)


def queue(user: User, at: datetime) -> list[int]:
    return [row.lead.pk for row in ranking.ranked(user=fresh(user), now=at).rows]


def waiting(user: User, at: datetime) -> int:
    return sum(count.count for count in ranking.waiting(user=fresh(user), now=at))


def state(lead: Lead) -> tuple[object, ...]:
    """All that a snooze may change."""
    lead.refresh_from_db()
    claim = Claim.objects.filter(lead=lead).values_list("user", "taken_at", "expires_at").first()
    running = Snooze.objects.filter(lead=lead, ended_at=None).values_list("pk", flat=True).first()
    copied = Score.objects.values_list("snoozed_at", "snoozed_until").get(lead=lead)
    return lead.snoozed_at, lead.snoozed_until, claim, running, copied


def refusal(lead: Lead, actor: User, until: datetime = UNTIL) -> str:
    with pytest.raises(DomainError) as refused:
        snooze(lead, actor, until=until)
    return refused.value.code


def test_it_is_out_of_all_queues_until_then_and_back_to_the_microsecond(cast: Cast) -> None:
    lead = make_lead(cast.north)
    snooze(lead, cast.alice)

    for user in (cast.alice, cast.bob, cast.carol):
        assert queue(user, UNTIL - A_TICK) == []
        assert waiting(user, UNTIL - A_TICK) == 0
        assert claims.next_lead(user=fresh(user), now=UNTIL - A_TICK) is None
        assert queue(user, UNTIL) == [lead.pk]
        assert waiting(user, UNTIL) == 1
    assert claims.next_lead(user=fresh(cast.bob), now=UNTIL) == lead


def test_an_intent_signal_after_it_began_brings_it_back_early(cast: Cast) -> None:
    lead = make_lead(cast.north, last_intent_at=NOW)
    snooze(lead, cast.alice)
    assert queue(cast.bob, LATER) == []

    Score.objects.filter(lead=lead).update(last_intent_at=NOW + A_TICK)
    assert queue(cast.bob, LATER) == [lead.pk]
    assert claims.next_lead(user=fresh(cast.bob), now=LATER) == lead


def test_who_holds_a_snoozed_lead_sees_it(cast: Cast) -> None:
    lead = make_lead(cast.north)
    snooze(lead, cast.alice)
    claims.claim(lead_id=lead.pk, actor=cast.bob, at=LATER)

    assert queue(cast.bob, LATER) == [lead.pk]
    assert queue(cast.carol, LATER) == []


def test_the_own_snoozed_leads_are_a_list(cast: Cast) -> None:
    mine, bobs = make_lead(cast.north), make_lead(cast.north)
    snooze(mine, cast.alice)
    snooze(bobs, cast.bob)
    criteria = Criteria(snoozed=True)

    rows = ranking.ranked(user=fresh(cast.alice), now=LATER, criteria=criteria).rows
    assert [row.lead for row in rows] == [mine]
    assert not ranking.ranked(user=fresh(cast.alice), now=UNTIL, criteria=criteria).rows


def test_it_is_marked_as_back_until_somebody_does_something(cast: Cast) -> None:
    lead = make_lead(cast.north)
    snooze(lead, cast.alice, note="Budget round in March")
    [row] = ranking.ranked(user=fresh(cast.bob), now=UNTIL).rows
    assert row.back_at == UNTIL
    said = away.back_from_snooze([Lead.objects.get()], now=UNTIL)[lead.pk]
    assert (said.note, said.user) == ("Budget round in March", cast.alice)

    claims.claim(lead_id=lead.pk, actor=cast.bob, at=UNTIL)
    [row] = ranking.ranked(user=fresh(cast.bob), now=UNTIL).rows
    assert row.back_at is None
    activities.undo(activity_id=Activity.objects.latest("pk").pk, actor=cast.bob, at=UNTIL)
    [row] = ranking.ranked(user=fresh(cast.bob), now=UNTIL).rows
    assert row.back_at == UNTIL


def test_it_gives_the_own_claim_back_and_undo_brings_it_again(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW - timedelta(minutes=5))
    before = state(lead)
    activity = snooze(lead, cast.alice)
    assert not Claim.objects.exists()

    undo(activity, cast.alice)
    assert state(lead) == before


def test_a_claim_that_would_have_ended_by_now_stays_ended(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    activity = snooze(lead, cast.alice)
    undo(activity, cast.alice, NOW + claims.LEASE)
    assert not Claim.objects.exists()


def test_undo_says_who_took_the_lead_meanwhile(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    activity = snooze(lead, cast.alice)
    claims.claim(lead_id=lead.pk, actor=cast.bob, at=LATER)
    with pytest.raises(DomainError) as refused:
        undo(activity, cast.alice)
    assert refused.value.code == "claim.held"
    assert "Bob" in refused.value.sentence
    assert away.is_snoozed(Lead.objects.get(), now=LATER)


def test_snoozing_again_begins_anew_and_undo_resumes_the_first(cast: Cast) -> None:
    lead = make_lead(cast.north)
    first = snooze(lead, cast.alice)
    before = state(lead)
    second = snooze(lead, cast.bob, until=UNTIL + timedelta(days=1), at=LATER)

    with pytest.raises(DomainError) as refused:
        undo(first, cast.alice)
    assert refused.value.code == "activity.over"
    undo(second, cast.bob)
    assert state(lead) == before
    undo(first, cast.alice)
    assert state(lead)[:2] == (None, None)


def test_bringing_it_back_can_be_undone(cast: Cast) -> None:
    lead = make_lead(cast.north)
    snooze(lead, cast.alice)
    before = state(lead)
    woken = snoozes.wake(lead_id=lead.pk, actor=cast.bob, at=LATER)
    assert queue(cast.alice, LATER) == [lead.pk]

    undo(woken, cast.bob)
    assert state(lead) == before
    snooze(lead, cast.alice, until=NOW + timedelta(hours=1))
    woken = snoozes.wake(lead_id=lead.pk, actor=cast.bob, at=LATER)
    with pytest.raises(DomainError) as refused:
        undo(woken, cast.bob, NOW + timedelta(hours=1))
    assert refused.value.code == "activity.over"


@pytest.mark.parametrize(
    ("until", "fits"),
    [
        (NOW, False),
        (NOW + A_TICK, True),
        (NOW + timedelta(days=365), True),
        (NOW + timedelta(days=365) + A_TICK, False),
    ],
)
def test_the_moment_is_ahead_and_within_a_year(cast: Cast, until: datetime, fits: bool) -> None:
    lead = make_lead(cast.north)
    if fits:
        assert snooze(lead, cast.alice, until=until)
    else:
        assert refusal(lead, cast.alice, until=until) == "snooze.until"


def test_only_who_may_work_the_lead_snoozes_or_wakes_it(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    for user, code in (
        (cast.bob, "lead.not_yours"),
        (cast.dan, "lead.not_found"),
        (cast.erin, "lead.not_found"),
        (cast.mia, "lead.not_yours"),
        (cast.adam, "lead.not_yours"),
    ):
        assert refusal(lead, user) == code
        with pytest.raises(DomainError) as refused:
            snoozes.wake(lead_id=lead.pk, actor=user, at=NOW)
        assert refused.value.code == code
    with pytest.raises(DomainError) as refused:
        snoozes.wake(lead_id=lead.pk, actor=cast.alice, at=NOW)
    assert refused.value.code == "snooze.none"


def test_a_manager_cannot_snooze_what_somebody_holds(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    assert refusal(lead, cast.carol) == "claim.held"


def test_a_closed_lead_is_not_snoozed(cast: Cast) -> None:
    assert refusal(make_lead(cast.north, is_open=False), cast.alice) == "lead.closed"


def test_it_is_audited_without_the_note(cast: Cast) -> None:
    lead = make_lead(cast.north)
    undo(snooze(lead, cast.alice, note="Ms Vogel is on leave"), cast.alice)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "lead.snoozed",
        "lead.woken",
        "activity.undone",
    ]
    assert not AuditEntry.objects.filter(data__icontains="Vogel").exists()
