"""The health of a version's rules, and the leads behind each finding."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.exporting import export_told
from leads.moments import parse_moment
from leads.views.answers import answer, page_for, signed_in
from leads.views.files import as_file
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models.health.findings import Term
from scoring_models.health.report import report
from scoring_models.health.selection import PAGE_SIZE, WORDS, all_behind, described, leads_behind
from scoring_models.models import ModelVersion
from scoring_models.spec_text import spec_of
from scoring_models.standing import standing
from scoring_models.turns import asked_before
from scoring_models.views.version import find
from scoring_models.vocabulary import current_vocabulary


@page_for(*Role)
def health(request: HttpRequest, version_id: int) -> HttpResponse:
    """A page, or for htmx what the card of another page shows."""
    version = find(version_id)
    context = {
        "version": version,
        "standing": standing(version, at=timezone.now()),
        "may_see_leads": access.sees_all(signed_in(request)),
        **_report(version),
    }
    return answer(request, "scoring_models/health_page.html", context, fragment="scoring_models/health.html")


@page_for(Role.MARKETING, Role.ADMIN)
def leads(request: HttpRequest, version_id: int) -> HttpResponse:
    """The leads behind a finding, as of the moment when it was found."""
    version = find(version_id)
    spec, at, terms = spec_of(version), _moment(request), _terms(request)
    earlier = asked_before(version.model, at=at)
    found = leads_behind(spec, terms, at=at, after=_after(request), size=PAGE_SIZE + 1, earlier=earlier)
    shown = found[:PAGE_SIZE]
    context = {
        "version": version,
        "spec": spec,
        "at": at,
        "title": described(spec, terms, current_vocabulary()),
        "rows": [(row, spec.bands[row.band]) for row in shown],
        "is_first": "after" not in request.GET,
        "next": shown[-1].lead.pk if len(found) > PAGE_SIZE else None,
    }
    return answer(request, "scoring_models/leads.html", context)


@page_for(Role.MARKETING, Role.ADMIN)
def leads_export(request: HttpRequest, version_id: int) -> HttpResponseBase:
    """All of them, in columns that an import takes back, with the score and band that the version gives."""
    version, now = find(version_id), timezone.now()
    spec, at = spec_of(version), _moment(request)
    found = all_behind(spec, _terms(request), at=at, earlier=asked_before(version.model, at=at))
    told = {lead: (total, spec.bands[band].name, at.astimezone(UTC)) for lead, total, band in found}
    heads = ("score_then", "band_then", "scored_as_of")
    rows = export_told(told=told, heads=heads, actor=signed_in(request), at=now)
    name = f"behind-{version.number}-{timezone.localdate(now)}"
    return as_file(rows, name=name, wanted=request.GET.get("format"))


def _terms(request: HttpRequest) -> list[Term]:
    return [Term(word, value) for word in WORDS for value in request.GET.getlist(word)]


def _report(version: ModelVersion) -> dict[str, Any]:
    now = timezone.now()
    try:
        return {"report": report(spec_of(version), at=now, earlier=asked_before(version.model, at=now))}
    except DomainError as refusal:
        return {"refused": refusal.sentence}


def _moment(request: HttpRequest) -> datetime:
    try:
        return parse_moment(request.GET["at"]) if "at" in request.GET else timezone.now()
    except ValueError:
        raise _no_list() from None


def _after(request: HttpRequest) -> int:
    after = request.GET.get("after", "0")
    if not after.isascii() or not after.isdigit() or len(after) > 18:
        raise _no_list()
    return int(after)


def _no_list() -> DomainError:
    return DomainError("selection.not_found", _("There is no such list of leads."))
