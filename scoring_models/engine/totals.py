"""From units to a total: caps, floors, ceiling and band, as scoring.md §4 has them."""

from collections.abc import Sequence

from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.decay import contribution
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.spec import BandSpec, Dimension, Limits, RuleSpec, Spec

MOST_POINTS = 2**31 - 1
MOST_UNITS = 32_767  # what a smallint of `counts` holds
FIRST_WIDE_BIT = 31  # all bits below it add up to what an integer holds


def check_size(spec: Spec, rules: Sequence[RuleSql]) -> None:
    """Refuse what would not fit into a score's columns. Raises CannotCompile."""
    limits = (spec.floor, spec.ceiling, *(limit for d in Dimension for limit in _both(spec.limits(d))))
    reach = sum(abs(rule.rule.points) * rule.rule.most_units for rule in rules)
    if reach + sum(abs(limit or 0) for limit in limits) > MOST_POINTS:
        raise CannotCompile("The points of this version add up to more than a score can hold.")
    if any(rule.rule.most_units > MOST_UNITS for rule in rules):
        raise CannotCompile(f"A rule can count at most {MOST_UNITS:,} times.")


def _both(limits: Limits) -> tuple[int | None, int | None]:
    return limits.cap, limits.floor


def points(rules: Sequence[tuple[int, RuleSql]], dimension: Dimension, sign: int) -> str:
    """The sum of a dimension's positive or negative contributions. `rules` come with their index."""
    terms = [
        _contribution(rule.rule, f"COALESCE(u{index}, 0)")
        for index, rule in rules
        if rule.rule.dimension is dimension and rule.rule.points * sign > 0
    ]
    return f"({' + '.join(terms) or '0'})"


def _contribution(rule: RuleSpec, units: str) -> str:
    return contribution(rule.points, units) if rule.decays else f"{rule.points} * {units}"


def dimension_score(gain: str, loss: str, limits: Limits) -> str:
    """A dimension's score. The cap cuts what was gained before losses are taken: it swallows no penalty."""
    capped = gain if limits.cap is None else f"LEAST({gain}, {limits.cap})"
    return clamp(f"({capped} + {loss})", limits.floor, None)


def clamp(score: str, floor: int | None, ceiling: int | None) -> str:
    if floor is not None:
        score = f"GREATEST({score}, {floor})"
    return score if ceiling is None else f"LEAST({score}, {ceiling})"


def band(total: str, bands: Sequence[BandSpec]) -> str:
    """The rank of the highest band whose lower edge is at most the total."""
    cases = [
        f"WHEN {total} >= {band.lower_edge} THEN {rank}"
        for rank, band in reversed(list(enumerate(bands)))
        if band.lower_edge is not None
    ]
    return f"(CASE {' '.join(cases)} ELSE 0 END)::smallint" if cases else "0::smallint"


def hits(rules: Sequence[RuleSql]) -> str:
    """Bit i is set when the i-th enabled rule fired."""
    return f"({' + '.join(_bit(index, rule.rule) for index, rule in enumerate(rules)) or '0'})::bigint"


def _bit(index: int, rule: RuleSpec) -> str:
    """What is once met is its own 1; multiplying that is quicker than asking for it."""
    bit = f"{1 << index}" if index < FIRST_WIDE_BIT else f"{1 << index}::bigint"
    if rule.repeats or rule.decays:
        return f"CASE WHEN u{index} > 0 THEN {bit} ELSE 0 END"
    return f"COALESCE(u{index}, 0) * {bit}"


def times(rules: Sequence[RuleSql]) -> dict[str, str]:
    """How often decayed each-time rules count, as columns of the rules' level."""
    return {f"n{index}": rule.count for index, rule in enumerate(rules) if rule.count and rule.rule.repeats}


def counts(rules: Sequence[RuleSql]) -> str:
    """How often each rule that repeats counted, in their order; NULL where none did."""
    units = [_times(index, rule) for index, rule in enumerate(rules) if rule.rule.repeats]
    if not units:
        return "NULL::smallint[]"
    return f"CASE WHEN {' + '.join(units)} > 0 THEN ARRAY[{', '.join(units)}]::smallint[] END"


def _times(index: int, rule: RuleSql) -> str:
    if rule.count:
        return f"CASE WHEN u{index} > 0 THEN n{index} ELSE 0 END"
    return f"COALESCE(u{index}, 0)" if rule.rule.only_when else f"u{index}"


def weights(rules: Sequence[RuleSql]) -> str:
    """The units of each decayed rule, in their order; NULL where none counted."""
    units = [f"COALESCE(u{index}, 0)" for index, rule in enumerate(rules) if rule.rule.decays]
    if not units:
        return "NULL::float8[]"
    return f"CASE WHEN {' + '.join(units)} > 0 THEN ARRAY[{', '.join(units)}]::float8[] END"
