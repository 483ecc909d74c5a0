"""Skipped leads: out of one person's queue until their next working day begins."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leads import activities
from leads.models import Activity, Claim, Lead, Skip, SkipReason
from leads.queue import claims, ranking, skips
from leads.queue.mornings import Mornings, eight_on_weekdays, mornings_of
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import Holiday, OpeningHours, Team, User
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead

LATER = NOW + timedelta(minutes=2)
TOMORROW = datetime(2026, 3, 3, 8, tzinfo=UTC)
A_TICK = timedelta(microseconds=1)


def skip(lead: Lead, actor: User, note: str = "") -> Activity:
    return skips.skip(lead_id=lead.pk, reason=SkipReason.BAD_TIME, actor=actor, at=NOW, note=note)


def queue(user: User, at: datetime) -> list[int]:
    return [row.lead.pk for row in ranking.ranked(user=fresh(user), now=at).rows]


def test_it_is_out_of_the_own_queue_until_the_next_working_day_and_others_see_it(cast: Cast) -> None:
    lead = make_lead(cast.north)
    skip(lead, cast.alice)

    assert queue(cast.alice, TOMORROW - A_TICK) == []
    assert claims.next_lead(user=fresh(cast.alice), now=TOMORROW - A_TICK) is None
    assert not any(count.count for count in ranking.waiting(user=fresh(cast.alice), now=LATER))
    assert queue(cast.alice, TOMORROW) == [lead.pk]
    assert queue(cast.bob, LATER) == [lead.pk]
    assert claims.next_lead(user=fresh(cast.bob), now=LATER) == lead


@pytest.mark.parametrize(
    ("day", "hour", "back"),
    [(2, 12, 3), (2, 7, 3), (6, 12, 9), (7, 1, 9), (8, 23, 9)],
    ids=["Monday", "early", "Friday", "Saturday", "Sunday"],
)
def test_weekends_are_not_worked(day: int, hour: int, back: int) -> None:
    now = datetime(2026, 3, day, hour, tzinfo=UTC)
    mornings = Mornings(eight_on_weekdays(UTC))
    assert mornings.after(1, now=now) == datetime(2026, 3, back, 8, tzinfo=UTC)


@pytest.mark.parametrize("day", range(2, 9))
def test_next_week_begins_on_monday(day: int) -> None:
    now = datetime(2026, 3, day, 12, tzinfo=UTC)
    assert Mornings(eight_on_weekdays(UTC)).next_week(now=now) == datetime(2026, 3, 9, 8, tzinfo=UTC)


def test_a_day_of_work_begins_when_the_team_opens(cast: Cast) -> None:
    """NOW is a Monday. In Auckland the team works from Wednesday on, and not on the first of those."""
    Team.objects.update(time_zone="Pacific/Auckland")
    for weekday in (2, 3, 4):
        OpeningHours.objects.create(team=cast.north, weekday=weekday, opens=9 * 60 + 30, closes=17 * 60)
    Holiday.objects.create(team=cast.north, day=date(2026, 3, 4))
    thursday = datetime(2026, 3, 5, 9, 30, tzinfo=ZoneInfo("Pacific/Auckland"))

    skip(make_lead(cast.north), cast.alice)
    assert Skip.objects.get().until == thursday

    mornings = mornings_of(fresh(cast.alice))
    assert mornings.next_week(now=NOW) == thursday + timedelta(days=6)
    assert mornings_of(fresh(cast.dan)).after(1, now=NOW).astimezone(ZoneInfo("Pacific/Auckland")).hour == 8


def test_claiming_it_has_it_back(cast: Cast) -> None:
    lead = make_lead(cast.north)
    skip(lead, cast.alice)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=LATER)
    assert queue(cast.alice, LATER) == [lead.pk]


def test_it_gives_the_own_claim_back_and_undo_brings_both_again(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    held = Claim.objects.values().get()
    activity = skip(lead, cast.alice)
    assert not Claim.objects.exists()
    assert queue(cast.bob, NOW) == [lead.pk]

    activities.undo(activity_id=activity.pk, actor=cast.alice, at=LATER)
    assert Claim.objects.values().get() == held
    assert queue(cast.alice, LATER) == [lead.pk]


def test_a_manager_who_skips_leaves_the_claims_of_others_alone(cast: Cast) -> None:
    lead = make_lead(cast.north)
    claims.claim(lead_id=lead.pk, actor=cast.alice, at=NOW)
    skip(lead, cast.carol)
    assert Claim.objects.get().user == cast.alice


def test_undo_says_when_the_lead_is_back_already(cast: Cast) -> None:
    activity = skip(make_lead(cast.north), cast.alice)
    with pytest.raises(DomainError) as refused:
        activities.undo(activity_id=activity.pk, actor=cast.alice, at=TOMORROW)
    assert refused.value.code == "activity.over"


def test_only_who_may_work_an_open_lead_skips_it(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    closed = make_lead(cast.north, is_open=False)
    for user, wanted, code in (
        (cast.bob, lead, "lead.not_yours"),
        (cast.dan, lead, "lead.not_found"),
        (cast.mia, lead, "lead.not_yours"),
        (cast.adam, lead, "lead.not_yours"),
        (cast.alice, closed, "lead.closed"),
    ):
        with pytest.raises(DomainError) as refused:
            skip(wanted, user)
        assert refused.value.code == code
    assert not Skip.objects.exists()


def test_it_is_audited_with_the_reason_and_without_the_note(cast: Cast) -> None:
    skip(make_lead(cast.north), cast.alice, "Ms Vogel is on leave")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.data["reason"]) == ("lead.skipped", "bad_time")
    assert "Vogel" not in str(entry.data)
