"""The list of models: which versions there are, who is live since when, and in which order they are asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.views.answers import answer, deed_for, done, page_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import drafts, order
from scoring_models.beginnings import beginnings, spec_to_begin_with
from scoring_models.live import live_version
from scoring_models.models import Arrangement, ScoringModel
from scoring_models.permissions import Step, may
from scoring_models.sentences import conditions_sentence
from scoring_models.spec_text import thaw
from scoring_models.standing import standings
from scoring_models.upkeep import possible_owners, upkeep
from scoring_models.views.steps import to_editor
from scoring_models.vocabulary import current_vocabulary

SHOWN_ARRANGEMENTS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A model in the order: `whom` its live version scores, in words; None where nothing of it is live."""

    model: ScoringModel
    whom: str | None


@page_for(*Role)
def models(request: HttpRequest) -> HttpResponse:
    now, user = timezone.now(), signed_in(request)
    in_order = order.in_order()
    may_keep, may_draft = may(user, Step.ACTIVATE), may(user, Step.DRAFT)
    context = {
        "listed": [
            {"model": model, "versions": standings(model, at=now), "upkeep": upkeep(model, at=now)}
            for model in in_order
        ],
        "asked": [Asked(model, _whom(model, now)) for model in in_order],
        "seen": ",".join(str(model.pk) for model in in_order),
        "arrangements": _arrangements(in_order),
        "may_draft": may_draft,
        "beginnings": beginnings(at=now) if may_draft else [],
        "may_keep": may_keep,
        "owners": possible_owners() if may_keep else [],
    }
    return answer(request, "scoring_models/models.html", context)


@deed_for(Role.MANAGER)
def arrange(request: HttpRequest) -> HttpResponse:
    """Move one model up or down in the order that the page showed."""
    seen = _ids(request.POST.get("seen", ""))
    way, _colon, moved = request.POST.get("move", "").partition(":")
    run = order.arrange(
        models=_moved(seen, way, _ids(moved)), seen=seen, actor=signed_in(request), at=timezone.now()
    )
    said = _("The order has changed. All leads are being scored.") if run else _("The order has changed.")
    done(request, said)
    return HttpResponseRedirect(reverse("scoring_models:models"))


@deed_for(Role.MARKETING)
def new(request: HttpRequest) -> HttpResponse:
    """Begin another model."""
    now = timezone.now()
    draft = drafts.new_model(
        name=request.POST.get("name", ""),
        spec=spec_to_begin_with(request.POST.get("from", ""), at=now),
        actor=signed_in(request),
        at=now,
    )
    done(request, _("%(model)s has its first draft. Say below whom it scores.") % {"model": draft.model})
    return to_editor(draft)


def _whom(model: ScoringModel, now: datetime) -> str | None:
    version = live_version(model, at=now)
    if version is None:
        return None
    audience = thaw(version.frozen).audience
    return conditions_sentence(audience, current_vocabulary()) or _("everybody")


def _arrangements(models: Sequence[ScoringModel]) -> list[tuple[Arrangement, list[str], list[str]]]:
    """The latest changes of the order, with the names of the models before and after each."""
    names = {model.pk: model.name for model in models}
    latest = Arrangement.objects.select_related("arranged_by").order_by("-at")[:SHOWN_ARRANGEMENTS]
    return [(one, [names[pk] for pk in one.before], [names[pk] for pk in one.after]) for one in latest]


def _ids(text: str) -> list[int]:
    return [int(word) for word in text.split(",") if word.isascii() and word.isdecimal() and len(word) < 19]


def _moved(seen: Sequence[int], way: str, moved: Sequence[int]) -> list[int]:
    """The order with one model a place further up or down. Raises DomainError("no_move")."""
    models, step = list(seen), {"up": -1, "down": 1}.get(way)
    place = models.index(moved[0]) if moved and moved[0] in models else None
    if step is None or place is None or not 0 <= place + step < len(models):
        raise DomainError("no_move", _("Choose which model goes up or down."))
    models[place], models[place + step] = models[place + step], models[place]
    return models
