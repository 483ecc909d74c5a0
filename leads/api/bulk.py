"""Many leads at once: the exact number first, then a job that is watched, stopped and undone as one."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.api.queue import WORKERS, Filters, asked_of, checked_filters
from leads.api.shown import Named
from leads.bulk import jobs
from leads.models import BulkJob
from leads.queue.ranking import SALES
from leads.reassigning import Selection, hands_for
from leadscoring.api.bodies import Body, PageQuery
from leadscoring.api.fields import Id, Moment, Text, Whole
from leadscoring.api.lists import Listed, newest_first, page_of
from leadscoring.api.operations import MEGABYTE, Call, operation
from leadscoring.api.problems import Fault, Problem
from leadscoring.api.resources import resource
from leadscoring.api.scopes import Scope
from leadscoring.errors import DomainError

DO = (BulkJob.Kind.SNOOZE.value, BulkJob.Kind.ASSIGN.value)


class ChosenBody(Body):
    """Which leads: `leads` by their ids, or `filters` for all of that list of the queue."""

    leads = serializers.ListField(child=Id(), required=False, max_length=jobs.MOST)
    filters = Filters(required=False)


class JobBody(ChosenBody):
    do = serializers.ChoiceField(DO)
    expected = Whole(min_value=1, max_value=jobs.MOST, help_text="How many leads, as it was counted.")
    until = Moment(required=False, help_text="To snooze: ahead, and within a year.")
    note = Text(required=False, allow_blank=True, help_text="To snooze.")
    to = Id(required=False, help_text="To assign: a person who works leads of your teams.")


class CountShown(serializers.Serializer[Any]):
    leads = serializers.IntegerField(help_text="Exactly so many; at most 10,000 at a time.")


class RefusedShown(serializers.Serializer[Any]):
    lead = serializers.IntegerField(source="lead_id", allow_null=True)
    reason = serializers.CharField()


class JobShown(serializers.Serializer[Any]):
    """A job. It is over once `finished_at` or `cancelled_at` is set."""

    id = serializers.IntegerField(source="job.pk")
    do = serializers.ChoiceField(choices=BulkJob.Kind.values, source="job.kind")
    actor = Named(source="job.actor")
    made_at = serializers.DateTimeField(source="job.made_at")
    finished_at = serializers.DateTimeField(source="job.finished_at", allow_null=True)
    cancelled_at = serializers.DateTimeField(source="job.cancelled_at", allow_null=True)
    undoes = serializers.IntegerField(source="job.undoes_id", allow_null=True)
    total = serializers.IntegerField(source="progress.total")
    done = serializers.IntegerField(source="progress.done")
    waiting = serializers.IntegerField(source="progress.waiting")
    refused = serializers.IntegerField(source="progress.refused")
    refusals = RefusedShown(many=True, help_text="The first 200, each with the reason.")


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=ChosenBody,
    gives=CountShown,
    examples={"All of a list": {"filters": {"band": "mql"}}},
)
def count_leads(call: Call) -> Mapping[str, int]:
    """How many leads a job would change. Changes nothing."""
    return {"leads": len(_chosen(call))}


@operation(
    scope=Scope.WORK,
    roles=WORKERS,
    takes=JobBody,
    gives=JobShown,
    statuses=(202,),
    largest=MEGABYTE,
    examples={
        "Snooze two": {"do": "snooze", "leads": [1042, 1043], "expected": 2, "until": "2027-05-03T08:00:00Z"},
        "Assign a list": {"do": "assign", "filters": {"band": "mql"}, "expected": 61, "to": 7},
    },
)
def begin_job(call: Call) -> Mapping[str, Any]:
    """Begin a job, which a worker carries out lead by lead. Refused where the number isn't as expected."""
    kind, parameters, chosen = BulkJob.Kind(call.body["do"]), _parameters(call), _chosen(call)
    if chosen and len(chosen) != call.body["expected"]:
        said = _("It is %(count)d leads by now. Look again, then begin.") % {"count": len(chosen)}
        raise DomainError("bulk.changed", said)
    return _shown(jobs.begin(kind=kind, lead_ids=chosen, parameters=parameters, actor=call.user, at=call.at))


@operation(scope=Scope.READ, roles=WORKERS, query=PageQuery, gives=page_of(JobShown))
def list_jobs(call: Call) -> Listed:
    """Your own jobs, the latest first."""
    page = newest_first(BulkJob.objects.filter(actor=call.user).select_related("actor"), call.query)
    return Listed([_shown(job) for job in page.results], page.next)


@operation(scope=Scope.READ, roles=WORKERS, gives=JobShown)
def show_job(call: Call, job_id: int) -> Mapping[str, Any]:
    """How far a job is: yours, or one of somebody whose manager you are."""
    return _shown(jobs.get(job_id=job_id, user=call.user))


@operation(scope=Scope.WORK, roles=WORKERS, gives=JobShown)
def cancel_job(call: Call, job_id: int) -> Mapping[str, Any]:
    """Leave the leads that your job hasn't come to."""
    return _shown(jobs.cancel(job_id=job_id, actor=call.user, at=call.at))


@operation(scope=Scope.WORK, roles=WORKERS, gives=JobShown, statuses=(202,))
def undo_job(call: Call, job_id: int) -> Mapping[str, Any]:
    """Begin a job that takes back what yours did, within a day."""
    return _shown(jobs.undo(job_id=job_id, actor=call.user, at=call.at))


def _chosen(call: Call) -> Sequence[int]:
    """Raises Problem where it isn't said which leads, or said twice."""
    named = [name for name in ("leads", "filters") if name in call.body]
    if len(named) != 1:
        said = _("Say which leads by one of leads and filters.")
        raise Problem(422, "bulk.refused", said, (Fault("/leads", said, "required"),))
    if "leads" in call.body:
        return jobs.chosen(lead_ids=call.body["leads"], user=call.user)
    asked = asked_of(call.body["filters"])
    filters = checked_filters(asked, user=call.user, worked_by=SALES, at="/filters/")
    return jobs.whole_list(criteria=filters.criteria, user=call.user, now=call.at)


def _parameters(call: Call) -> Mapping[str, Any]:
    """What the verb takes for each lead. Raises Problem where something is missing or too much."""
    given, is_snooze = call.body, call.body["do"] == BulkJob.Kind.SNOOZE
    needed, strange = ("until", ("to",)) if is_snooze else ("to", ("until", "note"))
    faults = [
        Fault(f"/{name}", _("This job has no use for it."), "strange") for name in strange if name in given
    ]
    if needed not in given:
        faults.append(Fault(f"/{needed}", _("This job needs it."), "required"))
    elif not is_snooze and given["to"] not in hands_for(Selection(), actor=call.user).teams_of:
        faults.append(Fault("/to", _("Nobody of this id works leads of your teams."), "not_found"))
    if faults:
        raise Problem(422, "bulk.refused", faults[0].detail, faults)
    return (
        {"until": given["until"].isoformat(), "note": given.get("note", "")}
        if is_snooze
        else {"to": given["to"]}
    )


def _shown(job: BulkJob) -> Mapping[str, Any]:
    progress = jobs.progress(job)
    return {"job": job, "progress": progress, "refusals": jobs.refused(job) if progress.refused else ()}


all_ = resource(get=list_jobs, post=begin_job)
count = resource(post=count_leads)
one = resource(get=show_job)
cancel = resource(post=cancel_job)
undo = resource(post=undo_job)
