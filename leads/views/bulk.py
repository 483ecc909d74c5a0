"""Changing many leads at once: the exact number first, then the job and how far it is."""

from collections.abc import Sequence
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.away_forms import SnoozeForm
from leads.bulk import jobs as bulk
from leads.bulk import work as bulk_work
from leads.bulk.deeds import may_begin
from leads.exporting import export_leads
from leads.models import BulkJob, Lead
from leads.queue.filters import QueueFilters, kept
from leads.queue.mornings import mornings_of
from leads.queue.ranking import SALES
from leads.reassigning import Selection, hands_for
from leads.views.answers import LEAD_WORKERS, View, answer, deed_for, form_for, page_for, signed_in
from leads.views.files import as_file
from leadscoring import unsent
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from leadscoring.unsent import Unsent

# How long a request works at a job itself, before a worker goes on with it.
AT_ONCE_SECONDS = 1.5
SHOWN = 12
SNOOZE, ASSIGN, EXPORT = "snooze", "assign", "export"


class AssignForm(forms.Form):
    """Who gets the leads."""

    to = forms.ModelChoiceField(
        label=gettext_lazy("Who gets them"), queryset=User.objects.none(), empty_label=gettext_lazy("Choose")
    )

    def __init__(self, data: object = None, *, user: User) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        among = hands_for(Selection(), actor=user).teams_of
        to.queryset = User.objects.filter(pk__in=list(among)).order_by("name", "pk")


@deed_for(*LEAD_WORKERS)
def confirm(request: HttpRequest) -> HttpResponse:
    """Say how many leads are chosen, and ask what is still to be known. Changes nothing."""
    do = request.POST.get("do", "")
    form = AssignForm(user=signed_in(request)) if do == ASSIGN else _snooze_form(request, None)
    return _confirm(request, do, form)


def _or_once_more(view: View) -> View:
    """A deed that is read only by who sent it after their session had ended, to be asked once more."""

    @wraps(view)
    def or_once_more(request: HttpRequest) -> HttpResponseBase:
        reads = request.method in ("GET", "HEAD") and _what_waits(request) is not None
        return view(request) if reads or request.method == "POST" else HttpResponseNotAllowed(["POST"])

    return or_once_more


@_or_once_more
@form_for(*LEAD_WORKERS)
def snooze(request: HttpRequest) -> HttpResponse:
    """Snooze the chosen leads."""
    if request.method != "POST":
        return _once_more(request, SNOOZE, _snooze_form(request, None))
    form = _snooze_form(request, request.POST)
    lead_ids = _lead_ids(request)
    if not form.is_valid() or not _as_seen(request, lead_ids):
        return _confirm(request, SNOOZE, form)
    parameters = {"until": form.moment.isoformat(), "note": form.cleaned_data["note"]}
    return _begin(request, BulkJob.Kind.SNOOZE, lead_ids, parameters)


def _snooze_form(request: HttpRequest, data: QueryDict | None) -> SnoozeForm:
    return SnoozeForm(data, mornings=mornings_of(signed_in(request)), now=timezone.now())


@_or_once_more
@form_for(Role.MANAGER)
def assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen leads to somebody of one's teams."""
    if request.method != "POST":
        return _once_more(request, ASSIGN, AssignForm(user=signed_in(request)))
    form = AssignForm(request.POST, user=signed_in(request))
    lead_ids = _lead_ids(request)
    if not form.is_valid() or not _as_seen(request, lead_ids):
        return _confirm(request, ASSIGN, form)
    return _begin(request, BulkJob.Kind.ASSIGN, lead_ids, {"to": form.cleaned_data["to"].pk})


@_or_once_more
@form_for(*LEAD_WORKERS)
def export(request: HttpRequest) -> HttpResponseBase:
    """The chosen leads as CSV or, with `format=xlsx`, as a workbook."""
    if request.method != "POST":
        return _once_more(request, EXPORT, forms.Form())
    now = timezone.now()
    rows = export_leads(lead_ids=_lead_ids(request), actor=signed_in(request), at=now)
    return as_file(rows, name=f"leads-{timezone.localdate(now)}", wanted=request.POST.get("format"))


