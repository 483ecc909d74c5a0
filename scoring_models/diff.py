"""Two versions compared, in words: which rules, bands, lists and limits differ, and how."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from scoring_models.sentences import conditions_sentence, sentence
from scoring_models.spec import (
    AttributeCondition,
    BandSpec,
    Dimension,
    GoldenLead,
    Inactivity,
    RuleSpec,
    Spec,
    unlisted,
)
from scoring_models.vocabulary import Vocabulary

NEW, GONE, CHANGED = "new", "removed", "changed"


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule that came, went or changed. `before` is its old sentence where that differs."""

    key: str
    change: str
    dimension: str
    sentence: str
    before: str | None
    old_points: int | None
    new_points: int | None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TextChange:
    """A band or a limit that differs, as people read it; None where it wasn't or isn't there."""

    title: str
    old: str | None
    new: str | None

    @property
    def change(self) -> str:
        return NEW if self.old is None else GONE if self.new is None else CHANGED


@dataclass(frozen=True, slots=True)
class ListChange:
    """A named list that differs: which values came and went."""

    name: str
    change: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """What changes from one version to another. `total_rules` is how many the new one has turned on.

    `others` are its audience, its golden leads, and the stages of signal types where it asks for them.
    """

    rules: tuple[RuleChange, ...]
    bands: tuple[TextChange, ...]
    limits: tuple[TextChange, ...]
    lists: tuple[ListChange, ...]
    total_rules: int
    others: tuple[TextChange, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.rules or self.bands or self.limits or self.lists or self.others)

    def lines(self) -> Iterator[str]:
        """The same as plain text, one change a line."""
        for rule in self.rules:
            yield f"{rule.change}: {rule.sentence} ({_points(rule)})" + "".join(
                f"; {remark}" for remark in rule.remarks
            )
        for text in (*self.bands, *self.limits, *self.others):
            yield f"{text.change}: {text.title}: {text.old or '–'} → {text.new or '–'}"
        for each in self.lists:
            signs = [f"+{value}" for value in each.added] + [f"−{value}" for value in each.removed]
            yield f"{each.change}: list {each.name}: {', '.join(signs)}"


def diff(old: Spec, new: Spec, vocabulary: Vocabulary) -> Diff:
    """What is different in `new`. The rules of `new` come first, in its order, then those that went."""
    return Diff(
        rules=tuple(_rules(old, new, vocabulary)),
        bands=tuple(_texts(_bands(old), _bands(new))),
        limits=tuple(_texts(_limits(old), _limits(new))),
        lists=tuple(_lists(old, new)),
        total_rules=len(new.enabled_rules),
        others=tuple(_texts(_others(old, vocabulary), _others(new, vocabulary))),
    )


def wordings(spec: Spec, vocabulary: Vocabulary) -> dict[tuple[str, str], tuple[str, str]]:
    """What a version says by the pieces that `merge` compares: a title, and everything about it in words."""
    lists = {("list", name): (_list_title(name), ", ".join(values) or "–") for name, values in spec.lists}
    rules = {("rule", rule.key): (_("Rule"), _rule(rule, vocabulary)) for rule in spec.rules}
    bands = {("band", key): said for key, said in _bands(spec).items()}
    limits = {("limit", key): said for key, said in _limits(spec).items()}
    audience = {("audience", ""): _audience(spec, vocabulary)}
    golden = {("golden", lead.name): _golden(spec, lead) for lead in spec.golden}
    return rules | bands | lists | limits | golden | audience


def _rule(rule: RuleSpec, vocabulary: Vocabulary) -> str:
    said = [f"{sentence(rule, vocabulary)} ({rule.points:+d})"]
    said += [] if rule.enabled else [_("turned off")]
    said += [_("note: %(note)s") % {"note": rule.note}] if rule.note else []
    return "; ".join(said)


def _list_title(name: str) -> str:
    return _("List “%(name)s”") % {"name": name}


def _rules(old: Spec, new: Spec, vocabulary: Vocabulary) -> Iterator[RuleChange]:
    before = {rule.key: rule for rule in old.rules}
    after = {rule.key: rule for rule in new.rules}
    for key, rule in after.items():
        change = _rule_change(before.get(key), rule, vocabulary)
        if change is not None:
            yield change
    for key, rule in before.items():
        if key not in after:
            said = sentence(rule, vocabulary)
            yield RuleChange(key, GONE, rule.dimension, said, None, rule.points, None)


def _rule_change(old: RuleSpec | None, new: RuleSpec, vocabulary: Vocabulary) -> RuleChange | None:
    said = sentence(new, vocabulary)
    if old is None:
        remarks: tuple[str, ...] = () if new.enabled else (_("turned off"),)
        return RuleChange(new.key, NEW, new.dimension, said, None, None, new.points, remarks)
    if old == new:
        return None
    was = sentence(old, vocabulary)
    remarks = tuple(_remarks(old, new, said, was))
    if was == said and old.points == new.points and not remarks:
        return None  # only the values of a list differ, which the lists show
    return RuleChange(
        new.key, CHANGED, new.dimension, said, was if was != said else None, old.points, new.points, remarks
    )


