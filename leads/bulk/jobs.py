"""Changing many leads at once: jobs that are begun, watched, stopped and taken back as one.

Each lead is changed by the verb that its page uses (`deeds`), in a transaction of its own; what the verb
refuses is listed with its reason. `work` does the work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from leads import access
from leads.bulk.deeds import may_begin
from leads.models import Activity, BulkItem, BulkJob
from leads.queue import ranking, ranking_sql
from leads.queue.criteria import Criteria
from leads.undoing import check_in_time, check_once
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import Membership, User

MOST = 10_000
SHOWN_REFUSED = 200


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is, in leads."""

    total: int
    done: int
    refused: int

    @property
    def waiting(self) -> int:
        return self.total - self.done - self.refused


def chosen(*, lead_ids: Sequence[int], user: User) -> list[int]:
    """Those of the leads that this person may see, in the order given, each once. One query."""
    wanted = list(dict.fromkeys(lead_ids))[:MOST]
    seen = set(access.visible_leads(user).filter(pk__in=wanted).values_list("pk", flat=True))
    return [lead_id for lead_id in wanted if lead_id in seen]


def whole_list(*, criteria: Criteria, user: User, now: datetime) -> list[int]:
    """All leads of a list of this person's queue, best first, at most `MOST`."""
    found = ranking.queue_of(user, criteria)
    if found is None:
        return []
    places = ranking_sql.places(*found, now=now, size=MOST)
    return [place.lead_id for place in places]


@transaction.atomic
def begin(
    *, kind: BulkJob.Kind, lead_ids: Sequence[int], parameters: Mapping[str, Any], actor: User, at: datetime
) -> BulkJob:
    """Make a job of these leads, for a worker to carry out. `parameters` are the verb's, as JSON.

    Raises DomainError: `bulk.not_yours`, `bulk.none`, `bulk.many`.
    """
    if not may_begin(kind, actor):
        raise DomainError("bulk.not_yours", _("Your roles don't include this."))
    if not lead_ids:
        raise DomainError("bulk.none", _("Choose at least one lead."))
    if len(lead_ids) > MOST:
        raise DomainError("bulk.many", _("Choose at most %(most)d leads at a time.") % {"most": MOST})
    job = BulkJob.objects.create(kind=kind, parameters=dict(parameters), actor=actor, made_at=at)
    BulkItem.objects.bulk_create(
        BulkItem(job=job, place=place, lead_id=lead_id) for place, lead_id in enumerate(lead_ids)
    )
    record(action="bulk.begun", target=job, actor=actor, at=at, kind=kind, leads=len(lead_ids))
    return job


def get(*, job_id: int, user: User) -> BulkJob:
    """A job of this person's, or of somebody whose manager they are. Raises DomainError `bulk.not_found`."""
    mine = Q(actor=user)
    if access.works_whole_teams(user):
        mine |= Q(actor__in=Membership.objects.filter(team__in=user.team_ids).values("user"))
    job = BulkJob.objects.filter(mine, pk=job_id).select_related("undoes", "actor").first()
    if job is None:
        raise _not_found()
    return job


def progress(job: BulkJob) -> Progress:
    """How far it is now. One query."""
    counted = job.items.aggregate(
        total=Count("pk"),
        done=Count("pk", filter=Q(state=BulkItem.State.DONE)),
        refused=Count("pk", filter=Q(state=BulkItem.State.REFUSED)),
    )
    return Progress(**counted)


def refused(job: BulkJob) -> Sequence[BulkItem]:
    """The leads that the verb refused, in the job's order, as many as a page lists."""
    items = job.items.filter(state=BulkItem.State.REFUSED).select_related("lead")
    return list(items.order_by("place")[:SHOWN_REFUSED])


@transaction.atomic
def cancel(*, job_id: int, actor: User, at: datetime) -> BulkJob:
    """Leave the leads that the job hasn't come to. Raises DomainError: `bulk.not_found`, `bulk.over`."""
    job = _locked(job_id, actor)
    if job.finished_at is not None or job.cancelled_at is not None:
        raise DomainError("bulk.over", _("This job is over already."))
    job.cancelled_at = at
    job.save(update_fields=("cancelled_at",))
    record(action="bulk.cancelled", target=job, actor=actor, at=at)
    return job


@transaction.atomic
def undo(*, job_id: int, actor: User, at: datetime) -> BulkJob:
    """Make a job that takes back what another one did, lead by lead, the last first.

    Raises DomainError: `bulk.not_found`, `bulk.running`, `bulk.undone`, `bulk.too_late`, `bulk.none`.
    """
    job = _locked(job_id, actor)
    _check_undoable(job, at)
    done = job.items.filter(state=BulkItem.State.DONE).order_by("-place").values_list("lead", "done")
    if not done:
        raise DomainError("bulk.none", _("It changed no lead, so there is nothing to undo."))
    undoing = BulkJob.objects.create(kind=BulkJob.Kind.UNDO, undoes=job, actor=actor, made_at=at)
    BulkItem.objects.bulk_create(
        BulkItem(job=undoing, place=place, lead_id=lead_id, done=made)
        for place, (lead_id, made) in enumerate(done)
    )
    record(action="bulk.undo_begun", target=undoing, actor=actor, at=at, undoes=job.pk, leads=len(done))
    return undoing


def of_deed(deed: Activity, *, actor: User, now: datetime) -> BulkJob | None:
    """This person's latest job, where the deed is part of it and all of it can still be taken back."""
    if deed.reassignment_id is not None:
        kind, made = BulkJob.Kind.ASSIGN, deed.reassignment_id
    elif deed.verb == Activity.Verb.SNOOZED:
        kind, made = BulkJob.Kind.SNOOZE, deed.pk
    else:
        return None
    job = BulkJob.objects.filter(actor=actor, kind=kind, undone_by=None).order_by("-pk").first()
    if job is None or not may_undo(job, now=now):
        return None
    return job if job.items.filter(done=made).exists() else None


def may_undo(job: BulkJob, *, now: datetime) -> bool:
    """Whether a page should offer to take it back."""
    try:
        _check_undoable(job, now)
    except DomainError:
        return False
    return True


def _check_undoable(job: BulkJob, at: datetime) -> None:
    is_undone = job.kind == BulkJob.Kind.UNDO or BulkJob.objects.filter(undoes=job).exists()
    check_once("bulk", is_undone=is_undone)
    if job.finished_at is None and job.cancelled_at is None:
        raise DomainError("bulk.running", _("Stop the job first, or wait until it is over."))
    check_in_time("bulk", done_at=job.made_at, at=at)


def _locked(job_id: int, actor: User) -> BulkJob:
    job = BulkJob.objects.select_for_update().filter(pk=job_id, actor=actor).first()
    if job is None:
        raise _not_found()
    return job


def _not_found() -> DomainError:
    return DomainError("bulk.not_found", _("There is no such job, or somebody else began it."))