@page_for(*LEAD_WORKERS)
def job_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """How far a job is; htmx asks for that part alone, again and again until it is over."""
    user = signed_in(request)
    job = bulk.get(job_id=job_id, user=user)
    progress = bulk.progress(job)
    context = {
        "job": job,
        "heading": headings()[job.kind],
        "progress": progress,
        "percent": 100 * (progress.done + progress.refused) // max(progress.total, 1),
        "is_over": job.finished_at is not None or job.cancelled_at is not None,
        "refused": bulk.refused(job) if progress.refused else (),
        "mine": job.actor_id == user.pk,
        "may_undo": progress.done > 0 and job.actor_id == user.pk and bulk.may_undo(job, now=timezone.now()),
    }
    return answer(request, "leads/bulk_job.html", context, fragment="leads/bulk_progress.html")


@deed_for(*LEAD_WORKERS)
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    bulk.cancel(job_id=job_id, actor=signed_in(request), at=timezone.now())
    return HttpResponseRedirect(f"/bulk/{job_id}/")


@deed_for(*LEAD_WORKERS)
def undo(request: HttpRequest, job_id: int) -> HttpResponse:
    return _work_at(bulk.undo(job_id=job_id, actor=signed_in(request), at=timezone.now()))


def _begin(
    request: HttpRequest, kind: BulkJob.Kind, lead_ids: Sequence[int], parameters: dict[str, Any]
) -> HttpResponse:
    job = bulk.begin(
        kind=kind, lead_ids=lead_ids, parameters=parameters, actor=signed_in(request), at=timezone.now()
    )
    return _work_at(job)


def _work_at(job: BulkJob) -> HttpResponse:
    """Do what can be done at once, and show the rest."""
    bulk_work.work(job_id=job.pk, seconds=AT_ONCE_SECONDS)
    return HttpResponseRedirect(f"/bulk/{job.pk}/")


def _once_more(request: HttpRequest, do: str, form: forms.Form) -> HttpResponse:
    """Ask again, with the number of now, for what was sent here after the session had ended.

    The form is filled by `leadscoring.giving_back`.
    """
    waits = _what_waits(request)
    assert waits is not None  # `_or_once_more` has looked
    request.POST = waits.typed
    return _confirm(request, do, form)


def _what_waits(request: HttpRequest) -> Unsent | None:
    """What this person sent to this address after their session had ended."""
    waits = unsent.kept_for(request) if request.user.is_authenticated else None
    return waits if waits is not None and waits.to == request.get_full_path() else None


def _confirm(request: HttpRequest, do: str, form: forms.Form) -> HttpResponse:
    may = may_begin(BulkJob.Kind.ASSIGN, signed_in(request)) or do != ASSIGN
    if do not in (SNOOZE, ASSIGN, EXPORT) or not may:
        raise DomainError("bulk.unknown", _("Choose what to do with the leads."))
    lead_ids = _lead_ids(request)
    if not lead_ids:
        raise DomainError("bulk.none", _("Choose at least one lead."))
    named = Lead.objects.in_bulk(lead_ids[:SHOWN])
    whole = "all" in request.POST
    context = {
        "do": do,
        "action": reverse(f"leads:bulk_{do}"),
        "form": form,
        "lead_ids": () if whole else lead_ids,
        "whole": whole,
        "count": len(lead_ids),
        "changed": (form.is_bound and form.is_valid())
        or (request.method == "GET" and not _as_seen(request, lead_ids)),
        "named": [named[lead_id] for lead_id in lead_ids[:SHOWN]],
        "left": max(0, len(lead_ids) - SHOWN),
        "most": bulk.MOST if len(lead_ids) == bulk.MOST else 0,
        "list_query": kept(request.GET),
    }
    return answer(request, "leads/bulk_confirm.html", context, status=422 if form.is_bound else 200)


def _lead_ids(request: HttpRequest) -> list[int]:
    """The leads that are ticked, or with `all` those of the list that the address names."""
    user = signed_in(request)
    if "all" in request.POST:
        criteria = QueueFilters(request.GET, user=user, worked_by=SALES).criteria
        return bulk.whole_list(criteria=criteria, user=user, now=timezone.now())
    ticked = [text for text in request.POST.getlist("lead") if text.isascii() and text.isdigit()]
    return bulk.chosen(lead_ids=[int(text) for text in ticked if len(text) < 19], user=user)


def _as_seen(request: HttpRequest, lead_ids: Sequence[int]) -> bool:
    """Whether there are as many leads as the person was told."""
    return request.POST.get("expected") == str(len(lead_ids))


def headings() -> dict[str, str]:
    """What each kind of job is called."""
    return {
        BulkJob.Kind.SNOOZE: _("Snoozing leads"),
        BulkJob.Kind.ASSIGN: _("Assigning leads"),
        BulkJob.Kind.UNDO: _("Undoing"),
    }
