"""Two leads become one, and two again."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now

from leads import access, overrides
from leads.activities import log_of
from leads.ingestion.identity import EMAIL, EXTERNAL_ID
from leads.ingestion.people import known_as
from leads.ingestion.rows import LeadRow, SignalRow
from leads.ingestion.signals import save_signals
from leads.merging.members import members_of, merges_of
from leads.merging.verbs import merge, undo_merge
from leads.models import (
    Claim,
    DatedValue,
    Lead,
    Merge,
    Outcome,
    OutcomeKind,
    Override,
    OverrideKind,
    OverrideReason,
    Signal,
    Stale,
)
from leads.outcomes import CallResult, log_call
from leads.queue import claims, ranking
from leads.timeline import timeline
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from tests.leads.merging.conftest import by_id, save
from tests.leads.work.conftest import NOW, Cast, fresh

pytestmark = pytest.mark.django_db

SOON, LATER = NOW + timedelta(hours=1), NOW + timedelta(days=1)
Pair = tuple[Lead, Lead]


def state(*leads: Lead) -> list[dict[str, object]]:
    """All that the rows of these leads say."""
    rows = Lead.objects.filter(pk__in=[lead.pk for lead in leads]).order_by("pk")
    return [dict(row) for row in rows.values()]


def join(pair: Pair, cast: Cast, *choices: str) -> Merge:
    kept, absorbed = pair
    return merge(kept_id=kept.pk, absorbed_id=absorbed.pk, actor=cast.alice, at=NOW, choices=choices)


def queued(cast: Cast, now: datetime) -> set[Lead]:
    return {row.lead for row in ranking.ranked(user=cast.alice, now=now).rows}


def part(made: Merge, cast: Cast) -> Merge:
    return undo_merge(merge_id=made.pk, actor=cast.alice, at=LATER)


def signal(message_id: str, lead_key: str, value: str) -> None:
    row = SignalRow(0, lead_key, value, "page_view", NOW, message_id)
    save_signals([row], source="site", received_at=NOW)


def refused(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda error: error.code == code)


def test_the_absorbed_lead_is_in_no_list_and_no_queue(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    assert queued(cast, NOW) == {kept, absorbed}
    join(pair, cast)
    assert list(access.visible_leads(cast.adam)) == [kept]
    assert list(access.workable_leads(cast.alice, now=NOW)) == [kept]
    assert queued(cast, NOW) == {kept}
    assert claims.next_lead(user=cast.alice, now=NOW) == kept
    assert claims.next_lead(user=cast.bob, now=NOW) is None


def test_the_kept_lead_has_its_values_and_those_that_were_chosen(pair: Pair, cast: Cast) -> None:
    join(pair, cast, "job_title", "city")
    kept = by_id("k-1")
    assert kept.attributes | {"company": ""} == {
        "email": "kim@acme.example",
        "first_name": "Kim",
        "job_title": "VP",
        "city": "Bonn",
        "company": "",
    }
    assert (kept.job_title, kept.city, kept.email) == ("vp", "bonn", "kim@acme.example")
    chosen = DatedValue.objects.get(lead=kept, key="job_title", since__isnull=False)
    assert (chosen.value, chosen.since, chosen.recorded_at) == ("vp", NOW, NOW)


def test_without_choices_what_the_kept_lead_lacks_is_taken(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    merge(kept_id=kept.pk, absorbed_id=absorbed.pk, actor=cast.alice, at=NOW)
    assert (by_id("k-1").job_title, by_id("k-1").city) == ("buyer", "bonn")


def test_who_said_not_to_be_written_to_is_not_written_to_after_a_merge(pair: Pair, cast: Cast) -> None:
    save(
        LeadRow(1, {"unsubscribed": "yes"}, external_id="k-2"),
        LeadRow(2, {"unsubscribed": "no"}, external_id="k-1"),
    )
    kept, absorbed = pair
    merge(kept_id=kept.pk, absorbed_id=absorbed.pk, actor=cast.alice, at=NOW)
    assert by_id("k-1").facts["unsubscribed"] is True


def test_undoing_gives_both_leads_back_what_they_were(pair: Pair, cast: Cast) -> None:
    before = state(*pair)
    made = join(pair, cast, "job_title", "city", "email")
    assert state(*pair) != before
    part(made, cast)
    assert state(*pair) == before
    assert queued(cast, LATER) == set(pair)


def test_a_company_can_be_taken_and_goes_back(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    made = join((absorbed, kept), cast, "@account")
    assert by_id("k-2").account == kept.account
    part(made, cast)
    assert by_id("k-2").account is None
    history = DatedValue.objects.filter(lead=absorbed, key="@account", retracted_at=None)
    assert list(history.values_list("value", "since")) == [(None, None)]


def test_both_addresses_lead_to_the_kept_lead_whichever_it_took(pair: Pair, cast: Cast) -> None:
    made = join(pair, cast, "email")
    assert (by_id("k-1").email, by_id("k-2").email) == ("kim@home.example", None)
    for number, email in enumerate(("kim@home.example", "kim@acme.example")):
        save(
            LeadRow(number, {"email": email, "phone": f"+49 {number}"}), at=SOON + number * timedelta(hours=1)
        )
        assert by_id("k-1").attributes["phone"] == f"+49 {number}"
    assert Lead.objects.count() == 2
    assert by_id("k-1").email == "kim@home.example"
    part(made, cast)
    assert (by_id("k-1").email, by_id("k-2").email) == ("kim@acme.example", "kim@home.example")


def test_whatever_either_is_known_by_names_the_kept_lead(pair: Pair, cast: Cast) -> None:
    named = [
        *((EXTERNAL_ID, external_id) for external_id in ("k-1", "k-2")),
        *((EMAIL, email) for email in ("kim@acme.example", "kim@home.example")),
    ]
    made = join(pair, cast, "email")
    assert [known_as(*name) for name in named] == [pair[0].pk] * 4
    part(made, cast)
    assert [known_as(*name) for name in named] == [pair[0].pk, pair[1].pk] * 2


def test_what_was_told_by_the_absorbed_leads_key_goes_back_to_it(pair: Pair, cast: Cast) -> None:
    made = join(pair, cast)
    save(
        LeadRow(1, {"email": "kim@home.example", "phone": "1", "job_title": "Head"}, external_id="k-2"),
        at=SOON,
    )
    save(LeadRow(1, {"city": "Ulm"}, external_id="k-1"), at=SOON)
    kept = by_id("k-1")
    assert (kept.phone, kept.job_title, kept.city, kept.email) == ("1", "head", "ulm", "kim@acme.example")
    assert by_id("k-2").phone is None
    part(made, cast)
    kept, absorbed = by_id("k-1"), by_id("k-2")
    assert (kept.phone, kept.job_title, kept.city) == (None, "buyer", "ulm")
    assert (absorbed.phone, absorbed.job_title, absorbed.city) == ("1", "head", "bonn")


def test_an_import_of_the_absorbed_lead_again_is_no_news(pair: Pair, cast: Cast) -> None:
    join(pair, cast, "job_title", "city")
    before = DatedValue.objects.count()
    save(
        LeadRow(2, {"email": "kim@home.example", "job_title": "VP", "city": "Bonn"}, external_id="k-2"),
        at=SOON,
    )
    assert DatedValue.objects.count() == before


def test_signals_stay_with_the_lead_whose_key_they_named_and_count_for_the_kept_one(
    pair: Pair, cast: Cast
) -> None:
    kept, absorbed = pair
    signal("a", "external_id", "k-2")
    made = join(pair, cast, "email")
    Stale.objects.all().delete()
    signal("b", "external_id", "k-2")
    signal("c", "email", "kim@home.example")
    signal("d", "email", "kim@acme.example")
    assert list(Signal.objects.order_by("pk").values_list("lead_id", flat=True)) == [
        absorbed.pk, absorbed.pk, absorbed.pk, kept.pk,
    ]  # fmt: skip
    assert members_of(kept) == [kept.pk, absorbed.pk]
    assert len(timeline(kept).events) == 4
    part(made, cast)
    assert [len(timeline(lead).events) for lead in pair] == [1, 3]


@pytest.mark.parametrize("ahead", [timedelta(hours=-1), timedelta(seconds=1)])
def test_a_chosen_override_takes_the_place_of_the_kept_leads_and_both_come_back(
    pair: Pair, cast: Cast, ahead: timedelta
) -> None:
    # Ahead of the merge: set while that waited for the leads.
    for lead, points in zip(pair, (5, 9), strict=True):
        overrides.set_override(
            lead_id=lead.pk,
            kind=OverrideKind.POINTS,
            points=points,
            reason=OverrideReason.MET,
            actor=cast.alice,
            at=NOW + ahead,
        )
    made = join(pair, cast, "@override")
    active = overrides.active(at=NOW + timedelta(seconds=1))
    assert list(active.values_list("lead__external_id", "points")) == [("k-1", 9)]
    part(made, cast)
    again = overrides.active(at=LATER).order_by("lead__external_id")
    assert list(again.values_list("lead__external_id", "points")) == [("k-1", 5), ("k-2", 9)]


def test_an_override_that_nobody_chose_ends_and_comes_back(pair: Pair, cast: Cast) -> None:
    overrides.set_override(
        lead_id=pair[1].pk,
        kind=OverrideKind.HOLD,
        reason=OverrideReason.NOT_NOW,
        actor=cast.alice,
        at=NOW - timedelta(hours=1),
    )
    made = join(pair, cast)
    assert not overrides.active(at=NOW).exists()
    part(made, cast)
    assert overrides.active(at=LATER).get().lead == pair[1]
    assert Override.objects.count() == 2


def test_a_chosen_outcome_closes_the_kept_lead_until_the_merge_is_undone(pair: Pair, cast: Cast) -> None:
    log_call(lead_id=pair[1].pk, result=CallResult.WON, actor=cast.alice, at=NOW)
    made = join(pair, cast, "@outcome")
    assert Outcome.objects.get().lead == pair[0]
    assert not by_id("k-1").is_open
    part(made, cast)
    assert Outcome.objects.get(kind=OutcomeKind.CONVERTED).lead == pair[1]
    assert (by_id("k-1").is_open, by_id("k-2").is_open) == (True, False)


def test_an_outcome_that_nobody_chose_leaves_the_kept_lead_open(pair: Pair, cast: Cast) -> None:
    log_call(lead_id=pair[1].pk, result=CallResult.WRONG_PERSON, actor=cast.alice, at=NOW)
    join(pair, cast)
    assert by_id("k-1").is_open
    assert Outcome.objects.get().lead == pair[1]


def test_who_held_the_absorbed_lead_holds_the_kept_one(pair: Pair, cast: Cast) -> None:
    claims.claim(lead_id=pair[1].pk, actor=cast.alice, at=NOW)
    made = join(pair, cast)
    held = Claim.objects.get()
    assert (held.lead, held.user) == (pair[0], cast.alice)
    undo_merge(merge_id=made.pk, actor=cast.alice, at=NOW + timedelta(minutes=5))
    assert Claim.objects.get().lead == pair[1]


def test_an_owner_can_be_taken_and_goes_back_unless_the_lead_was_given_on(pair: Pair, cast: Cast) -> None:
    Lead.objects.filter(pk=pair[1].pk).update(owner=cast.alice)
    made = join(pair, cast, "@owner")
    assert by_id("k-1").owner == cast.alice
    part(made, cast)
    assert by_id("k-1").owner is None
    made = join(pair, cast, "@owner")
    Lead.objects.filter(pk=pair[0].pk).update(owner=cast.bob)
    undo_merge(merge_id=made.pk, actor=cast.carol, at=LATER)
    assert by_id("k-1").owner == cast.bob


def test_the_log_shows_what_was_done_with_both_and_the_merge(pair: Pair, cast: Cast) -> None:
    log_call(lead_id=pair[1].pk, result=CallResult.NO_ANSWER, actor=cast.alice, at=NOW - timedelta(hours=1))
    made = join(pair, cast)
    assert [deed.verb for deed in log_of(pair[0])] == ["merged", "no_answer"]
    part(made, cast)
    assert [(deed.verb, deed.undone_at) for deed in log_of(pair[0])] == [("merged", LATER)]
    actions = AuditEntry.objects.filter(action__contains="merged").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == ["lead.merged", "lead.unmerged"]


def test_who_absorbs_a_lead_has_what_that_one_had_absorbed(pair: Pair, cast: Cast) -> None:
    save(LeadRow(1, {"first_name": "Kim", "email": "k@old.example"}, external_id="k-3", team="North"))
    first, second, third = *pair, by_id("k-3")
    Lead.objects.update(owner=None)
    inner = join((second, third), cast)
    outer = join((first, second), cast)
    assert members_of(first) == [first.pk, second.pk, third.pk]
    assert {by_id("k-2").absorbed_into, by_id("k-3").absorbed_into} == {first}
    with refused("lead.not_found"):
        part(inner, cast)
    part(outer, cast)
    assert (members_of(first), members_of(second)) == ([first.pk], [second.pk, third.pk])
    assert by_id("k-3").absorbed_into == second
    part(inner, cast)
    assert Lead.objects.filter(absorbed_into=None).count() == 3


def test_marks_are_left_for_both_and_for_all_of_their_accounts(pair: Pair, cast: Cast) -> None:
    save(LeadRow(1, {"email": "max@acme.example", "company": "Acme"}, external_id="m", team="North"))
    Stale.objects.all().delete()
    made = join(pair, cast)
    expected = {pair[0].pk, pair[1].pk, by_id("m").pk}
    assert set(Stale.objects.values_list("lead_id", flat=True)) == expected
    Stale.objects.all().delete()
    part(made, cast)
    assert set(Stale.objects.values_list("lead_id", flat=True)) == expected


def test_a_merge_can_be_undone_once_and_for_30_days(pair: Pair, cast: Cast) -> None:
    made = join(pair, cast)
    with refused("merge.too_late"):
        undo_merge(merge_id=made.pk, actor=cast.alice, at=NOW + timedelta(days=30, microseconds=1))
    undo_merge(merge_id=made.pk, actor=cast.alice, at=NOW + timedelta(days=30))
    with refused("merge.undone"):
        part(made, cast)
    assert not merges_of(pair[0])
    again = join(pair, cast)
    assert again.pk != made.pk


def test_what_cannot_be_merged_is_refused_with_a_reason(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    with refused("merge.same"):
        join((kept, kept), cast)
    with refused("merge.choice"):
        join(pair, cast, "phone")
    join(pair, cast)
    with refused("lead.not_found"):
        join(pair, cast)
    with refused("lead.not_found"):
        join((absorbed, kept), cast)


def test_only_who_works_both_leads_may_merge_them(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    Lead.objects.filter(pk=absorbed.pk).update(owner=cast.bob)
    for user, code in (
        (cast.alice, "lead.not_yours"),
        (cast.mia, "lead.not_yours"),
        (cast.adam, "lead.not_yours"),
        (cast.dan, "lead.not_found"),
        (cast.erin, "lead.not_found"),
    ):
        with refused(code):
            merge(kept_id=kept.pk, absorbed_id=absorbed.pk, actor=user, at=NOW, choices=())
    made = merge(kept_id=kept.pk, absorbed_id=absorbed.pk, actor=cast.carol, at=NOW, choices=())
    for user, code in ((cast.mia, "lead.not_yours"), (cast.dan, "lead.not_found")):
        with refused(code):
            undo_merge(merge_id=made.pk, actor=user, at=LATER)
    undo_merge(merge_id=made.pk, actor=fresh(cast.alice), at=LATER)


def test_the_database_keeps_merges_in_order(pair: Pair, cast: Cast) -> None:
    kept, absorbed = pair
    join(pair, cast)
    for one, other in ((absorbed, kept), (kept, absorbed), (kept, kept)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Merge.objects.create(kept=one, absorbed=other, merged_at=NOW, merged_by=cast.alice)


def test_the_first_merge_renews_what_statements_hang_on(pair: Pair, cast: Cast) -> None:
    def revision() -> object:
        with connection.cursor() as cursor:
            cursor.execute("SELECT revision FROM leads_vocabulary")
            return cursor.fetchone()[0]

    before = revision()
    made = join(pair, cast)
    first = revision()
    part(made, cast)
    join(pair, cast)
    assert before != first == revision()


def test_a_merge_is_never_ahead_of_the_databases_clock(pair: Pair, cast: Cast) -> None:
    ahead = NOW + timedelta(days=365 * 50)
    made = merge(kept_id=pair[0].pk, absorbed_id=pair[1].pk, actor=cast.alice, at=ahead, choices=())
    assert Merge.objects.filter(pk=made.pk, merged_at__lte=Now() + timedelta(minutes=1)).exists()
