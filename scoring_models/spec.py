"""The frozen form of a version: the only input of the engine.

A spec is complete: named lists, engagement types and attribute kinds are written into it, so nothing outside
the spec, the lead and its account can change a score. `spec_text` turns it into YAML and canonical JSON.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Dimension(StrEnum):
    ENGAGEMENT = "engagement"
    FIT = "fit"


class Kind(StrEnum):
    """What an attribute holds; decides which operators it takes (`operators`)."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    CHOICE = "choice"


class Op(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    IS_ANY_OF = "is_any_of"
    IS_NONE_OF = "is_none_of"
    CONTAINS_ANY = "contains_any"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    IS_TRUE = "is_true"
    IS_FALSE = "is_false"
    WITHIN_DAYS = "within_days"
    IS_SET = "is_set"
    IS_NOT_SET = "is_not_set"


Value = str | Decimal | datetime


@dataclass(frozen=True, slots=True)
class AttributeCondition:
    """`field` satisfies `op`.

    `values` are parsed and normalised: text in normal form, numbers exact, dates UTC instants, and for
    within_days one Decimal of days. `list_name` names the list they came from; an empty list can't be told.
    `given` is how people wrote texts that differ from their normal form; nothing compares it.
    """

    field: str
    kind: Kind
    op: Op
    values: tuple[Value, ...] = ()
    list_name: str | None = None
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalAtLeast:
    """At least `at_least` signals of `types` in the window (None: for ever)."""

    types: tuple[str, ...]
    at_least: int = 1
    window_days: int | None = None


@dataclass(frozen=True, slots=True)
class SignalEach:
    """The newest `at_most` signals of `types` in the window, each counted."""

    types: tuple[str, ...]
    at_most: int
    window_days: int | None = None


@dataclass(frozen=True, slots=True)
class Inactivity:
    """No signal of `types` (already expanded, never empty) for `days`."""

    types: tuple[str, ...]
    days: int


Condition = AttributeCondition | SignalAtLeast | SignalEach | Inactivity


@dataclass(frozen=True, slots=True)
class RuleSpec:
    key: str
    dimension: Dimension
    points: int
    condition: Condition
    enabled: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class BandSpec:
    """`lower_edge` is None for the lowest band alone."""

    key: str
    name: str
    lower_edge: int | None
    means: str = ""
    action: str = ""
    worked_by: str = "sales"
    respond_within_hours: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    cap: int | None = None
    floor: int | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """A version, whole. `bands` from the lowest up; `intent_types` only order the queue."""

    model: str
    rules: tuple[RuleSpec, ...]
    bands: tuple[BandSpec, ...]
    engagement: Limits = Limits()
    fit: Limits = Limits()
    floor: int | None = 0
    ceiling: int | None = None
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    engagement_types: tuple[str, ...] = ()
    intent_types: tuple[str, ...] = ()

    @property
    def enabled_rules(self) -> tuple[RuleSpec, ...]:
        return tuple(rule for rule in self.rules if rule.enabled)

    def limits(self, dimension: Dimension) -> Limits:
        return self.engagement if dimension is Dimension.ENGAGEMENT else self.fit
