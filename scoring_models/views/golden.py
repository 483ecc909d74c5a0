"""The golden leads of a version: how each comes out, and adding and removing them in a draft."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.views.answers import answer, deed_for, done, page_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import golden
from scoring_models.forms import ExpectationForm
from scoring_models.models import ModelVersion, VersionState
from scoring_models.permissions import Step, may
from scoring_models.spec_text import spec_of
from scoring_models.views.trial import bench_of, imagined_of
from scoring_models.views.version import find


@page_for(*Role)
def golden_leads(request: HttpRequest, version_id: int) -> HttpResponse:
    """A page, or for htmx what the card of another page shows."""
    version = find(version_id)
    may_edit = version.state == VersionState.DRAFT and may(signed_in(request), Step.DRAFT)
    context = {
        "version": version,
        "may_edit": may_edit,
        "may_test": may(signed_in(request), Step.TEST),
        **_checks(version),
    }
    return answer(request, "scoring_models/golden_page.html", context, fragment="scoring_models/golden.html")


@deed_for(Role.MARKETING)
def add(request: HttpRequest, version_id: int) -> HttpResponse:
    """Keep what was typed in to test the draft, with what is expected of it."""
    bench = bench_of(find(version_id))
    known, did = bench.known_form(request.POST), bench.did_forms(request.POST)
    expectation = ExpectationForm(request.POST, bands=bench.spec.bands)
    if not (known.is_valid() and did.is_valid() and expectation.is_valid()):
        raise DomainError("form", _("Give the golden lead a name, and test it first."))
    lead = expectation.golden(imagined_of(known, did))
    golden.add(version=bench.version, lead=lead, actor=signed_in(request), at=timezone.now())
    done(request, _("“%(name)s” is a golden lead of this draft.") % {"name": lead.name})
    return _to_page(bench.version)


@deed_for(Role.MARKETING)
def remove(request: HttpRequest, version_id: int) -> HttpResponse:
    version, name = find(version_id), request.POST.get("name", "")
    golden.remove(version=version, name=name, actor=signed_in(request), at=timezone.now())
    done(request, _("“%(name)s” is no golden lead of this draft any more.") % {"name": name})
    return _to_page(version)


def _checks(version: ModelVersion) -> dict[str, object]:
    try:
        return {"checks": golden.check(spec_of(version), as_of=timezone.now())}
    except DomainError as refusal:
        return {"refused": refusal.sentence}


def _to_page(version: ModelVersion) -> HttpResponse:
    return HttpResponseRedirect(reverse("scoring_models:golden", args=(version.pk,)))
