"""Who is told of what: once, and never in a storm."""

import smtplib
from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import IntegrityError, transaction

from leads import overrides
from leads.assigning import assigning
from leads.effective import band_of
from leads.models import (
    Assigned,
    Channel,
    Delivery,
    Lead,
    Notice,
    NoticeKind,
    OverrideKind,
    OverrideReason,
    RiseMark,
    Score,
)
from leads.models.score_change import Cause, ScoreChange
from leads.notices import outbox, reading
from leads.notices.telling import ONE_BY_ONE, News, tell
from leads.notices.watching import watch
from leads.notices.wording import sentence
from leadscoring.people.models import User
from tests.leads.response.conftest import ANSWERED, settle, signal
from tests.leads.work.conftest import NOW, Cast, make_lead

HOUR = timedelta(hours=1)


def lead_of(cast: Cast, total: int = 5, **fields: object) -> Lead:
    with assigning(actor=cast.carol, why=Assigned.IMPORT, at=NOW - 24 * HOUR):
        return make_lead(cast.north, total, **{"owner": cast.alice, **fields})  # type: ignore[arg-type]


def changes(leads: list[Lead], total: int, cause: Cause, at: datetime) -> None:
    band = band_of(total, ANSWERED).rank
    values = {"total": total, "engagement": total, "fit": 0, "band": band}
    ScoreChange.objects.bulk_create(
        ScoreChange(lead_id=lead.pk, at=at, version_id=1, cause=cause, **values) for lead in leads
    )


def told(user: User) -> list[str]:
    return [sentence(notice) for notice in reading.notices_of(user)]


@pytest.mark.parametrize(("total", "band"), [(90, "Hot"), (70, "Sql")])
@pytest.mark.parametrize("cause", [Cause.SIGNAL, Cause.ATTRIBUTE | Cause.TIME, Cause.TIME])
def test_the_owner_is_told_that_a_lead_reached_a_top_band(
    cast: Cast, total: int, band: str, cause: Cause
) -> None:
    lead = lead_of(cast, external_id="Maren")
    changes([lead], 5, Cause.FIRST, NOW - HOUR)
    changes([lead], total, cause, NOW)
    assert (watch(now=NOW), watch(now=NOW)) == (1, 0)
    assert told(cast.alice) == [f"Maren has reached {band}."]
    assert told(cast.bob) == []


def test_what_was_there_before_has_not_reached_it(cast: Cast) -> None:
    lead = lead_of(cast)
    changes([lead], 90, Cause.SIGNAL, NOW - HOUR)
    changes([lead], 95, Cause.SIGNAL, NOW)
    assert watch(now=NOW) == 1


def test_nobody_is_told_of_a_lead_without_owner_or_of_a_closed_one(cast: Cast) -> None:
    changes([lead_of(cast, owner=None), lead_of(cast, is_open=False)], 90, Cause.SIGNAL, NOW)
    assert watch(now=NOW) == 0


def test_another_version_tells_nobody_however_many_leads_it_moves(cast: Cast) -> None:
    leads = Lead.objects.bulk_create(Lead(team=cast.north, owner=cast.alice) for _ in range(10_000))
    changes(leads, 5, Cause.FIRST, NOW - HOUR)
    changes(leads, 90, Cause.VERSION | Cause.SIGNAL, NOW)
    assert not RiseMark.objects.exists()
    assert watch(now=NOW) == 0
    assert not Notice.objects.exists() and not Delivery.objects.exists()


def test_many_at_once_are_one_line_and_one_mail(cast: Cast) -> None:
    leads = [lead_of(cast) for _ in range(ONE_BY_ONE + 2)]
    changes(leads, 90, Cause.SIGNAL, NOW)
    watch(now=NOW)
    assert told(cast.alice) == ["12 leads of yours came into a top band."]
    assert Delivery.objects.count() == 1


def test_more_within_the_hour_count_up_the_one_line(cast: Cast) -> None:
    for minute in range(2):
        changes([lead_of(cast) for _ in range(ONE_BY_ONE + 1)], 90, Cause.SIGNAL, NOW)
        watch(now=NOW + timedelta(minutes=minute))
    assert told(cast.alice) == ["22 leads of yours came into a top band."]
    assert Delivery.objects.count() == 1


def test_an_overdue_answer_is_told_once_a_wait(cast: Cast) -> None:
    lead = lead_of(cast, 90, external_id="Maren")
    changes([lead], 90, Cause.FIRST, NOW - 24 * HOUR)
    RiseMark.objects.all().delete()
    signal(lead, NOW)
    settle()
    assert watch(now=NOW - 23 * HOUR) == 0
    assert [watch(now=NOW + 3 * HOUR), watch(now=NOW + 4 * HOUR)] == [1, 0]
    assert told(cast.alice) == ["Maren waits for an answer, and it is overdue."]


