"""The set-up page: what is left to do on the first day, and the named lists to fill."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.admin.lines import LinesField
from leads.views.answers import answer, done, form_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import setup_tasks
from scoring_models.permissions import Step, may
from scoring_models.setup_tasks import Setup
from scoring_models.vocabulary import current_vocabulary

FIELD = "list-{}"


@form_for(Role.MARKETING, Role.MANAGER, Role.ADMIN)
def set_up(request: HttpRequest) -> HttpResponse:
    setup = setup_tasks.current(at=timezone.now())
    if request.method != "POST":
        return _page(request, setup)
    try:
        _save(request, setup)
    except DomainError as refusal:
        return _page(request, setup, refused=refusal, status=400)
    return HttpResponseRedirect(reverse("scoring_models:set_up"))


def _save(request: HttpRequest, setup: Setup) -> None:
    lists = {
        task.name: LinesField().to_python(request.POST[field])
        for index, task in enumerate(setup.lists)
        if (field := FIELD.format(index)) in request.POST
    }
    draft = setup_tasks.save_lists(
        lists=lists, stamp=request.POST.get("stamp", ""), actor=signed_in(request), at=timezone.now()
    )
    said = _("Saved in version %(number)d, a draft. Send it for approval when the lists are right.")
    done(request, said % {"number": draft.number})


def _page(
    request: HttpRequest, setup: Setup, *, refused: DomainError | None = None, status: int = 200
) -> HttpResponse:
    user, words = signed_in(request), current_vocabulary()
    lists = [
        {
            "task": task,
            "field": FIELD.format(index),
            "text": request.POST.get(FIELD.format(index), "\n".join(task.values)),
            "compared": ", ".join(words.attribute_label(field) for field in task.fields),
            "hints": setup_tasks.frequent_values(task.fields),
        }
        for index, task in enumerate(setup.lists)
    ]
    context = {
        "setup": setup,
        "lists": lists,
        "refused": refused,
        "may_draft": may(user, Step.DRAFT),
        "may_review": may(user, Step.REVIEW),
        "is_admin": user.has_role(Role.ADMIN),
        "may_import": user.has_role(Role.ADMIN, Role.MARKETING),
    }
    return answer(request, "scoring_models/set_up.html", context, status=status)
