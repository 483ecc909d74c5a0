"""Carrying out bulk jobs, a lead at a time, by any worker, so that none is done twice and no job is lost.

A job is held by a lease. Its fence grows with each lease, and a lead is committed, together with what the
verb did to it, only under the fence that the job was taken with: a worker that was thought dead can't commit
what another has taken over. Leases are read by the database's clock alone.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.bulk.deeds import DEEDS
from leads.models import BulkItem, BulkJob
from leadscoring.errors import DomainError
from leadscoring.people.models import User

LEASE = timedelta(seconds=30)
OPEN = Q(finished_at=None, cancelled_at=None)
FREE = Q(leased_until=None) | Q(leased_until__lt=Now())


class LeaseLost(Exception):
    """The job was taken over, or stopped; what was done to the lead at hand is rolled back."""


@dataclass(frozen=True, slots=True)
class Held:
    """A job under the fence that it was taken with."""

    job: BulkJob
    fence: int


def work(*, job_id: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Carry a job on for so long, unless somebody else does. It is over when no lead is left."""
    held = take(job_id=job_id)
    if held is None:
        return
    end = clock() + seconds
    try:
        while work_next(held):
            if clock() >= end:
                break
        _put_down(held)
    except LeaseLost:
        return


def take(*, job_id: int) -> Held | None:
    """Take the lease of a job that is neither over nor held."""
    with transaction.atomic():
        free = BulkJob.objects.filter(OPEN, FREE, pk=job_id).select_for_update(skip_locked=True, of=("self",))
        job = free.select_related("undoes", "actor").first()
        if job is None:
            return None
        BulkJob.objects.filter(pk=job_id).update(leased_until=Now() + LEASE, fence=F("fence") + 1)
        return Held(job, job.fence + 1)


def work_next(held: Held) -> bool:
    """Do it to the next lead; False where none is left. Raises LeaseLost."""
    with transaction.atomic():
        _extend(held)
        item = held.job.items.filter(state=BulkItem.State.WAITING).order_by("place").first()
        if item is None:
            return False
        _carry_out(held.job, item)
        return True


def waiting_jobs() -> list[int]:
    """Jobs that are not over and that nobody works on, the oldest first."""
    return list(BulkJob.objects.filter(OPEN, FREE).order_by("made_at", "pk").values_list("pk", flat=True))


def _extend(held: Held) -> None:
    ours = BulkJob.objects.filter(OPEN, pk=held.job.pk, fence=held.fence)
    if not ours.update(leased_until=Now() + LEASE):
        raise LeaseLost


def _put_down(held: Held) -> None:
    """Give the job back, and say that it is over where no lead waits."""
    with transaction.atomic():
        _extend(held)
        left = held.job.items.filter(state=BulkItem.State.WAITING).exists()
        BulkJob.objects.filter(pk=held.job.pk).update(leased_until=None, finished_at=None if left else Now())


def _carry_out(job: BulkJob, item: BulkItem) -> None:
    """Do it to a lead, or note why not."""
    try:
        with transaction.atomic():
            item.done = _do(job, item)
            item.state = BulkItem.State.DONE
    except DomainError as refusal:
        item.state, item.reason = BulkItem.State.REFUSED, refusal.sentence
    item.save(update_fields=("done", "state", "reason"))


def _do(job: BulkJob, item: BulkItem) -> int | None:
    # Roles and teams are those of now, not of when the job was begun.
    actor, at = User.objects.get(pk=job.actor_id), timezone.now()
    if job.kind == BulkJob.Kind.UNDO:
        assert job.undoes is not None and item.done is not None
        DEEDS[job.undoes.kind].take_back(item.done, actor, at)
        return item.done
    if item.lead_id is None:
        raise DomainError("lead.not_found", _("This lead is gone."))
    return DEEDS[job.kind].do(item.lead_id, job.parameters, actor, at)
