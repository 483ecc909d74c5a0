"""The steps of a version as POSTs. The verbs check roles and refuse; here they are only called."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.moments import parse_moment
from leads.views.answers import deed_for, done, signed_in
from leadscoring.errors import DomainError
from leadscoring.local_times import exact
from leadscoring.people.roles import Role
from scoring_models import drafts, rescoring, schedule, versions
from scoring_models.evidence_pack import packs
from scoring_models.models import ModelVersion, RescoreRun
from scoring_models.views.version import find


def to_page(version: ModelVersion, name: str = "version") -> HttpResponse:
    return HttpResponseRedirect(reverse(f"scoring_models:{name}", args=(version.pk,)))


def to_editor(version: ModelVersion) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:scoring_models_modelversion_change", args=(version.pk,)))


@deed_for(Role.MARKETING)
def start_draft(request: HttpRequest, version_id: int) -> HttpResponse:
    source = find(version_id)
    draft = drafts.start_from(version=source, actor=signed_in(request), at=timezone.now())
    said = _("Version %(number)d is your draft. Nothing is live until somebody else approves it.")
    done(request, said % {"number": draft.number})
    return to_editor(draft)


@deed_for(Role.MARKETING)
def discard(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    drafts.discard(version=version, actor=signed_in(request), at=timezone.now())
    done(request, _("Version %(number)d is discarded.") % {"number": version.number})
    return HttpResponseRedirect(reverse("scoring_models:models"))


@deed_for(Role.MARKETING)
def submit(request: HttpRequest, version_id: int) -> HttpResponse:
    version = versions.submit(version=find(version_id), actor=signed_in(request), at=timezone.now())
    done(request, _("Version %(number)d waits for approval.") % {"number": version.number})
    return to_page(version, "review")


@deed_for(Role.MARKETING)
def withdraw(request: HttpRequest, version_id: int) -> HttpResponse:
    version = versions.withdraw(version=find(version_id), actor=signed_in(request), at=timezone.now())
    done(request, _("Version %(number)d is a draft again.") % {"number": version.number})
    return to_editor(version)


@deed_for(Role.MARKETING, Role.MANAGER)
def ask_for_evidence(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    packs.ask_again(version=version, actor=signed_in(request), at=timezone.now())
    return to_page(version, "review")


@deed_for(Role.MANAGER)
def approve(request: HttpRequest, version_id: int) -> HttpResponse:
    evidence = request.POST.get("evidence", "")
    version = versions.approve(version=find(version_id), evidence=evidence, **_verdict(request))
    done(
        request, _("Version %(number)d is approved. Put it live when you like.") % {"number": version.number}
    )
    return to_page(version, "review")


@deed_for(Role.MANAGER)
def return_to_draft(request: HttpRequest, version_id: int) -> HttpResponse:
    version = versions.return_to_draft(version=find(version_id), **_verdict(request))
    done(request, _("Version %(number)d went back to its authors.") % {"number": version.number})
    return to_page(version)


@deed_for(Role.MANAGER)
def reject(request: HttpRequest, version_id: int) -> HttpResponse:
    version = versions.reject(version=find(version_id), **_verdict(request))
    done(request, _("Version %(number)d is rejected.") % {"number": version.number})
    return to_page(version)


@deed_for(Role.MANAGER)
def activate(request: HttpRequest, version_id: int) -> HttpResponse:
    run = versions.activate(version=find(version_id), actor=signed_in(request), at=timezone.now())
    done(
        request, _("Version %(number)d is live. All leads are being scored.") % {"number": run.version.number}
    )
    return to_page(run.version)


@deed_for(Role.MANAGER)
def go_back(request: HttpRequest, version_id: int) -> HttpResponse:
    run = versions.go_back(version=find(version_id), actor=signed_in(request), at=timezone.now())
    said = _("Version %(number)d is live again. All leads are being scored.")
    done(request, said % {"number": run.version.number})
    return to_page(run.version)


@deed_for(Role.MANAGER)
def put_on_schedule(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    try:
        starts_at = parse_moment(request.POST.get("starts_at", ""), timezone.get_current_timezone())
    except ValueError:
        raise DomainError("no_time", _("Say when it goes live: a day and a time.")) from None
    schedule.schedule(version=version, starts_at=starts_at, actor=signed_in(request), at=timezone.now())
    said = _("Version %(number)d goes live on %(when)s.")
    done(request, said % {"number": version.number, "when": exact(starts_at)})
    return to_page(version)


@deed_for(Role.MANAGER)
def cancel_schedule(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    schedule.cancel(version=version, actor=signed_in(request), at=timezone.now())
    done(request, _("Called off: version %(number)d doesn't go live.") % {"number": version.number})
    return to_page(version)


@deed_for(Role.MANAGER)
def stop_scoring(request: HttpRequest, version_id: int, run_id: int) -> HttpResponse:
    rescoring.stop(run=_run(version_id, run_id), actor=signed_in(request), at=timezone.now())
    done(request, _("Scoring is stopped. What is scored already stays so."))
    return to_page(find(version_id))


@deed_for(Role.MANAGER)
def resume_scoring(request: HttpRequest, version_id: int, run_id: int) -> HttpResponse:
    rescoring.resume(run=_run(version_id, run_id), actor=signed_in(request), at=timezone.now())
    done(request, _("Scoring goes on."))
    return to_page(find(version_id))


def _verdict(request: HttpRequest) -> dict[str, Any]:
    """What a reviewer saw and says of it, and who says so when."""
    given = {name: request.POST.get(name, "") for name in ("digest", "comment")}
    return given | {"actor": signed_in(request), "at": timezone.now()}


def _run(version_id: int, run_id: int) -> RescoreRun:
    return get_object_or_404(RescoreRun, pk=run_id, version=version_id)
