"""Checks the page of a draft by the reader of the text form, and puts each problem at its field."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from scoring_models.admin.conditions import ConditionRows
from scoring_models.admin.forms import VersionForm
from scoring_models.admin.formsets import DraftFormSet
from scoring_models.models import Band, ModelVersion, Rule, VersionList
from scoring_models.spec import Limits, Spec
from scoring_models.spec_text import InvalidVersion, Problem, digest, read
from scoring_models.spec_text.problems import Path
from scoring_models.spec_text.rows import band_data, band_order, rule_data, settings_data, version_data
from scoring_models.vocabulary import Vocabulary, current_vocabulary

# What the text form calls the fields of a form.
FIELDS = {
    "field": "attribute",
    "op": "operator",
    "value": "values",
    "list": "value_list",
    "types": "signal_types",
    "days": "idle_days",
    "from": "lower_edge",
}
SETTINGS: dict[Path, str] = {
    ("floor",): "floor",
    ("ceiling",): "ceiling",
    ("dimensions", "engagement", "cap"): "engagement_cap",
    ("dimensions", "engagement", "floor"): "engagement_floor",
    ("dimensions", "fit", "cap"): "fit_cap",
    ("dimensions", "fit", "floor"): "fit_floor",
}
LONGEST_KEY = 50


def check_settings(form: VersionForm) -> None:
    """Look at the limits alone: whether each is above its floor."""
    nothing_else = {"audience": [], "bands": [{"key": "any", "name": "Any"}], "rules": []}
    for problem in _problems({**settings_data(form.instance), **nothing_else}, Vocabulary()):
        form.add_error(SETTINGS.get(problem.path), problem.sentence)


def check_parts(version: ModelVersion, formsets: Sequence[DraftFormSet]) -> Spec | None:
    """What lists, bands and rules say together, without limits; None where something is marked.

    Where forms have errors of their own, those come first.
    """
    if any(form.errors for formset in formsets for form in formset.kept()):
        return None
    lists, bands = _kept(formsets, VersionList), sorted(_kept(formsets, Band), key=_band_of)
    rules = _kept(formsets, Rule)
    _put_last(rules)
    rules.sort(key=lambda form: form.instance.position)
    _give_keys(bands, lambda band: band.name)
    _give_keys(rules, _rule_name)
    by_name = {form.instance.name: form for form in lists}
    data = {
        **settings_data(version),
        "floor": None,
        "ceiling": None,
        "dimensions": {},
        "lists": {name: form.instance.values for name, form in by_name.items()},
        "bands": [band_data(form.instance) for form in bands],
        "rules": [rule_data(form.instance) for form in rules],
    }
    try:
        return read(data, current_vocabulary())
    except InvalidVersion as invalid:
        _mark(invalid.problems, by_name, bands, rules, page=formsets[-1])
    return None


def _mark(
    problems: Iterable[Problem],
    lists: Mapping[str, Any],
    bands: Sequence[Any],
    rules: Sequence[Any],
    *,
    page: DraftFormSet,
) -> None:
    """Put each problem where it can be mended; what has no such place on the page's own list."""
    audience = page.audience
    for problem in problems:
        match problem.path:
            case ("rules", int(index), *rest):
                _tell(rules[index], rest, problem)
            case ("bands", int(index), *rest):
                _tell(bands[index], rest, problem)
            case ("lists", str(name), *_):
                lists[name].add_error("values", problem.sentence)
            case ("audience", int(index), *rest) if audience:
                _tell(audience.kept[index], rest, problem)
            case _:
                page.general.append(problem.sentence)  # such as that there are too many rules


def ask_for_condition(formset: DraftFormSet) -> None:
    """Show the page again with one more row, which a button without a script asked for."""
    formset.general.append(_("Fill in the new condition, then save."))


def with_limits(spec: Spec, version: ModelVersion) -> Spec:
    """The spec with the caps, floors and ceiling that stand in the version's own row."""
    return replace(
        spec,
        engagement=Limits(version.engagement_cap, version.engagement_floor),
        fit=Limits(version.fit_cap, version.fit_floor),
        floor=version.floor,
        ceiling=version.ceiling,
    )


def stamp(version: ModelVersion) -> str:
    """A short text that differs whenever anything about the stored draft does."""
    rows = version_data(version)
    ids = [
        sorted(part.values_list("pk", flat=True))
        for part in (version.rules, version.bands, version.lists, version.golden)
    ]
    return digest(repr((version.note, version.state, rows, ids)))[:16]


def _problems(data: object, vocabulary: Vocabulary) -> Sequence[Problem]:
    try:
        read(data, vocabulary)
    except InvalidVersion as invalid:
        return invalid.problems
    return ()


def _kept(formsets: Iterable[DraftFormSet], model: type[Any]) -> list[Any]:
    return [form for formset in formsets if formset.model is model for form in formset.kept()]


def _band_of(form: Any) -> tuple[bool, int]:
    return band_order(form.instance)


def _tell(form: Any, rest: Sequence[str | int], problem: Problem) -> None:
    """Put a problem at the field that its path ends in, or at the whole form."""
    for place, part in enumerate(rest):
        if part in ("only_when", "where") and len(rest) > place + 1:
            rows: ConditionRows = getattr(form, str(part))
            _tell(rows.kept[int(rest[place + 1])], rest[place + 2 :], problem)
            form.add_error(None, _("A condition of this rule is marked."))
            return
    names = [FIELDS.get(part, part) for part in rest if isinstance(part, str)]
    field = next((name for name in reversed(names) if name in form.fields), None)
    form.add_error(field, problem.sentence)


def _rule_name(rule: Rule) -> str:
    """What a new rule's key is made of: what it counts."""
    if rule.attribute is not None:
        return rule.attribute.key
    return rule.signal_types[0] if rule.signal_types else "idle"


def _put_last(forms: Iterable[Any]) -> None:
    """New rules come after the others, unless a place was given."""
    forms = list(forms)
    last = max((form.instance.position for form in forms), default=0)
    for form in forms:
        if form.instance.pk is None and not form.instance.position:
            last += 1
            form.instance.position = last


def _give_keys(forms: Iterable[Any], name_of: Any) -> None:
    """Keys for new rows, made of names and free within the version. A stored row keeps its own."""
    forms = list(forms)
    taken = {form.instance.key for form in forms}
    for form in forms:
        if not form.instance.key:
            form.instance.key = next(key for key in _keys(name_of(form.instance)) if key not in taken)
            taken.add(form.instance.key)


def _keys(name: str) -> Iterator[str]:
    stem = slugify(name)[:LONGEST_KEY].strip("-_")
    stem = stem if stem[:1].isalpha() and stem not in ("floor", "ceiling", "cap") else f"x-{stem}".strip("-")
    yield stem
    number = 2
    while True:
        yield f"{stem}-{number}"
        number += 1
