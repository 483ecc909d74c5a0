"""The page that brings a draft's changes onto the version that went live meanwhile."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.views.answers import answer, done, form_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role
from scoring_models import rebase
from scoring_models.diff import diff, wordings
from scoring_models.merge import Piece, Side
from scoring_models.models import ModelVersion
from scoring_models.permissions import Step, may
from scoring_models.rebase import Rebase
from scoring_models.views.steps import to_editor, to_page
from scoring_models.views.version import find
from scoring_models.vocabulary import Vocabulary, current_vocabulary

PREFIX = "choice:"


@dataclass(frozen=True, slots=True)
class Question:
    """A conflict as it is asked: what each side says (empty: it is gone there), and what is chosen."""

    field: str
    title: str
    mine: str
    theirs: str
    chosen: Side | None


@form_for(Role.MARKETING, Role.MANAGER)
def bring_over(request: HttpRequest, version_id: int) -> HttpResponse:
    version = find(version_id)
    if not rebase.is_stale(version, at=timezone.now()):
        return to_page(version)
    sent = request.POST if request.method == "POST" else request.GET
    choices = _choices(sent)
    try:
        if request.method == "POST":
            return _made(request, version, choices)
    except DomainError as refusal:
        return _page(request, version, choices, refused=refusal)
    return _page(request, version, choices)


def _made(request: HttpRequest, version: ModelVersion, choices: dict[Piece, Side]) -> HttpResponse:
    onto = request.POST.get("onto", "")
    draft = rebase.rebase(
        version=version,
        onto=int(onto) if onto.isdecimal() else 0,
        choices=choices,
        actor=signed_in(request),
        at=timezone.now(),
    )
    done(request, _("Version %(number)d is your draft. Send it for approval.") % {"number": draft.number})
    return to_editor(draft)


def _page(
    request: HttpRequest,
    version: ModelVersion,
    choices: dict[Piece, Side],
    *,
    refused: DomainError | None = None,
) -> HttpResponse:
    found = rebase.preview(version=version, choices=choices, at=timezone.now())
    words = current_vocabulary()
    context = {
        "version": version,
        "live": found.live,
        "questions": _questions(found, choices, words),
        "open": len(found.merge.open),
        "diff": diff(found.theirs, found.spec, words),
        "may_draft": may(signed_in(request), Step.DRAFT),
        "refused": refused,
    }
    return answer(request, "scoring_models/rebase.html", context, status=400 if refused else 200)


def _questions(found: Rebase, choices: dict[Piece, Side], words: Vocabulary) -> list[Question]:
    mine, theirs = wordings(found.mine, words), wordings(found.theirs, words)
    questions = []
    for piece in found.merge.conflicts:
        title = (mine.get(piece) or theirs[piece])[0]
        my, their = (side[piece][1] if piece in side else "" for side in (mine, theirs))
        questions.append(Question(PREFIX + ":".join(piece), title, my, their, choices.get(piece)))
    return questions


def _choices(sent: QueryDict) -> dict[Piece, Side]:
    choices = {}
    for field, value in sent.items():
        kind, _colon, name = field.removeprefix(PREFIX).partition(":")
        if field.startswith(PREFIX) and value in set(Side):
            choices[kind, name] = Side(str(value))
    return choices
