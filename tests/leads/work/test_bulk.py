"""Changing many leads at once: by the verbs of one lead, once each, whatever happens to the worker."""

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.utils import timezone

from leads.bulk import jobs as bulk
from leads.bulk import work as bulk_work
from leads.exporting import export_leads
from leads.models import Activity, BulkItem, BulkJob, Lead
from leads.queue import claims
from leads.queue.criteria import Criteria
from leads.spreadsheets.writing import csv_pieces
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import Cast, make_cast, make_lead

LONG = 1_000.0


def refusal(code: str) -> "pytest.RaisesExc[DomainError]":
    return pytest.raises(DomainError, check=lambda refused: refused.code == code)


def snooze(actor: User, leads: Sequence[Lead]) -> BulkJob:
    now = timezone.now()
    until = (now + timedelta(days=2)).isoformat()
    ids = [lead.pk for lead in leads]
    return bulk.begin(
        kind=BulkJob.Kind.SNOOZE, lead_ids=ids, parameters={"until": until}, actor=actor, at=now
    )


def assign(actor: User, leads: Sequence[Lead], to: User) -> BulkJob:
    ids = [lead.pk for lead in leads]
    kind = BulkJob.Kind.ASSIGN
    return bulk.begin(kind=kind, lead_ids=ids, parameters={"to": to.pk}, actor=actor, at=timezone.now())


def snoozed() -> int:
    return Lead.objects.filter(snoozed_until__isnull=False).count()


def after(leads: int) -> Iterator[float]:
    """A clock by which a turn ends after so many leads."""
    return (LONG if turn >= leads else 0.0 for turn in count())


def test_each_lead_is_changed_and_what_is_refused_says_why(cast: Cast) -> None:
    free, held, others = make_lead(cast.north), make_lead(cast.north), make_lead(cast.south)
    claims.claim(lead_id=held.pk, actor=cast.bob, at=timezone.now())
    job = snooze(cast.alice, [free, held, others])

    bulk_work.work(job_id=job.pk, seconds=LONG)

    assert bulk.progress(job) == bulk.Progress(total=3, done=1, refused=2)
    assert [item.lead for item in bulk.refused(job)] == [held, others]
    assert "Bob" in bulk.refused(job)[0].reason
    job.refresh_from_db()
    assert job.finished_at is not None and snoozed() == 1


def test_all_of_it_is_taken_back(cast: Cast) -> None:
    leads = [make_lead(cast.north) for _each in range(4)]
    job = snooze(cast.alice, leads)
    bulk_work.work(job_id=job.pk, seconds=LONG)

    undoing = bulk.undo(job_id=job.pk, actor=cast.alice, at=timezone.now())
    bulk_work.work(job_id=undoing.pk, seconds=LONG)

    assert snoozed() == 0
    assert bulk.progress(undoing) == bulk.Progress(total=4, done=4, refused=0)
    with refusal("bulk.undone"):
        bulk.undo(job_id=job.pk, actor=cast.alice, at=timezone.now())


def test_a_manager_assigns_and_takes_it_back(cast: Cast) -> None:
    mine, bobs, others = make_lead(cast.north), make_lead(cast.north, owner=cast.bob), make_lead(cast.south)
    job = assign(cast.carol, [mine, bobs, others], cast.bob)

    bulk_work.work(job_id=job.pk, seconds=LONG)

    assert bulk.progress(job) == bulk.Progress(total=3, done=1, refused=2)
    mine.refresh_from_db()
    assert mine.owner == cast.bob
    undoing = bulk.undo(job_id=job.pk, actor=cast.carol, at=timezone.now())
    bulk_work.work(job_id=undoing.pk, seconds=LONG)
    mine.refresh_from_db()
    assert mine.owner is None


def test_reps_assign_nothing_and_marketing_changes_nothing(cast: Cast) -> None:
    with refusal("bulk.not_yours"):
        assign(cast.alice, [make_lead(cast.north)], cast.bob)
    with refusal("bulk.not_yours"):
        snooze(cast.mia, [make_lead(cast.north)])


def test_who_loses_their_role_meanwhile_changes_no_more_leads(cast: Cast) -> None:
    job = snooze(cast.alice, [make_lead(cast.north) for _each in range(3)])
    bulk_work.work(job_id=job.pk, seconds=1, clock=after(1).__next__)
    cast.alice.groups.clear()

    bulk_work.work(job_id=job.pk, seconds=LONG)

    assert snoozed() < 3 and bulk.progress(job).refused > 0


