"""What real connections do to each other."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from django.db import connection, transaction

from leads import outcomes, overrides
from leads.models import Claim, Lead, Outcome, Override, OverrideKind, OverrideReason
from leads.outcomes import CallResult
from leads.queue import claims
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from tests.leads.work.conftest import NOW, Cast, fresh, make_cast, make_lead, person, why

Result = TypeVar("Result")


def at_once(*deeds: Callable[[], Result]) -> list[Result | DomainError]:
    """Do all of it at the same moment, each in a thread with a connection of its own."""
    gate = threading.Barrier(len(deeds))

    def run(deed: Callable[[], Result]) -> Result | DomainError:
        try:
            connection.ensure_connection()
            gate.wait(60)
            return deed()
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as threads:
        return [done.result(60) for done in [threads.submit(run, deed) for deed in deeds]]


@pytest.fixture
def people(committed_db: None) -> Cast:
    return make_cast()


def test_many_reps_who_press_next_at_once_never_get_the_same_lead(people: Cast) -> None:
    reps = [person(f"Rep{number}", Role.REP, people.north) for number in range(12)]
    best = [make_lead(people.north, 90 - number).pk for number in range(40)][:36]

    def three(rep: User) -> Callable[[], list[Lead | None]]:
        return lambda: [claims.next_lead(user=fresh(rep), now=NOW) for _press in range(3)]

    got = at_once(*(three(rep) for rep in reps))

    taken = [lead.pk for leads in got if isinstance(leads, list) for lead in leads if lead is not None]
    assert len(taken) == 36
    assert sorted(taken) == sorted(best)
    assert Claim.objects.count() == 36


def test_of_several_who_want_the_last_lead_one_gets_it(people: Cast) -> None:
    lead = make_lead(people.north)
    reps = [person(f"Rep{number}", Role.REP, people.north) for number in range(6)]

    got = at_once(*(lambda rep=rep: claims.next_lead(user=fresh(rep), now=NOW) for rep in reps))

    assert sorted(got, key=str) == sorted([lead, *[None] * 5], key=str)


def test_of_several_who_claim_one_lead_one_gets_it_and_the_others_learn_who(people: Cast) -> None:
    lead = make_lead(people.north)
    reps = [person(f"Rep{number}", Role.REP, people.north) for number in range(6)]

    got = at_once(*(lambda rep=rep: claims.claim(lead_id=lead.pk, actor=fresh(rep), at=NOW) for rep in reps))

    winner = next(claim for claim in got if isinstance(claim, Claim)).user
    refused = [error for error in got if isinstance(error, DomainError)]
    assert len(refused) == 5
    assert all(error.code == "claim.held" and winner.name in error.sentence for error in refused)


def test_a_lead_that_is_being_worked_on_is_passed_over_and_not_waited_for(people: Cast) -> None:
    busy, free = make_lead(people.north, 90), make_lead(people.north, 70)

    with transaction.atomic():
        Lead.objects.select_for_update().get(pk=busy.pk)
        [got] = at_once(lambda: claims.next_lead(user=fresh(people.alice), now=NOW))

    assert got == free


def test_two_overrides_at_once_leave_one_active(people: Cast) -> None:
    lead = make_lead(people.north)

    def add(points: int, user: User) -> Callable[[], Override]:
        return lambda: overrides.set_override(
            lead_id=lead.pk,
            kind=OverrideKind.POINTS,
            reason=OverrideReason.MET,
            points=points,
            actor=fresh(user),
            at=NOW,
        )

    got = at_once(add(1, people.alice), add(2, people.bob), add(3, people.carol), add(4, people.alice))

    assert all(isinstance(made, Override) for made in got)
    assert overrides.active(at=NOW).count() == 1


def test_a_lead_is_closed_once(people: Cast) -> None:
    lead = make_lead(people.north)

    def close(result: CallResult, user: User) -> Callable[[], object]:
        return lambda: outcomes.log_call(
            lead_id=lead.pk, result=result, actor=fresh(user), at=NOW, reason=why(result)
        )

    got = at_once(close(CallResult.WON, people.alice), close(CallResult.LOST, people.bob))

    assert [error.code for error in got if isinstance(error, DomainError)] == ["lead.closed"]
    assert Outcome.objects.count() == 1


def test_closing_and_taking_next_at_once_never_leave_a_claimed_closed_lead(people: Cast) -> None:
    def close(lead: Lead) -> Callable[[], object]:
        return lambda: outcomes.log_call(
            lead_id=lead.pk, result=CallResult.WON, actor=fresh(people.carol), at=NOW
        )

    for _round in range(10):
        lead = make_lead(people.north)
        at_once(close(lead), lambda: claims.next_lead(user=fresh(people.alice), now=NOW))
        lead.refresh_from_db()
        assert lead.is_open is False
        assert not Claim.objects.exists()
