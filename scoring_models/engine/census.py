"""The statement behind rule health: scores with what each rule gave, and what would be without it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scoring_models.engine.catalogue import Catalogue
from scoring_models.engine.compile import scores, write_parts
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.engine.subjects import Subjects, View
from scoring_models.engine.totals import clamp, dimension_score, points
from scoring_models.spec import AttributeCondition, Audiences, Dimension, Op, Spec


@dataclass(frozen=True)
class CensusSql:
    """A row a lead of a range: lead_id, hits, band, total, fit, engagement, and the columns of `gains`.

    The methods write conditions over such a row; a rule is named by its place among the enabled ones.
    """

    spec: Spec
    rules: tuple[RuleSql, ...]
    fields: tuple[str, ...]
    sql: str
    parameters: dict[str, Any]

    def fired(self, index: int) -> str:
        """The rule counted."""
        return f"(hits & {1 << index}) <> 0"

    def unsure(self, index: int) -> str:
        """Whether the rule counts can't be told."""
        return f"u{index} IS NULL"

    def hidden(self, index: int) -> str:
        """The rule counted and its points were all above the cap."""
        dimension, given = self._given(index)
        cap = self.spec.limits(dimension).cap
        if cap is None or self.rules[index].rule.points < 0:
            return "FALSE"
        return f"({self.fired(index)} AND gain_{dimension} - {given} >= {cap})"

    def needed(self, index: int) -> str:
        """The lead would be in a lower band without the rule."""
        if self.rules[index].rule.points < 0:
            return "FALSE"
        dimension, given = self._given(index)
        other = next(each for each in Dimension if each is not dimension)
        rest = dimension_score(
            f"(gain_{dimension} - {given})", f"loss_{dimension}", self.spec.limits(dimension)
        )
        total = clamp(f"({rest} + {other})", self.spec.floor, self.spec.ceiling)
        return f"({self.fired(index)} AND {total} < edge)"

    def missing(self, field: str) -> str:
        """An attribute that some rule compares is not known."""
        return f"m{self.fields.index(field)}"

    def _given(self, index: int) -> tuple[Dimension, str]:
        dimension = self.rules[index].rule.dimension
        return dimension, points([(index, self.rules[index])], dimension, 1)


@lru_cache(maxsize=32)
def compile_census(spec: Spec, catalogue: Catalogue, view: View, earlier: Audiences = ()) -> CensusSql:
    """The census of a spec over those of a range of leads (`Subjects.RANGE`) that it scores.

    Raises CannotCompile.
    """
    parts = write_parts(spec, catalogue, Subjects.RANGE, view, earlier)
    fields = comparing(parts.rules)
    missing = {f"m{place}": f"({compared}) IS NULL" for place, compared in enumerate(fields.values())}
    kept = (*(f"u{index}" for index in range(len(parts.rules))), *missing)
    inner = scores(spec, parts, missing, kept)
    columns = ", ".join(
        ("lead_id, hits, band, total, fit, engagement", *kept, *gains(parts.rules), edge(spec))
    )
    sql = f"SELECT {columns} FROM ({inner}) c OFFSET 0"
    return CensusSql(spec, parts.rules, tuple(fields), sql, parts.parameters)


def comparing(rules: tuple[RuleSql, ...]) -> dict[str, str]:
    """The attributes without which some rule can't be told, with SQL that is NULL where one is missing."""
    found: dict[str, str] = {}
    for rule in rules:
        for condition, sql in zip(rule.rule.attribute_conditions, rule.conditions, strict=True):
            if needs_value(condition):
                found.setdefault(condition.field, rule.value if condition is rule.rule.condition else sql)
    return found


def needs_value(condition: AttributeCondition) -> bool:
    """Whether it can't be told where the attribute is missing, and for no other reason."""
    return condition.op not in (Op.IS_SET, Op.IS_NOT_SET) and not (
        condition.list_name and not condition.values
    )


def gains(rules: tuple[RuleSql, ...]) -> tuple[str, ...]:
    """What a dimension's rules gave and took, before its limits: gain_fit, loss_fit, and so on."""
    indexed = list(enumerate(rules))
    return tuple(
        f"{points(indexed, dimension, sign)} AS {name}_{dimension}"
        for dimension in Dimension
        for name, sign in (("gain", 1), ("loss", -1))
    )


def edge(spec: Spec) -> str:
    """The lower edge of the lead's band; NULL in the lowest."""
    cases = [f"WHEN {rank} THEN {band.lower_edge}" for rank, band in enumerate(spec.bands) if rank]
    return f"CASE band {' '.join(cases)} END AS edge" if cases else "NULL::integer AS edge"
