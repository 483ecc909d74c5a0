"""The highest and the lowest total that a version can give."""

from scoring_models.balance import possible
from scoring_models.spec import Dimension, Spec


def highest_total(spec: Spec) -> int:
    """What no total exceeds. Rules that exclude each other may keep totals lower still."""
    return _total(spec, {dimension: possible(spec, dimension) for dimension in Dimension})


def lowest_total(spec: Spec) -> int:
    """What no total is below."""
    return _total(spec, {dimension: _losses(spec, dimension) for dimension in Dimension})


def _losses(spec: Spec, dimension: Dimension) -> int:
    return sum(
        rule.points * rule.most_units
        for rule in spec.enabled_rules
        if rule.dimension is dimension and rule.points < 0
    )


def _total(spec: Spec, sums: dict[Dimension, int]) -> int:
    """The total of two dimensions before their floors, after all floors and the ceiling."""
    floors = {dimension: spec.limits(dimension).floor for dimension in Dimension}
    total = sum(points if (floor := floors[d]) is None else max(points, floor) for d, points in sums.items())
    if spec.floor is not None:
        total = max(total, spec.floor)
    return total if spec.ceiling is None else min(total, spec.ceiling)
