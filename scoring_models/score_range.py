"""What a score could be if more were known: its range, and the question that would narrow it most.

Each unknown rule gives nothing or its points. The total never falls where a contribution rises, whatever the
caps and floors; so the lowest total is that of all unknown rules that take points, the highest that of all
that give some, and no combination need be tried.
"""

from collections.abc import Iterable, Sequence

from leads.scorer import Status
from scoring_models.evaluation import RuleResult
from scoring_models.spec import Dimension, Spec


def score_range(spec: Spec, rules: Sequence[RuleResult]) -> tuple[int, int]:
    """The lowest and the highest total, when each unknown rule gives 0 or its points."""
    return _total(spec, rules, sign=-1), _total(spec, rules, sign=1)


def best_question(spec: Spec, rules: Sequence[RuleResult]) -> str | None:
    """The missing attribute to ask for first; None where none is missing.

    The one that narrows the range most by those rules that are unknown because of it alone; of several, the
    one with more points in them, then the first by name.
    """
    causes = {rule.rule.key: missing(rule) for rule in rules if rule.status is Status.UNKNOWN}
    asked = {field for fields in causes.values() for field in fields if field is not None}
    width = _width(spec, rules)

    def worth(field: str) -> tuple[int, int, str]:
        alone = [rule for rule in rules if causes.get(rule.rule.key) == {field}]
        rest = [rule for rule in rules if rule not in alone]
        return _width(spec, rest) - width, -sum(abs(rule.points_if_met) for rule in alone), field

    return min(asked, key=worth, default=None)


def missing(rule: RuleResult) -> set[str | None]:
    """The attributes that an unknown rule waits for; None among them stands for the values of a list."""
    return {
        None if condition.list_name is not None and not condition.values else condition.field
        for condition, is_met in rule.conditions
        if is_met is None
    }


def _width(spec: Spec, rules: Sequence[RuleResult]) -> int:
    lowest, highest = score_range(spec, rules)
    return highest - lowest


def _total(spec: Spec, rules: Iterable[RuleResult], sign: int) -> int:
    """The total if of the unknown rules those were met whose points have this sign."""
    given = [(rule.rule.dimension, _points(rule, sign)) for rule in rules]
    total = sum(_dimension(spec, dimension, given) for dimension in Dimension)
    if spec.floor is not None:
        total = max(total, spec.floor)
    return total if spec.ceiling is None else min(total, spec.ceiling)


def _points(rule: RuleResult, sign: int) -> int:
    if rule.status is not Status.UNKNOWN:
        return rule.points
    return rule.points_if_met if rule.points_if_met * sign > 0 else 0


def _dimension(spec: Spec, dimension: Dimension, given: Iterable[tuple[Dimension, int]]) -> int:
    limits = spec.limits(dimension)
    points = [one for of, one in given if of is dimension]
    gained, lost = sum(max(one, 0) for one in points), sum(min(one, 0) for one in points)
    kept = (gained if limits.cap is None else min(gained, limits.cap)) + lost
    return kept if limits.floor is None else max(kept, limits.floor)
