"""The list of models: which versions there are, and who is live since when."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.views.answers import answer, page_for, signed_in
from leadscoring.people.roles import Role
from scoring_models.models import ScoringModel
from scoring_models.permissions import Step, may
from scoring_models.standing import standings


@page_for(*Role)
def models(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    listed = [
        {"model": model, "versions": standings(model, at=now)}
        for model in ScoringModel.objects.order_by("position")
    ]
    context = {"listed": listed, "may_draft": may(signed_in(request), Step.DRAFT)}
    return answer(request, "scoring_models/models.html", context)
