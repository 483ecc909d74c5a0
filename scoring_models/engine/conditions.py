"""A condition in SQL: a boolean that is NULL where it can't be told, and the moments at which it flips."""

from collections.abc import Callable
from dataclasses import dataclass

from leads.text import words
from scoring_models.engine.attributes import journey_stage, property_value, unsubscribed, value_of, words_of
from scoring_models.engine.catalogue import CannotCompile, Catalogue
from scoring_models.engine.moments import days
from scoring_models.engine.parameters import Parameters
from scoring_models.engine.signals import SignalColumns
from scoring_models.spec import AttributeCondition, Kind, Op, PropertyCondition, property_kind

SQL_TYPES = {Kind.TEXT: "text", Kind.CHOICE: "text", Kind.NUMBER: "numeric", Kind.DATE: "timestamptz"}


WordsOf = Callable[[AttributeCondition, str], str]


@dataclass(frozen=True, slots=True)
class ConditionSql:
    """`met` is TRUE, FALSE or NULL (can't be told). `changes_at` is its next flip, if time alone brings one.

    `value` is what was compared, as text.
    """

    met: str
    changes_at: str | None
    value: str


@dataclass(frozen=True, slots=True)
class ConditionWriter:
    """Writes conditions of one statement. `stages` are those of signal types, as in a spec."""

    catalogue: Catalogue
    parameters: Parameters
    signals: SignalColumns
    stages: tuple[tuple[str, str], ...] = ()

    def write(self, condition: AttributeCondition) -> ConditionSql:
        """The SQL of an attribute condition. Raises CannotCompile."""
        value, changes_at = self._value(condition)
        if condition.list_name is not None and not condition.values:
            return ConditionSql("NULL::boolean", None, f"{value}::text")
        if condition.op is Op.WITHIN_DAYS:
            return _within(condition, value)
        return ConditionSql(self._met(condition, value, self._words), changes_at, f"{value}::text")

    def where(self, conditions: tuple[PropertyCondition, ...]) -> str:
        """The condition that what a signal says (p) meets all of these; empty for none."""
        return " AND ".join(map(self._property, conditions))

    def _property(self, condition: PropertyCondition) -> str:
        kind = property_kind(condition.op)
        if kind is None:
            raise CannotCompile(f"“{condition.op}” of “{condition.property}” can't be computed.")
        if condition.list_name is not None and not condition.values:
            return "FALSE"  # It can't be told, so nothing matches.
        forms = f"(p.facts -> {self.parameters.bind(condition.property, 'text')})"
        asked = AttributeCondition(condition.property, kind, condition.op, condition.values)
        return self._met(
            asked,
            property_value(f"({forms} ->> 0)", kind),
            lambda _condition, text: f"(' ' || COALESCE({forms} ->> 1, {text}) || ' ')",
        )

    def _met(self, condition: AttributeCondition, value: str, words_of: WordsOf) -> str:
        if condition.op is Op.CONTAINS_ANY:
            return self.contains_any(condition, words_of(condition, value))
        if condition.op not in WRITERS:
            raise CannotCompile(f"“{condition.op}” of “{condition.field}” can't be computed.")
        return WRITERS[condition.op](self, condition, value)

    def _words(self, condition: AttributeCondition, value: str) -> str:
        return words_of(self.catalogue.stored(condition.field), value, self.parameters)

    def _value(self, condition: AttributeCondition) -> tuple[str, str | None]:
        """A value, and when time alone changes it."""
        stored = self.catalogue.stored(condition.field)
        if not stored.derived:
            return value_of(stored, condition.kind, self.parameters), None
        match stored.key, condition.kind:
            case "unsubscribed", Kind.BOOLEAN:
                return unsubscribed(self.catalogue, self.signals), None
            case "journey_stage", Kind.CHOICE:
                value, changes_at = journey_stage(self.stages, self.catalogue, self.signals)
                return f'({value} COLLATE "C")', changes_at
        raise CannotCompile(f"“{stored.key}” can't be computed.")

    def one(self, condition: AttributeCondition, index: int = 0) -> str:
        """A placeholder for one of the condition's values."""
        return self.parameters.bind(condition.values[index], SQL_TYPES[condition.kind])

    def every(self, condition: AttributeCondition) -> str:
        """A placeholder for all of the condition's values."""
        return self.parameters.bind_array(condition.values, SQL_TYPES[condition.kind])

    def contains_any(self, condition: AttributeCondition, text: str) -> str:
        """The words of a value occur one after the other among the text's words."""
        patterns = [f"% {_escaped(words(str(value)))} %" for value in condition.values]
        return f"({text} LIKE ANY ({self.parameters.bind_array(patterns, 'text')}))"


def _within(condition: AttributeCondition, value: str) -> ConditionSql:
    """In the last days, as a window: as_of - days < value <= as_of."""
    length = days(condition.values[0])  # type: ignore[arg-type]
    met = f"({value} <= b.as_of AND {value} > b.as_of - {length})"
    flips = (
        f"CASE WHEN {value} > b.as_of THEN {value}"
        f" WHEN {value} > b.as_of - {length} THEN {value} + {length} END"
    )
    return ConditionSql(met, flips, f"{value}::text")


def _escaped(text: str) -> str:
    """A text for LIKE. Words may hold its wildcard `_`; `%` and `\\` are no letters of words."""
    return text.replace("_", r"\_")


def _compared(operator: str) -> Callable[[ConditionWriter, AttributeCondition, str], str]:
    return lambda writer, condition, value: f"({value} {operator} {writer.one(condition)})"


WRITERS: dict[Op, Callable[[ConditionWriter, AttributeCondition, str], str]] = {
    Op.IS: _compared("="),
    Op.IS_NOT: _compared("<>"),
    Op.AT_LEAST: _compared(">="),
    Op.AT_MOST: _compared("<="),
    Op.IS_ANY_OF: lambda writer, condition, value: f"({value} = ANY ({writer.every(condition)}))",
    Op.IS_NONE_OF: lambda writer, condition, value: f"({value} <> ALL ({writer.every(condition)}))",
    Op.BETWEEN: lambda writer, condition, value: (
        f"({value} BETWEEN {writer.one(condition)} AND {writer.one(condition, 1)})"
    ),
    Op.IS_TRUE: lambda writer, condition, value: value,
    Op.IS_FALSE: lambda writer, condition, value: f"(NOT {value})",
    Op.IS_SET: lambda writer, condition, value: f"({value} IS NOT NULL)",
    Op.IS_NOT_SET: lambda writer, condition, value: f"({value} IS NULL)",
}
