"""The page on which somebody who edited nothing decides: what changes, in words, and where leads would go."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.views.answers import answer, page_for, signed_in
from leadscoring.people.roles import Role
from scoring_models.band_table import band_table
from scoring_models.diff import diff
from scoring_models.live import live_version
from scoring_models.models import ModelVersion
from scoring_models.spec_text import spec_of, thaw
from scoring_models.views.version import find, steps_context
from scoring_models.vocabulary import current_vocabulary


@page_for(Role.MARKETING, Role.MANAGER, Role.ADMIN)
def review(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    now = timezone.now()
    spec, compared = spec_of(version), _compared_with(version)
    before = thaw(compared.frozen) if compared else None
    context = {
        "version": version,
        "compared": compared,
        "diff": diff(before, spec, current_vocabulary()) if before else None,
        "table": band_table(before, spec, at=now),
        "last_return": version.reviews.filter(decision="return").order_by("-at").first(),
        **steps_context(version, signed_in(request)),
    }
    return answer(request, "scoring_models/review.html", context)


def _compared_with(version: ModelVersion) -> ModelVersion | None:
    """The live version; for the live one itself, what it was based on."""
    live = live_version(version.model, at=timezone.now())
    return version.based_on if live is None or live.pk == version.pk else live
