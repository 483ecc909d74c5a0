"""The list of models: which versions there are, and who is live since when."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.views.answers import answer, page_for, signed_in
from leadscoring.people.roles import Role
from scoring_models.models import ScoringModel
from scoring_models.permissions import Step, may
from scoring_models.standing import standings
from scoring_models.upkeep import possible_owners, upkeep


@page_for(*Role)
def models(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    listed = [
        {"model": model, "versions": standings(model, at=now), "upkeep": upkeep(model, at=now)}
        for model in ScoringModel.objects.select_related("owner", "reviewed_by").order_by("position")
    ]
    user = signed_in(request)
    may_keep = may(user, Step.ACTIVATE)
    context = {
        "listed": listed,
        "may_draft": may(user, Step.DRAFT),
        "may_keep": may_keep,
        "owners": possible_owners() if may_keep else [],
    }
    return answer(request, "scoring_models/models.html", context)
