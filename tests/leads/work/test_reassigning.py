"""Giving leads to other people, as one act that can be taken back."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import activities, reassigning
from leads.dealing import Way
from leads.models import Activity, Assignment, Claim, Lead, ReassignedLead, Reassignment, Score, Turn
from leads.queue import claims
from leads.reassigning import Selection
from leadscoring.audit.models import AuditEntry
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, make_lead, person
from tests.leads.work.test_overrides import refusal

LATER = NOW + timedelta(hours=2)


def chosen(*leads: Lead) -> Selection:
    return Selection(lead_ids=tuple(lead.pk for lead in leads))


def give(
    selection: Selection,
    to: Sequence[User] = (),
    *,
    actor: User,
    way: Way = Way.PEOPLE,
    expected: int | None = None,
    at: Any = NOW,
) -> Reassignment:
    if expected is None:
        seen = reassigning.preview(selection=selection, way=way, to=to, actor=actor, at=at)
        expected = len(seen.deal.changed)
    return reassigning.reassign(selection=selection, way=way, to=to, expected=expected, actor=actor, at=at)


def owners(*leads: Lead) -> list[User | None]:
    return [Lead.objects.get(pk=lead.pk).owner for lead in leads]


class TestToPeople:
    def test_one_lead_goes_to_one_person_and_so_does_its_place_in_the_queue(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.alice)
        act = give(chosen(lead), [cast.bob], actor=cast.carol)

        assert owners(lead) == [cast.bob]
        assert Score.objects.get(lead=lead).owner_id == cast.bob.pk
        assert (act.leads, act.way, act.book_of) == (1, "people", None)

    def test_several_get_the_best_leads_in_turn(self, cast: Cast) -> None:
        leads = [make_lead(cast.north, total, owner=cast.alice) for total in (95, 90, 85, 70, 65, 40)]
        give(chosen(*leads), [cast.alice, cast.bob, cast.carol], actor=cast.carol)

        expected = [cast.alice, cast.bob, cast.carol] * 2
        assert owners(*leads) == expected

    def test_the_preview_says_what_then_happens(self, cast: Cast) -> None:
        leads = [make_lead(cast.north, total) for total in (95, 70, 40)]
        claims.claim(lead_id=leads[1].pk, actor=cast.alice, at=NOW)
        seen = reassigning.preview(
            selection=chosen(*leads), way=Way.PEOPLE, to=[cast.alice, cast.bob], actor=cast.carol, at=NOW
        )

        assert seen.deal.shares() == {cast.alice.pk: 2, cast.bob.pk: 1}
        assert seen.claims == 1
        assert not Reassignment.objects.exists() and owners(*leads) == [None] * 3
        give(chosen(*leads), [cast.alice, cast.bob], actor=cast.carol)
        assert Counter(owners(*leads)) == {cast.alice: 2, cast.bob: 1}

    def test_claims_of_others_end_and_the_new_owner_s_stays(self, cast: Cast) -> None:
        mine, theirs = make_lead(cast.north, 90), make_lead(cast.north, 80)
        claims.claim(lead_id=mine.pk, actor=cast.bob, at=NOW)
        claims.claim(lead_id=theirs.pk, actor=cast.alice, at=NOW)
        give(chosen(mine, theirs), [cast.bob], actor=cast.carol)

        assert [claim.lead_id for claim in Claim.objects.all()] == [mine.pk]

    def test_a_lead_stays_in_its_team_where_the_new_owner_is_in_it(self, cast: Cast) -> None:
        cast.carol.memberships.create(team=cast.south)
        cast.bob.memberships.create(team=cast.south)
        cast.carol.__dict__.pop("team_ids", None)
        north, south = make_lead(cast.north), make_lead(cast.south)
        give(chosen(north, south), [cast.bob], actor=cast.carol)

        assert [Lead.objects.get(pk=lead.pk).team for lead in (north, south)] == [cast.north, cast.south]

    def test_else_it_goes_to_a_team_of_theirs(self, cast: Cast) -> None:
        cast.carol.memberships.create(team=cast.south)
        cast.carol.__dict__.pop("team_ids", None)
        lead = make_lead(cast.north)
        give(chosen(lead), [cast.dan], actor=cast.carol)
        lead.refresh_from_db()

        assert (lead.team, lead.owner) == (cast.south, cast.dan)
        assert Score.objects.get(lead=lead).team_id == cast.south.pk

    def test_closed_leads_and_those_that_are_there_already_stay(self, cast: Cast) -> None:
        closed = make_lead(cast.north, owner=cast.alice, is_open=False)
        there = make_lead(cast.north, owner=cast.bob)
        moved = make_lead(cast.north, owner=cast.alice)
        act = give(chosen(closed, there, moved), [cast.bob], actor=cast.carol)

        assert act.leads == 1 and owners(closed, there, moved) == [cast.alice, cast.bob, cast.bob]
        assert [move.lead for move in ReassignedLead.objects.all()] == [moved]


class TestByTurns:
    def test_the_reps_of_each_lead_s_team_go_on_where_routing_stopped(self, cast: Cast) -> None:
        Turn.objects.create(team=cast.north, last_user_id=cast.alice.pk)
        leads = [make_lead(cast.north, total, owner=cast.carol) for total in (90, 80, 70)]
        give(chosen(*leads), way=Way.ROUTING, actor=cast.carol)

        assert owners(*leads) == [cast.bob, cast.alice, cast.bob]
        assert Turn.objects.get(team=cast.north).last_user_id == cast.bob.pk

    def test_a_book_does_not_go_back_to_whose_it_was(self, cast: Cast) -> None:
        leads = [make_lead(cast.north, total, owner=cast.alice) for total in (90, 80)]
        give(Selection(book_of=cast.alice), way=Way.ROUTING, actor=cast.carol)

        assert owners(*leads) == [cast.bob, cast.bob]

    def test_where_no_rep_is_left_any_that_comes_may_take_them(self, cast: Cast) -> None:
        empty = Team.objects.create(name="Empty")
        cast.carol.memberships.create(team=empty)
        cast.carol.__dict__.pop("team_ids", None)
        lead = make_lead(empty, owner=cast.alice)
        give(chosen(lead), way=Way.ROUTING, actor=cast.carol)

        assert owners(lead) == [None]

    def test_what_is_in_no_team_goes_to_the_default_one(self, cast: Cast) -> None:
        Team.objects.filter(pk=cast.north.pk).update(is_default=True)
        lead = make_lead(None, owner=cast.alice)
        give(chosen(lead), way=Way.ROUTING, actor=cast.carol)
        lead.refresh_from_db()

        assert (lead.team, lead.owner) == (cast.north, None)


def test_to_nobody_leaves_them_to_the_team(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    give(chosen(lead), way=Way.NOBODY, actor=cast.carol)
    lead.refresh_from_db()

    assert (lead.owner, lead.team) == (None, cast.north)


class TestTheWholeBook:
    def test_it_is_every_open_lead_of_the_manager_s_teams(self, cast: Cast) -> None:
        here = [make_lead(cast.north, total, owner=cast.alice) for total in (90, 50, 10)]
        there = make_lead(cast.south, owner=cast.alice)
        selection = Selection(book_of=cast.alice)
        seen = reassigning.preview(
            selection=selection, way=Way.PEOPLE, to=[cast.bob], actor=cast.carol, at=NOW
        )
        act = give(selection, [cast.bob], actor=cast.carol)

        assert (seen.elsewhere, act.leads, act.book_of) == (1, 3, cast.alice)
        assert owners(*here, there) == [cast.bob] * 3 + [cast.alice]

    def test_all_claims_of_the_leaver_end(self, cast: Cast) -> None:
        make_lead(cast.north, owner=cast.alice)
        pool = make_lead(cast.north)
        claims.claim(lead_id=pool.pk, actor=cast.alice, at=NOW)
        give(Selection(book_of=cast.alice), [cast.bob], actor=cast.carol)

        assert not Claim.objects.exists()

    def test_an_admin_clears_the_book_of_who_has_left_in_all_teams(self, cast: Cast) -> None:
        User.objects.filter(pk=cast.alice.pk).update(is_active=False)
        cast.alice.refresh_from_db()
        leads = [make_lead(team, owner=cast.alice) for team in (cast.north, cast.south, None)]
        selection = Selection(book_of=cast.alice)
        act = give(selection, [cast.bob, cast.dan], actor=cast.adam)

        assert act.leads == 3 and cast.alice not in owners(*leads)
        assert set(owners(*leads)) == {cast.bob, cast.dan}

    def test_but_not_of_who_works_here(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.alice)

        for selection in (Selection(book_of=cast.alice), chosen(lead)):
            assert refusal(lambda s=selection: give(s, [cast.bob], actor=cast.adam, expected=1)) == (  # type: ignore[misc]
                "reassign.not_yours"
            )


class TestRefusals:
    @pytest.mark.parametrize("name", ["alice", "mia", "adam"])
    def test_it_takes_a_manager(self, cast: Cast, name: str) -> None:
        lead, actor = make_lead(cast.north), getattr(cast, name)

        assert refusal(lambda: give(chosen(lead), [cast.bob], actor=actor, expected=1)) == (
            "reassign.not_yours"
        )
        assert refusal(lambda: give(chosen(lead), [cast.bob], actor=actor)) == "reassign.not_yours"
        assert owners(lead) == [None]

    def test_leads_of_other_teams_are_not_touched(self, cast: Cast) -> None:
        lead = make_lead(cast.south, owner=cast.dan)

        assert refusal(lambda: give(chosen(lead), [cast.bob], actor=cast.carol, expected=1)) == (
            "reassign.none"
        )

    def test_nobody_strangers_and_too_many_are_refused(self, cast: Cast) -> None:
        lead = make_lead(cast.north)
        gone = person("Gone", Role.REP, cast.north)
        gone.is_active = False
        gone.save()

        assert refusal(lambda: give(chosen(lead), [], actor=cast.carol)) == "reassign.to_nobody"
        for stranger in (cast.dan, cast.mia, gone):
            assert refusal(lambda s=stranger: give(chosen(lead), [s], actor=cast.carol)) == (  # type: ignore[misc]
                "reassign.to_stranger"
            )
        many = Selection(lead_ids=tuple(range(501)))
        assert refusal(lambda: give(many, [cast.bob], actor=cast.carol)) == "reassign.many"

    def test_a_number_that_is_no_longer_true_is_refused(self, cast: Cast) -> None:
        make_lead(cast.north, owner=cast.alice)
        book = Selection(book_of=cast.alice)
        make_lead(cast.north, owner=cast.alice)

        assert refusal(lambda: give(book, [cast.bob], actor=cast.carol, expected=1)) == "reassign.changed"
        assert not Reassignment.objects.exists()


class TestUndoing:
    def test_all_go_back_but_what_was_moved_on_since(self, cast: Cast) -> None:
        leads = [make_lead(cast.north, total, owner=cast.alice) for total in (90, 80, 70)]
        act = give(Selection(book_of=cast.alice), [cast.bob], actor=cast.carol)
        give(chosen(leads[1]), [cast.carol], actor=cast.carol)

        assert reassigning.undo(reassignment_id=act.pk, actor=cast.carol, at=LATER) == 2
        assert owners(*leads) == [cast.alice, cast.carol, cast.alice]
        assert Activity.objects.filter(reassignment=act, undone_at=LATER).count() == 3

    def test_a_claim_that_the_new_owner_took_ends(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.alice)
        act = give(chosen(lead), [cast.bob], actor=cast.carol)
        claims.claim(lead_id=lead.pk, actor=cast.bob, at=NOW)
        reassigning.undo(reassignment_id=act.pk, actor=cast.carol, at=NOW)

        assert not Claim.objects.exists()

    def test_it_can_be_done_once_for_a_day_by_who_manages_all_of_it(self, cast: Cast) -> None:
        lead = make_lead(cast.north, owner=cast.alice)
        act = give(chosen(lead), [cast.bob], actor=cast.carol)

        def undo(actor: User, at: Any = LATER) -> str:
            return refusal(lambda: reassigning.undo(reassignment_id=act.pk, actor=actor, at=at))

        for stranger in (cast.erin, cast.bob, cast.mia, cast.adam):
            assert undo(stranger) == "reassign.not_yours"
        assert undo(cast.carol, NOW + timedelta(days=1, seconds=1)) == "reassign.too_late"
        other = person("Olga", Role.MANAGER, cast.north)
        assert reassigning.undo(reassignment_id=act.pk, actor=other, at=LATER) == 1
        assert undo(cast.carol) == "reassign.undone"
        assert (
            refusal(lambda: reassigning.undo(reassignment_id=0, actor=cast.carol, at=LATER))
            == "reassign.not_found"
        )

    def test_the_undo_key_takes_one_lead_back_and_leaves_many_to_their_page(self, cast: Cast) -> None:
        many = [make_lead(cast.north, owner=cast.alice) for _ in range(2)]
        one = make_lead(cast.north, owner=cast.alice)
        give(chosen(*many), [cast.bob], actor=cast.carol)
        assert activities.last_of(actor=cast.carol, now=LATER) is None
        logged = Activity.objects.filter(lead=many[0]).get()
        assert not activities.may_undo(logged, user=cast.carol, now=LATER)
        assert refusal(lambda: activities.undo(activity_id=logged.pk, actor=cast.carol, at=LATER)) == (
            "activity.one_of_many"
        )

        give(chosen(one), [cast.bob], actor=cast.carol)
        last = activities.last_of(actor=cast.carol, now=LATER)
        assert last is not None and activities.may_undo(last, user=cast.carol, now=LATER)
        activities.undo(activity_id=last.pk, actor=cast.carol, at=LATER)
        assert owners(one) == [cast.alice]


def test_each_lead_s_log_says_from_whom_to_whom(cast: Cast) -> None:
    mine, free = make_lead(cast.north, owner=cast.alice), make_lead(cast.north)
    give(chosen(mine, free), [cast.bob], actor=cast.carol)
    notes = dict(Activity.objects.values_list("lead", "note"))

    assert notes == {mine.pk: "Alice → Bob", free.pk: "nobody → Bob"}


def test_the_history_of_assignments_says_that_it_was_given_by_whom_and_when(cast: Cast) -> None:
    lead = make_lead(cast.north, owner=cast.alice)
    give(chosen(lead), [cast.bob], actor=cast.carol)
    latest = Assignment.objects.filter(lead=lead).latest("pk")

    assert (latest.owner, latest.by, latest.why, latest.since) == (cast.bob, cast.carol, "reassigned", NOW)


def test_one_act_is_one_entry_in_the_audit(cast: Cast) -> None:
    for _ in range(3):
        make_lead(cast.north, owner=cast.alice)
    act = give(Selection(book_of=cast.alice), [cast.bob, cast.carol], actor=cast.carol)
    reassigning.undo(reassignment_id=act.pk, actor=cast.carol, at=LATER)

    done, undone = AuditEntry.objects.order_by("pk")
    assert (done.action, done.object_id, done.actor) == ("leads.reassigned", str(act.pk), cast.carol)
    assert done.data["shares"] == {str(cast.bob.pk): 2, str(cast.carol.pk): 1}
    assert (undone.action, undone.data["leads"]) == ("leads.reassignment_undone", 3)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(totals=st.lists(st.integers(0, 120), min_size=1, max_size=12), people=st.integers(1, 3))
def test_shares_differ_by_one_at_most_in_all_and_in_each_band(
    cast: Cast, totals: list[int], people: int
) -> None:
    leads = [make_lead(cast.north, total, owner=cast.erin) for total in totals]
    to = [cast.alice, cast.bob, cast.carol][:people]
    seen = reassigning.preview(selection=chosen(*leads), way=Way.PEOPLE, to=to, actor=cast.carol, at=NOW)

    counts = seen.deal.shares()
    assert sum(counts.values()) == len(leads)
    assert max(counts.values()) - min(counts.get(user.pk, 0) for user in to) <= 1
    for rung in {lead.rung for lead in seen.deal.leads}:
        of_band = Counter(lead.to_owner for lead in seen.deal.leads if lead.rung == rung)
        assert max(of_band.values()) - min(of_band.get(user.pk, 0) for user in to) <= 1
    Lead.objects.filter(pk__in=[lead.pk for lead in leads]).delete()


def test_thousands_are_given_away_set_by_set_after_single_ones_too(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    """In a session whose triggers were first run for one lead, and so were planned for one."""
    one = make_lead(cast.north)
    for owner in (cast.alice, cast.bob) * 4:
        Lead.objects.filter(pk=one.pk).update(owner=owner)
    begun = time.monotonic()
    Lead.objects.bulk_create(Lead(team=cast.north, owner=cast.alice) for _ in range(10_000))
    made = time.monotonic()
    with django_assert_max_num_queries(35):
        act = give(Selection(book_of=cast.alice), [cast.bob, cast.carol], actor=cast.carol, expected=10_000)
    with django_assert_max_num_queries(30):
        assert reassigning.undo(reassignment_id=act.pk, actor=cast.carol, at=LATER) == 10_000
    # Joined row by row it takes minutes; so, seconds, and no more than a multiple of making the leads.
    assert time.monotonic() - made < max(60, 5 * (made - begun))
