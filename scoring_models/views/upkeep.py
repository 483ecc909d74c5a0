"""How scores are assigned, for everybody; and what people agree on, keep and have seen."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.views.answers import answer, back, deed_for, done, page_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import agreements, notices, order, upkeep
from scoring_models.agreements import Side
from scoring_models.live import live_activation
from scoring_models.models import Activation, ScoringModel
from scoring_models.spec_text import thaw
from scoring_models.views.agreed import agreed_context
from scoring_models.views.version import find, rule_groups
from scoring_models.vocabulary import current_vocabulary

MODELS = "scoring_models:models"


@page_for(*Role)
def assigned(request: HttpRequest) -> HttpResponse:
    now, words = timezone.now(), current_vocabulary()
    live = [activation for model in order.in_order() if (activation := live_activation(model, at=now))]
    listed = []
    for activation in live:
        spec = thaw(activation.version.frozen)
        agreed = agreed_context(activation.version, spec, signed_in(request))
        groups = rule_groups(spec, words)
        listed.append({"activation": activation, "spec": spec, "groups": groups, **agreed})
    return answer(request, "scoring_models/assigned.html", {"listed": listed})


@deed_for(Role.REP, Role.MARKETING, Role.MANAGER)
def agree(request: HttpRequest, version_id: int, band_key: str) -> HttpResponse:
    side = request.POST.get("side", "")
    if side not in Side.values:
        raise DomainError("no_side", _("Say for which side you agree."))
    agreements.agree(
        version=find(version_id),
        band_key=band_key,
        means=request.POST.get("means", ""),
        side=Side(side),
        actor=signed_in(request),
        at=timezone.now(),
    )
    done(request, _("Noted: you agree on what this band means."))
    return back(request, reverse("scoring_models:assigned"))


@deed_for(Role.MANAGER)
def keep_as_is(request: HttpRequest, model_id: int) -> HttpResponse:
    model = get_object_or_404(ScoringModel, pk=model_id)
    upkeep.keep_as_is(model=model, actor=signed_in(request), at=timezone.now())
    done(request, _("%(model)s is reviewed and stays as it is.") % {"model": model})
    return HttpResponseRedirect(reverse(MODELS))


@deed_for(Role.MANAGER)
def set_owner(request: HttpRequest, model_id: int) -> HttpResponse:
    model, given = get_object_or_404(ScoringModel, pk=model_id), request.POST.get("owner", "")
    owner = User.objects.filter(pk=int(given)).first() if given.isdecimal() and len(given) < 18 else None
    if owner is None:
        raise DomainError("no_owner", _("Choose who owns it."))
    upkeep.set_owner(model=model, owner=owner, actor=signed_in(request), at=timezone.now())
    done(request, _("%(owner)s owns %(model)s.") % {"owner": owner, "model": model})
    return HttpResponseRedirect(reverse(MODELS))


@deed_for(*Role)
def seen(request: HttpRequest, activation_id: int) -> HttpResponse:
    activation = get_object_or_404(Activation, pk=activation_id)
    notices.dismiss(activation=activation, actor=signed_in(request), at=timezone.now())
    return back(request)