def test_a_snoozed_lead_is_not_overdue_before_it_is_back(cast: Cast) -> None:
    lead = lead_of(cast, 90)
    Lead.objects.filter(pk=lead.pk).update(snoozed_at=NOW, snoozed_until=NOW + 9 * HOUR)
    settle()
    assert [watch(now=NOW + hours * HOUR) for hours in (3, 9)] == [0, 1]


def test_a_returned_lead_is_not_overdue_before_it_comes_to_a_higher_band(cast: Cast) -> None:
    lead = lead_of(cast, 90)
    settle()
    [band] = Score.objects.filter(lead=lead).values_list("band", flat=True)
    Lead.objects.filter(pk=lead.pk).update(returned_rank=band)
    assert watch(now=NOW + 3 * HOUR) == 0
    Lead.objects.filter(pk=lead.pk).update(returned_rank=band - 1)
    assert watch(now=NOW + 3 * HOUR) == 1


def test_an_override_that_ends_is_told_to_its_author_unless_they_ended_it(cast: Cast) -> None:
    leads = [lead_of(cast, 70, external_id=name) for name in ("One", "Two", "Three")]
    made = [
        overrides.set_override(
            lead_id=lead.pk,
            kind=OverrideKind.POINTS,
            points=5,
            reason=OverrideReason.MET,
            actor=cast.alice,
            at=NOW,
            ends_at=NOW + HOUR,
        )
        for lead in leads
    ]
    overrides.end_override(override_id=made[0].pk, actor=cast.alice, at=NOW + HOUR / 2)
    overrides.end_override(override_id=made[1].pk, actor=cast.carol, at=NOW + HOUR / 2)
    assert watch(now=NOW + 2 * HOUR) == 2
    assert watch(now=NOW + 3 * HOUR) == 0
    assert set(told(cast.alice)) == {"Carol ended your override of Two.", "Your override of Three has ended."}


def news(user: User, occasion: str = "1") -> News:
    return News(
        user.pk, NoticeKind.REVIEW, "version:1", occasion, "/models/1/", data={"version": "M, version 1"}
    )


def test_the_database_keeps_a_notice_from_being_written_twice(cast: Cast) -> None:
    assert [tell([news(cast.alice)], at=NOW) for _ in range(2)] == [1, 0]
    notice = Notice.objects.get()
    notice.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        notice.save(force_insert=True)


def test_what_one_opted_out_of_is_neither_shown_nor_sent(cast: Cast) -> None:
    reading.choose(actor=cast.alice, wanted={(NoticeKind.REVIEW, Channel.EMAIL)}, at=NOW)
    reading.choose(actor=cast.bob, wanted=set(), at=NOW)
    tell([news(cast.alice), news(cast.bob), news(cast.carol)], at=NOW)
    assert [reading.unread(user) for user in (cast.alice, cast.bob, cast.carol)] == [0, 0, 1]
    assert {one.notice.person for one in Delivery.objects.all()} == {cast.alice, cast.carol}


def test_a_mail_says_it_and_where_to_look_and_goes_once(cast: Cast) -> None:
    tell([news(cast.alice)], at=NOW)
    assert [outbox.send_due(Channel.EMAIL, now=at) for at in (NOW, NOW + 24 * HOUR)] == [1, 0]
    [sent] = mail.outbox
    assert sent.to == ["alice@example.com"]
    assert sent.subject == "M, version 1 waits for review."
    assert "/models/1/" in sent.body


def test_a_mail_that_fails_is_tried_again_and_in_the_end_set_aside(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise smtplib.SMTPServerDisconnected("gone")

    tell([news(cast.alice)], at=NOW)
    monkeypatch.setattr(EmailBackend, "send_messages", fail)
    tries, at = 0, NOW
    while outbox.send_due(Channel.EMAIL, now=at):
        tries, at = tries + 1, at + 9 * HOUR
    delivery = Delivery.objects.get()
    assert tries == delivery.tries == len(outbox.WAITS) + 1
    assert delivery.set_aside_at is not None and delivery.sent_at is None
    assert delivery.reason == "SMTPServerDisconnected: gone"


def test_who_may_no_longer_sign_in_gets_no_mail(cast: Cast) -> None:
    tell([news(cast.alice)], at=NOW)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    outbox.send_due(Channel.EMAIL, now=NOW)
    assert not mail.outbox and Delivery.objects.get().set_aside_at is not None


def test_reading_is_noted_up_to_what_was_shown(cast: Cast) -> None:
    tell([news(cast.alice), news(cast.bob)], at=NOW)
    shown = max(notice.pk for notice in reading.notices_of(cast.alice))
    tell([news(cast.alice, "2")], at=NOW)
    assert reading.mark_read(actor=cast.alice, up_to=shown, at=NOW) == 1
    assert [reading.unread(user) for user in (cast.alice, cast.bob)] == [1, 1]
