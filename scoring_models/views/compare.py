"""Any two versions of a model, compared in words."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from leads.views.answers import answer, page_for
from leadscoring.people.roles import Role
from scoring_models.diff import diff
from scoring_models.models import ModelVersion
from scoring_models.spec_text import spec_of
from scoring_models.standing import standings
from scoring_models.views.version import find
from scoring_models.vocabulary import current_vocabulary


@page_for(*Role)
def compare(request: HttpRequest, version_id: int) -> HttpResponse:
    """What changes from the version in `with` to this one; without it, from what this one was made from."""
    version = find(version_id)
    old = _chosen(version, request.GET.get("with", "")) or version.based_on
    context = {
        "version": version,
        "old": old,
        "others": [each for each in standings(version.model, at=timezone.now()) if each.version != version],
        "diff": diff(spec_of(old), spec_of(version), current_vocabulary()) if old else None,
    }
    return answer(request, "scoring_models/compare.html", context)


def _chosen(version: ModelVersion, given: str) -> ModelVersion | None:
    if not given:
        return None
    if not given.isdecimal() or len(given) > 18:
        raise Http404
    other = find(int(given))
    if other.model_id != version.model_id:
        raise Http404
    return other