def test_a_job_goes_on_where_it_was(cast: Cast) -> None:
    job = snooze(cast.alice, [make_lead(cast.north) for _each in range(5)])

    bulk_work.work(job_id=job.pk, seconds=1, clock=after(2).__next__)
    first = snoozed()
    bulk_work.work(job_id=job.pk, seconds=LONG)

    assert 0 < first < 5 and snoozed() == 5
    assert Activity.objects.count() == 5


def test_a_job_is_stopped_between_two_leads(cast: Cast) -> None:
    job = snooze(cast.alice, [make_lead(cast.north) for _each in range(3)])
    held = bulk_work.take(job_id=job.pk)
    assert held is not None and bulk_work.work_next(held)

    bulk.cancel(job_id=job.pk, actor=cast.alice, at=timezone.now())

    with pytest.raises(bulk_work.LeaseLost):
        bulk_work.work_next(held)
    assert snoozed() == 1 and not bulk_work.waiting_jobs()
    bulk_work.work(job_id=bulk.undo(job_id=job.pk, actor=cast.alice, at=timezone.now()).pk, seconds=LONG)
    assert snoozed() == 0


def test_a_worker_that_died_loses_the_job_and_can_commit_nothing_more(cast: Cast) -> None:
    job = snooze(cast.alice, [make_lead(cast.north) for _each in range(3)])
    dead = bulk_work.take(job_id=job.pk)
    assert dead is not None and bulk_work.take(job_id=job.pk) is None and not bulk_work.waiting_jobs()
    BulkJob.objects.filter(pk=job.pk).update(leased_until=timezone.now() - timedelta(seconds=1))

    assert bulk_work.waiting_jobs() == [job.pk]
    other = bulk_work.take(job_id=job.pk)
    assert other is not None and bulk_work.work_next(other)
    with pytest.raises(bulk_work.LeaseLost):
        bulk_work.work_next(dead)
    assert snoozed() == 1
    assert BulkItem.objects.filter(state=BulkItem.State.WAITING).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_change_each_lead_once() -> None:
    cast = make_cast()
    job = snooze(cast.alice, [make_lead(cast.north) for _each in range(12)])

    def work() -> None:
        try:
            for _turn in range(30):
                bulk_work.work(job_id=job.pk, seconds=0)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _each in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    bulk_work.work(job_id=job.pk, seconds=LONG)

    assert Activity.objects.filter(verb=Activity.Verb.SNOOZED).count() == 12
    assert bulk.progress(job) == bulk.Progress(total=12, done=12, refused=0)


def test_a_job_is_seen_by_who_began_it_alone(cast: Cast) -> None:
    job = snooze(cast.alice, [make_lead(cast.north)])

    for other in (cast.bob, cast.carol, cast.adam):
        for verb in (bulk.cancel, bulk.undo):
            with refusal("bulk.not_found"):
                verb(job_id=job.pk, actor=other, at=timezone.now())


def test_too_few_too_many_and_too_late_are_refused(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.bulk.jobs.MOST", 1)
    with refusal("bulk.none"):
        snooze(cast.alice, [])
    with refusal("bulk.many"):
        snooze(cast.alice, [make_lead(cast.north), make_lead(cast.north)])
    job = snooze(cast.alice, [make_lead(cast.north)])
    with refusal("bulk.running"):
        bulk.undo(job_id=job.pk, actor=cast.alice, at=timezone.now())
    bulk_work.work(job_id=job.pk, seconds=LONG)
    with refusal("bulk.too_late"):
        bulk.undo(job_id=job.pk, actor=cast.alice, at=timezone.now() + timedelta(days=2))


def test_the_whole_list_is_the_queue_s(cast: Cast) -> None:
    best, next_best = make_lead(cast.north, 90), make_lead(cast.north, 70)
    make_lead(cast.south, 90)
    make_lead(cast.north, 5)

    assert bulk.whole_list(criteria=Criteria(), user=cast.alice, now=timezone.now()) == [
        best.pk,
        next_best.pk,
    ]
    assert bulk.whole_list(criteria=Criteria(), user=cast.mia, now=timezone.now()) == []


def test_an_export_runs_nothing_and_shows_nothing_of_other_teams(cast: Cast) -> None:
    formula = {"first_name": "=cmd()", "last_name": "Vogel", "email": "+1@x.example"}
    lead, other = make_lead(cast.north, 90, attributes=formula), make_lead(cast.south, external_id="secret")

    rows = export_leads(lead_ids=[lead.pk, other.pk], actor=cast.alice, at=timezone.now())
    text = "".join(csv_pieces(rows))

    assert "'=cmd()" in text and "'+1@x.example" in text and "90" in text
    assert "secret" not in text
    with refusal("export.not_yours"):
        export_leads(lead_ids=[lead.pk], actor=cast.mia, at=timezone.now())
