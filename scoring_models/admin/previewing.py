"""What the editor shows of a draft as its form says it, saved or not: numbers, sentences, what is missing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from leadscoring.errors import DomainError
from scoring_models import hits
from scoring_models.admin.formsets import DraftFormSet, RuleFormSet
from scoring_models.balance import balance
from scoring_models.emphasis import emphasised
from scoring_models.live_preview import current
from scoring_models.models import ModelVersion
from scoring_models.preview import Preview
from scoring_models.sentences import sentence
from scoring_models.spec import Spec
from scoring_models.vocabulary import Vocabulary, current_vocabulary


@dataclass(frozen=True, slots=True)
class Marked:
    """One thing that keeps a form from being counted. `anchor` is the id of its field."""

    anchor: str
    label: str
    sentence: str


def refused(request: HttpRequest, sentence: str) -> HttpResponse:
    """Parts of the page that say why there are no numbers."""
    return _parts(request, {"refused": sentence})


def incomplete(request: HttpRequest, form: Any, formsets: Sequence[DraftFormSet]) -> HttpResponse:
    """Parts of the page that say what a form still lacks. The numbers stay as they were."""
    return _parts(request, {"marked": _marked(form, formsets)})


def numbers(
    request: HttpRequest, version: ModelVersion, spec: Spec, formsets: Sequence[DraftFormSet]
) -> HttpResponse:
    """Parts of the page with the numbers of a draft; those of rules that aren't counted yet stay."""
    say_sentences(spec, current_vocabulary(), formsets)
    try:
        shown, counting = current(version, spec, again="_again" in request.POST)
    except DomainError as refusal:
        return refused(request, refusal.sentence)
    say_fired(shown, formsets)
    context = {
        "version": version,
        "preview": shown,
        "balance": balance(spec),
        "percent": hits.percent(counting) if counting else None,
        "forms": list(_rule_forms(formsets)),
    }
    return _parts(request, context)


def _parts(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = render(request, "admin/scoring_models/preview.html", context)
    response["Cache-Control"] = "private, no-store"
    return response


def say_sentences(spec: Spec | None, words: Vocabulary, formsets: Iterable[DraftFormSet]) -> None:
    """Give each form of a rule the sentence that the rule reads as, plain and with its parts set apart."""
    rules = {rule.key: rule for rule in spec.rules} if spec else {}
    for form in _rule_forms(formsets):
        rule = rules.get(form.instance.key)
        form.sentence = sentence(rule, words) if rule else ""
        form.said = emphasised(rule, words) if rule else ""


def say_fired(shown: Preview | None, formsets: Iterable[DraftFormSet]) -> None:
    """Give each form of a rule the number of leads that it counts for; None where that isn't known."""
    for form in _rule_forms(formsets):
        form.fired = shown.fired.get(form.instance.key) if shown else None


def _rule_forms(formsets: Iterable[DraftFormSet]) -> Iterator[Any]:
    return (form for formset in formsets if isinstance(formset, RuleFormSet) for form in formset.forms)


def _marked(form: Any, formsets: Iterable[DraftFormSet]) -> list[Marked]:
    """All that is wrong with the forms of a page, in their order."""
    found = list(_marked_in(form))
    for formset in formsets:
        for each in formset.kept():
            found += _marked_in(each)
        found += [Marked("", "", sentence) for sentence in formset.general]
    return found


def _marked_in(form: Any) -> Iterator[Marked]:
    for name, sentences in form.errors.items():
        bound = form[name] if name in form.fields else None
        for said in sentences:
            yield Marked(bound.id_for_label if bound else "", bound.label if bound else "", said)