def _remarks(old: RuleSpec, new: RuleSpec, said: str, was: str) -> Iterator[str]:
    if old.enabled != new.enabled:
        yield _("turned on") if new.enabled else _("turned off")
    if old.dimension != new.dimension:
        yield _("counts for fit now") if new.dimension is Dimension.FIT else _("counts for engagement now")
    if old.note != new.note:
        yield _("note: %(note)s") % {"note": new.note or "–"}
    if said == was and _compared(old) != _compared(new):
        yield _("its values changed")


def _compared(rule: RuleSpec) -> RuleSpec:
    """A rule by what it compares; the values of lists are left out, since those are shown as lists."""
    condition = rule.condition
    if isinstance(condition, AttributeCondition):
        condition = unlisted(condition)
    elif not isinstance(condition, Inactivity):
        condition = replace(condition, where=tuple(map(unlisted, condition.where)))
    only_when = tuple(map(unlisted, rule.only_when))
    return RuleSpec("", Dimension.FIT, 1, condition, only_when=only_when)


def _others(spec: Spec, vocabulary: Vocabulary) -> dict[str, tuple[str, str]]:
    texts = {"": _audience(spec, vocabulary)}
    for lead in spec.golden:
        texts[f"golden:{lead.name}"] = _golden(spec, lead)
    return texts | (_stages(spec, vocabulary) if _asks_for_stage(spec) else {})


def _audience(spec: Spec, vocabulary: Vocabulary) -> tuple[str, str]:
    return _("Who is scored"), conditions_sentence(spec.audience, vocabulary) or _("everybody")


def _golden(spec: Spec, lead: GoldenLead) -> tuple[str, str]:
    """Everything that a golden lead says, in words."""
    names = {band.key: band.name for band in spec.bands}
    facts = [f"{key}: {value}" for key, value in lead.attributes]
    facts += [f"{signal.type}, {signal.days_ago} d{_said(signal.properties)}" for signal in lead.signals]
    expected = [names[lead.expect_band]] if lead.expect_band else []
    expected += [str(lead.expect_score)] if lead.expect_score is not None else []
    title = _("Golden lead %(name)s") % {"name": lead.name}
    return title, f"{'; '.join(facts) or '–'} → {', '.join(expected)}"


def _said(properties: Iterable[tuple[str, object]]) -> str:
    return "".join(f", {name}: {value}" for name, value in properties)


def _asks_for_stage(spec: Spec) -> bool:
    asked = [*spec.audience, *(each for rule in spec.rules for each in (*rule.only_when, rule.condition))]
    return any(isinstance(each, AttributeCondition) and each.field == "journey_stage" for each in asked)


def _stages(spec: Spec, vocabulary: Vocabulary) -> dict[str, tuple[str, str]]:
    return {
        f"stage:{key}": (_("Stage of “%(signal)s”") % {"signal": vocabulary.signal_label(key)}, stage)
        for key, stage in spec.stages
    }


def _bands(spec: Spec) -> dict[str, tuple[str, str]]:
    """By key: a title, and everything about the band in words."""
    return {band.key: (_("Band %(name)s") % {"name": band.name}, _band(band)) for band in spec.bands}


def _band(band: BandSpec) -> str:
    edge = _("lowest") if band.lower_edge is None else _("from %(edge)d") % {"edge": band.lower_edge}
    hours = band.respond_within_hours
    respond = _("respond within %(hours)d h") % {"hours": hours} if hours else ""
    worked = _("worked by sales") if band.worked_by == "sales" else _("worked by marketing")
    return ", ".join(filter(None, (band.name, edge, band.means, band.action, worked, respond)))


def _limits(spec: Spec) -> dict[str, tuple[str, str]]:
    limits = (
        ("engagement.cap", _("Cap of engagement"), spec.engagement.cap),
        ("engagement.floor", _("Floor of engagement"), spec.engagement.floor),
        ("fit.cap", _("Cap of fit"), spec.fit.cap),
        ("fit.floor", _("Floor of fit"), spec.fit.floor),
        ("floor", _("Lowest total"), spec.floor),
        ("ceiling", _("Highest total"), spec.ceiling),
    )
    return {key: (title, _("none") if limit is None else str(limit)) for key, title, limit in limits}


def _texts(old: dict[str, tuple[str, str]], new: dict[str, tuple[str, str]]) -> Iterator[TextChange]:
    for key in dict.fromkeys((*new, *old)):
        before, after = old.get(key), new.get(key)
        if before != after:
            title = (after or before or ("", ""))[0]
            yield TextChange(title, before[1] if before else None, after[1] if after else None)


def _lists(old: Spec, new: Spec) -> Iterator[ListChange]:
    before, after = dict(old.lists), dict(new.lists)
    for name in dict.fromkeys((*after, *before)):
        was, now = before.get(name, ()), after.get(name, ())
        change = NEW if name not in before else GONE if name not in after else CHANGED
        if change != CHANGED or set(was) != set(now):
            yield ListChange(name, change, _only_in(now, was), _only_in(was, now))


def _only_in(values: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(value for value in values if value not in known)


def _points(rule: RuleChange) -> str:
    return " → ".join(f"{points:+d}" for points in _both(rule) if points is not None)


def _both(rule: RuleChange) -> tuple[int | None, ...]:
    same = rule.old_points == rule.new_points
    return (rule.new_points,) if same else (rule.old_points, rule.new_points)
