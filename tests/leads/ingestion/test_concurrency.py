"""Imports that run at the same time, on a database where commits are seen."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.db import connection, transaction

from leads.ingestion import lead_chunk, signals
from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow, SignalRow
from leads.ingestion.signals import save_signals
from leads.models import Account, Lead, Signal, SignalKey, Stale, Turn, WaitingSignal
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.leads.ingestion.conftest import NOW, person

pytestmark = pytest.mark.usefixtures("committed_db")


def at_once(*works: Callable[[], object]) -> list[object]:
    """What each returns, each in a thread and a connection of its own, started together."""
    start = Barrier(len(works))

    def run(work: Callable[[], object]) -> object:
        try:
            start.wait(60)
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(run, work) for work in works]]


def save(rows: list[LeadRow]) -> lead_chunk.LeadsResult:
    return save_leads(rows, at=NOW, actor=User.objects.system())


def test_two_imports_of_the_same_leads_in_opposite_order_come_to_one_of_each() -> None:
    Team.objects.create(name="Sales", is_default=True)
    rows = [
        LeadRow(n, {"email": f"p{n}@x.com", "company": f"Company {n % 7}"}, external_id=str(n))
        for n in range(300)
    ]
    results = at_once(lambda: save(rows), lambda: save(rows[::-1]))
    assert Lead.objects.count() == 300
    assert Account.objects.count() == 7
    created = [result.created for result in results if isinstance(result, lead_chunk.LeadsResult)]
    assert sum(created) == 300
    assert set(Stale.objects.values_list("lead_id", flat=True)) == set(
        Lead.objects.values_list("pk", flat=True)
    )


def test_two_imports_at_once_share_one_round_of_turns() -> None:
    team = Team.objects.create(name="Sales", is_default=True)
    reps = [person(f"rep{n}", Role.REP, team=team) for n in range(3)]

    def some(prefix: str) -> Callable[[], object]:
        rows = [LeadRow(n, {}, external_id=f"{prefix}{n}", team="Sales") for n in range(30)]
        return lambda: save(rows)

    at_once(some("a"), some("b"))
    assert [Lead.objects.filter(owner=rep).count() for rep in reps] == [20, 20, 20]
    assert Turn.objects.get().last_user_id == reps[2].pk


def test_two_imports_of_the_same_signals_in_opposite_order_count_each_once() -> None:
    Team.objects.create(name="Sales", is_default=True)
    save([LeadRow(n, {}, external_id=str(n)) for n in range(10)])
    rows = [
        SignalRow(n, "external_id", str(n % 12), "page_view", NOW + timedelta(seconds=n))
        for n in range(1_000)
    ]

    def take(some: list[SignalRow]) -> Callable[[], object]:
        return lambda: save_signals(some, source="web", received_at=NOW)

    results = at_once(take(rows), take(rows[::-1]))
    assert SignalKey.objects.count() == 1_000
    assert Signal.objects.count() + WaitingSignal.objects.count() == 1_000
    totals = [r.created + r.waiting for r in results if isinstance(r, signals.SignalsResult)]
    assert sum(totals) == 1_000


@pytest.mark.parametrize("signal_first", [True, False])
def test_a_signal_never_misses_a_lead_that_is_being_written(
    signal_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the two has looked for the other and not yet committed when the other comes."""
    Team.objects.create(name="Sales", is_default=True)
    looked, go_on = Event(), Event()

    def pause() -> None:
        looked.set()
        go_on.wait(2)

    def write_lead() -> object:
        with transaction.atomic():
            save([LeadRow(1, {}, external_id="1")])
            if not signal_first:
                pause()
        go_on.set()
        return None

    def write_signal() -> object:
        with transaction.atomic():
            rows = [SignalRow(1, "external_id", "1", "page_view", NOW)]
            save_signals(rows, source="web", received_at=NOW)
            if signal_first:
                pause()
        go_on.set()
        return None

    def second() -> object:
        looked.wait(60)
        return write_lead() if signal_first else write_signal()

    at_once(write_signal if signal_first else write_lead, second)
    assert not WaitingSignal.objects.exists()
    assert Signal.objects.get().lead_id == Lead.objects.get().pk


def test_a_lead_that_joins_an_account_while_it_changes_is_marked_for_the_change() -> None:
    """The one that changes the account marks its leads; a lead that joins meanwhile must not be left out."""
    Team.objects.create(name="Sales", is_default=True)
    save([LeadRow(1, {"company": "Acme"}, external_id="1")])
    Stale.objects.all().delete()
    at_once(
        lambda: save([LeadRow(1, {"company": "Acme", "industry": "IT"}, external_id="1")]),
        lambda: save([LeadRow(1, {"company": "Acme"}, external_id="2")]),
    )
    account = Account.objects.get()
    assert account.industry == "it"
    assert set(Lead.objects.values_list("account_id", flat=True)) == {account.pk}
    assert set(Stale.objects.values_list("lead_id", flat=True)) == set(
        Lead.objects.values_list("pk", flat=True)
    )
