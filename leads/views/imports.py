"""Importing files: upload, look and map, begin, watch, and take the refused rows back."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from leads.import_forms import PlanForm, UploadForm
from leads.imports import jobs
from leads.imports.looking import Look, look
from leads.imports.plan import Plan
from leads.models import FileImport, FileKind
from leads.views.answers import answer, deed_for, done, page_for, signed_in
from leads.views.files import refused_file
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

IMPORTERS = (Role.MARKETING, Role.ADMIN)
_OF_THE_FORM = 1 << 20  # bytes of an upload that aren't the file's
_DRAINED = 1 << 16


@page_for(*IMPORTERS)
def imports(request: HttpRequest) -> HttpResponse:
    """The last imports, and a form to upload another file."""
    context = {
        "jobs": [(job, job.state.label) for job in jobs.latest(signed_in(request))],
        "form": UploadForm(),
        "most": jobs.most_bytes() // (1 << 20),
        "most_bytes": str(jobs.most_bytes()),
        "too_large": jobs.too_large().sentence,
    }
    return answer(request, "leads/imports/list.html", context)


@csrf_exempt  # Or the form would be read, file and all, before its size is looked at; `_upload` checks.
def upload(request: HttpRequest) -> HttpResponseBase:
    """Take a file in, to be looked at."""
    size = int(request.META.get("CONTENT_LENGTH") or 0)
    if size > jobs.most_bytes() + _OF_THE_FORM:
        return _too_large(request)
    return _upload(request)


@csrf_protect
@deed_for(*IMPORTERS)
def _upload(request: HttpRequest) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        raise DomainError("import.no_file", _("Choose a file that isn't empty, and say what it holds."))
    file = form.chosen()
    job = jobs.upload(
        kind=FileKind(form.cleaned_data["kind"]),
        name=file.name or "",
        content=file.chunks(),
        actor=signed_in(request),
        at=timezone.now(),
    )
    return HttpResponseRedirect(reverse("leads:import", args=[job.pk]))


@page_for(*IMPORTERS)
def import_page(request: HttpRequest, job_id: int) -> HttpResponse:
    """A file that waits to be begun, with its preview; or how far its import is, and what came of it."""
    job = jobs.get(job_id=job_id, user=signed_in(request))
    if job.begun_at is None:
        return _draft(request, job, jobs.plan_of(job))
    return answer(request, "leads/imports/job.html", _told(job), fragment="leads/imports/progress.html")


@deed_for(*IMPORTERS)
def arrange(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show the file as it reads under other settings."""
    job = jobs.get(job_id=job_id, user=signed_in(request))
    form = _form(request, job)
    if not form.is_valid():
        return _draft(request, job, jobs.plan_of(job), form)
    jobs.arrange(job_id=job.pk, plan=form.plan, actor=signed_in(request))
    return HttpResponseRedirect(reverse("leads:import", args=[job.pk]))


@deed_for(*IMPORTERS)
def begin(request: HttpRequest, job_id: int) -> HttpResponse:
    """Have the file imported."""
    job = jobs.get(job_id=job_id, user=signed_in(request))
    form = _form(request, job)
    if not form.is_valid():
        return _draft(request, job, jobs.plan_of(job), form)
    plan, save_as, actor = form.plan, form.cleaned_data["save_as"], signed_in(request)
    try:
        jobs.begin(job_id=job.pk, plan=plan, save_as=save_as, actor=actor, at=timezone.now())
    except DomainError as refusal:
        if job.begun_at is not None:
            raise
        form.add_error(None, refusal.sentence)
        return _draft(request, job, plan, form)
    return HttpResponseRedirect(reverse("leads:import", args=[job.pk]))


@deed_for(*IMPORTERS)
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    jobs.cancel(job_id=job_id, actor=signed_in(request), at=timezone.now())
    return HttpResponseRedirect(reverse("leads:import", args=[job_id]))


@deed_for(*IMPORTERS)
def discard(request: HttpRequest, job_id: int) -> HttpResponse:
    jobs.discard(job_id=job_id, actor=signed_in(request), at=timezone.now())
    done(request, _("The file was thrown away."))
    return HttpResponseRedirect(reverse("leads:imports"))


@page_for(*IMPORTERS)
def refused(request: HttpRequest, job_id: int) -> HttpResponseBase:
    """The refused rows as a file, with the reasons."""
    job = jobs.get(job_id=job_id, user=signed_in(request))
    return refused_file(job)


def _too_large(request: HttpRequest) -> HttpResponse:
    """Say so. A browser hears it only once it has sent everything, so that is read and forgotten."""
    if isinstance(request.user, User) and request.user.has_role(*IMPORTERS):
        while request.read(_DRAINED):
            pass
    messages.error(request, jobs.too_large().sentence)
    return HttpResponseRedirect(reverse("leads:imports"))


def _form(request: HttpRequest, job: FileImport) -> PlanForm:
    """The form that was sent: its columns are those of the file as it was shown, not as it will be read."""
    plan = jobs.plan_of(job)
    seen, _problem = _look(job, plan)
    return PlanForm(request.POST, kind=FileKind(job.kind), plan=seen.plan if seen else plan, look=seen)


def _look(job: FileImport, plan: Plan) -> tuple[Look | None, str]:
    try:
        return look(job, plan), ""
    except DomainError as refusal:
        return None, refusal.sentence


def _draft(request: HttpRequest, job: FileImport, plan: Plan, sent: PlanForm | None = None) -> HttpResponse:
    seen, problem = _look(job, plan)
    form = sent or PlanForm(kind=FileKind(job.kind), plan=seen.plan if seen else plan, look=seen)
    context = {
        "job": job,
        "form": form,
        "look": seen,
        "problem": problem or (seen.problem if seen and sent is None else ""),
        "of_leads": job.kind == FileKind.LEADS,
    }
    return answer(request, "leads/imports/draft.html", context, status=422 if sent else 200)


def _told(job: FileImport) -> dict[str, Any]:
    progress = jobs.progress(job)
    return {
        "job": job,
        "progress": progress,
        "percent": 100 * progress.read // max(job.rows or progress.read, 1) if progress.read else 0,
        "sums": _sums(job, progress.counts),
        "left": progress.refused - len(progress.refusals),
        "state": job.state.label,
        "was_signals": job.kind == FileKind.SIGNALS,
    }


def _sums(job: FileImport, counts: Counter[str]) -> Sequence[tuple[str, int]]:
    """What became of the rows, in words; what never happened is left out, but for what was made."""
    named = {
        FileKind.LEADS: (
            ("created", _("created")),
            ("updated", _("updated")),
            ("unchanged", _("unchanged")),
            ("refused", _("refused")),
            ("attached", _("signals that had waited for these leads")),
            ("company_conflicts", _("values of companies differ from an earlier row's, which stay")),
        ),
        FileKind.SIGNALS: (
            ("created", _("created")),
            ("waiting", _("waiting for their lead")),
            ("duplicates", _("known already")),
            ("conflicting", _("of these with other content than what came first, which stays")),
            ("refused", _("refused")),
        ),
    }[FileKind(job.kind)]
    always = {"created", "refused"}
    return [(words, counts[name]) for name, words in named if counts[name] or name in always]
