"""Two versions compared, in words: which rules, bands, lists and limits differ, and how."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from scoring_models.sentences import sentence
from scoring_models.spec import BandSpec, Dimension, RuleSpec, Spec
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
    """What changes from one version to another. `total_rules` is how many the new one has turned on."""

    rules: tuple[RuleChange, ...]
    bands: tuple[TextChange, ...]
    limits: tuple[TextChange, ...]
    lists: tuple[ListChange, ...]
    total_rules: int

    def __bool__(self) -> bool:
        return bool(self.rules or self.bands or self.limits or self.lists)

    def lines(self) -> Iterator[str]:
        """The same as plain text, one change a line."""
        for rule in self.rules:
            yield f"{rule.change}: {rule.sentence} ({_points(rule)})" + "".join(
                f"; {remark}" for remark in rule.remarks
            )
        for text in (*self.bands, *self.limits):
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
    )


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
    if old.condition != new.condition and said == was and not _from_same_list(old, new):
        yield _("its values changed")


def _from_same_list(old: RuleSpec, new: RuleSpec) -> bool:
    names = [getattr(rule.condition, "list_name", None) for rule in (old, new)]
    return names[0] is not None and names[0] == names[1]


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
        (_("Cap of engagement"), spec.engagement.cap),
        (_("Floor of engagement"), spec.engagement.floor),
        (_("Cap of fit"), spec.fit.cap),
        (_("Floor of fit"), spec.fit.floor),
        (_("Lowest total"), spec.floor),
        (_("Highest total"), spec.ceiling),
    )
    return {title: (title, _("none") if limit is None else str(limit)) for title, limit in limits}


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
