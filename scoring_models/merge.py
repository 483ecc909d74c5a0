"""Three versions become one: what a draft changed since its base, brought onto another version.

Compared piece by piece: each rule, band, list, limit and golden lead, and the audience. What only one side
changed is taken from it; what both changed the same way is no conflict; the values of a list that both
changed are joined. Anything else is a conflict, which a person decides for one side.

Pieces are compared without what follows from others: the values that a rule takes from a list, and the
engagement types that an inactivity rule is counted by unless it names its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from scoring_models.spec import (
    AttributeCondition,
    Condition,
    Inactivity,
    Limits,
    RuleSpec,
    Spec,
    unlisted,
)

Piece = tuple[str, str]  # ("rule", "comments"), ("band", "hot"), ("limit", "fit.cap"), …

LIMITS = ("engagement.cap", "engagement.floor", "fit.cap", "fit.floor", "floor", "ceiling")
GONE = object()
OPEN = object()


class Side(StrEnum):
    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Merge:
    """The merged version as its pieces say it, and what nobody has decided yet.

    `spec` takes the other version's side where a conflict is open. Values from lists and usual engagement
    types are left out of it: writing it as text and reading that fills them in.
    """

    spec: Spec
    conflicts: tuple[Piece, ...]
    open: tuple[Piece, ...]


def merge(base: Spec | None, mine: Spec, theirs: Spec, choices: Mapping[Piece, Side] | None = None) -> Merge:
    """`mine` and `theirs`, both made from `base`, as one. `choices` decide conflicts."""
    choices = choices or {}
    was, ours, others = pieces(base) if base else {}, pieces(mine), pieces(theirs)
    merged: dict[Piece, Any] = {}
    conflicts = []
    for piece in dict.fromkeys((*others, *ours)):
        before, my, their = (side.get(piece, GONE) for side in (was, ours, others))
        taken = _taken(piece, before, my, their)
        if taken is OPEN:
            conflicts.append(piece)
            taken = my if choices.get(piece) is Side.MINE else their
        if taken is not GONE:
            merged[piece] = taken
    ordered = _in_order(list(was), list(ours), list(others), merged)
    undecided = tuple(piece for piece in conflicts if piece not in choices)
    return Merge(_spec(theirs, {piece: merged[piece] for piece in ordered}), tuple(conflicts), undecided)


def pieces(spec: Spec) -> dict[Piece, Any]:
    """The pieces of a version, in its order."""
    limits = (*_pair(spec.engagement), *_pair(spec.fit), spec.floor, spec.ceiling)
    return {
        **{("rule", rule.key): _own(rule, spec) for rule in spec.rules},
        **{("band", band.key): band for band in spec.bands},
        **{("list", name): values for name, values in spec.lists},
        **{("limit", name): limit for name, limit in zip(LIMITS, limits, strict=True)},
        **{("golden", lead.name): lead for lead in spec.golden},
        ("audience", ""): tuple(map(unlisted, spec.audience)),
    }


def _taken(piece: Piece, before: Any, mine: Any, theirs: Any) -> Any:
    """What both sides agree on; OPEN where they don't."""
    if mine == theirs or theirs == before:
        return mine
    if mine == before:
        return theirs
    if piece[0] == "list" and GONE not in (before, mine, theirs):
        return _joined(before, mine, theirs)
    return OPEN


def _joined(before: Iterable[str], mine: Iterable[str], theirs: Iterable[str]) -> tuple[str, ...]:
    """Their values without those that I removed, then those that I added."""
    gone = set(before) - set(mine)
    kept = [value for value in theirs if value not in gone]
    return (*kept, *(value for value in mine if value not in {*before, *kept}))


def _in_order(
    was: list[Piece], mine: list[Piece], theirs: list[Piece], merged: Iterable[Piece]
) -> list[Piece]:
    """Their order, or mine where they kept the base's; what only the other has comes after its neighbour."""
    known = {*was}
    unmoved = [piece for piece in theirs if piece in known] == [piece for piece in was if piece in {*theirs}]
    first, second = (mine, theirs) if unmoved else (theirs, mine)
    order = list(first)
    for place, piece in enumerate(second):
        if piece not in order:
            order.insert(order.index(second[place - 1]) + 1 if place else 0, piece)
    kept = {*merged}
    return [piece for piece in order if piece in kept]


def _spec(theirs: Spec, merged: Mapping[Piece, Any]) -> Spec:
    of: dict[str, list[Any]] = {"rule": [], "band": [], "golden": []}
    for (kind, _name), value in merged.items():
        of.setdefault(kind, []).append(value)
    limits = {name: merged["limit", name] for name in LIMITS}
    return replace(
        theirs,
        rules=tuple(of["rule"]),
        bands=tuple(sorted(of["band"], key=lambda band: (band.lower_edge is not None, band.lower_edge or 0))),
        golden=tuple(of["golden"]),
        lists=tuple((name, values) for (kind, name), values in merged.items() if kind == "list"),
        audience=merged["audience", ""],
        engagement=Limits(limits["engagement.cap"], limits["engagement.floor"]),
        fit=Limits(limits["fit.cap"], limits["fit.floor"]),
        floor=limits["floor"],
        ceiling=limits["ceiling"],
    )


def _own(rule: RuleSpec, spec: Spec) -> RuleSpec:
    only_when = tuple(map(unlisted, rule.only_when))
    return replace(rule, condition=_own_condition(rule.condition, spec), only_when=only_when)


def _own_condition(condition: Condition, spec: Spec) -> Condition:
    if isinstance(condition, AttributeCondition):
        return unlisted(condition)
    if isinstance(condition, Inactivity):
        return replace(condition, types=()) if condition.types == spec.engagement_types else condition
    return replace(condition, where=tuple(map(unlisted, condition.where)))


def _pair(limits: Limits) -> tuple[int | None, int | None]:
    return limits.cap, limits.floor
