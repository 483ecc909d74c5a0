"""The frozen form of a version: the only input of the engine.

A spec is complete: named lists, engagement types and attribute kinds are written into it, so nothing outside
the spec, the lead and its account can change a score. `spec_text` turns it into YAML and canonical JSON.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar


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


def property_kind(op: Op) -> Kind | None:
    """What `op` compares of a signal's property, which has no kind of its own; None where it takes none.

    Ordered operators compare numbers, and texts that are plain decimals; yes and no compare `true` and
    `false`; the others compare texts.
    """
    if op in (Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN):
        return Kind.NUMBER
    if op in (Op.IS_TRUE, Op.IS_FALSE):
        return Kind.BOOLEAN
    return None if op is Op.WITHIN_DAYS else Kind.TEXT


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
class PropertyCondition:
    """A signal's `property` satisfies `op`. The operator decides what it compares.

    `values` are texts in normal form, and for at_least, at_most and between exact numbers. `list_name` and
    `given` are as in AttributeCondition.
    """

    property: str
    op: Op
    values: tuple[str | Decimal, ...] = ()
    list_name: str | None = None
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Linear:
    """A signal counts 1 - age / window, so it takes a window."""


@dataclass(frozen=True, slots=True)
class HalfLife:
    """A signal counts 0.5 ** (age / days)."""

    days: int


Decay = Linear | HalfLife


@dataclass(frozen=True, slots=True)
class SignalAtLeast:
    """At least `at_least` signals of `types` in the window (None: for ever) of which every `where` is met."""

    types: tuple[str, ...]
    at_least: int = 1
    window_days: int | None = None
    where: tuple[PropertyCondition, ...] = ()
    decay: Decay | None = None


@dataclass(frozen=True, slots=True)
class SignalEach:
    """The newest `at_most` signals of `types` in the window of which every `where` is met, each counted."""

    types: tuple[str, ...]
    at_most: int
    window_days: int | None = None
    where: tuple[PropertyCondition, ...] = ()
    decay: Decay | None = None


@dataclass(frozen=True, slots=True)
class Inactivity:
    """No signal of `types` (already expanded, never empty) for `days`.

    With `again_every_days` it counts once more each time so many more days pass, `at_most` so many times.
    """

    types: tuple[str, ...]
    days: int
    again_every_days: int | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class AccountActivity:
    """At least `people` other leads of the account, each with a matching signal in the window."""

    types: tuple[str, ...]
    people: int
    window_days: int | None = None
    where: tuple[PropertyCondition, ...] = ()


Compared = TypeVar("Compared", AttributeCondition, PropertyCondition)


def unlisted(condition: Compared) -> Compared:
    """The same without the values of its named list, which are the list's."""
    return replace(condition, values=(), given=()) if condition.list_name is not None else condition


Condition = AttributeCondition | SignalAtLeast | SignalEach | Inactivity | AccountActivity


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule: an AND of `only_when` and its own condition."""

    key: str
    dimension: Dimension
    points: int
    condition: Condition
    enabled: bool = True
    note: str = ""
    only_when: tuple[AttributeCondition, ...] = ()

    @property
    def decays(self) -> bool:
        """Whether its units are a fraction that shrinks with age."""
        return getattr(self.condition, "decay", None) is not None

    @property
    def most_units(self) -> int:
        """How often it can count at most."""
        return getattr(self.condition, "at_most", None) or 1

    @property
    def repeats(self) -> bool:
        """Whether it can count more than once, so that a stored score keeps how often it did."""
        return getattr(self.condition, "at_most", None) is not None

    @property
    def attribute_conditions(self) -> tuple[AttributeCondition, ...]:
        """What it asks of attributes: `only_when`, and its own condition last where that is one."""
        own = (self.condition,) if isinstance(self.condition, AttributeCondition) else ()
        return (*self.only_when, *own)


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
class GoldenSignal:
    """A signal of a golden lead, so many days before the moment at which it is scored."""

    type: str
    days_ago: Decimal
    properties: tuple[tuple[str, Value | bool], ...] = ()


@dataclass(frozen=True, slots=True)
class GoldenLead:
    """An example that a version must get right. Texts are as people write them, not in normal form."""

    name: str
    attributes: tuple[tuple[str, Value | bool], ...]
    signals: tuple[GoldenSignal, ...]
    expect_band: str | None
    expect_score: int | None


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a version scores: leads of whom all conditions are met, by the stages of its signal types."""

    conditions: tuple[AttributeCondition, ...]
    stages: tuple[tuple[str, str], ...] = ()


# Those that are asked before a version's own, in their order.
Audiences = tuple[Audience, ...]


@dataclass(frozen=True, slots=True)
class Spec:
    """A version, whole. `bands` from the lowest up; `intent_types` only order the queue.

    `audience` are conditions that must all hold for a lead to be scored. `stages` are those of the signal
    types that have one, from which journey_stage is told.
    """

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
    audience: tuple[AttributeCondition, ...] = ()
    stages: tuple[tuple[str, str], ...] = ()
    golden: tuple[GoldenLead, ...] = ()

    @property
    def enabled_rules(self) -> tuple[RuleSpec, ...]:
        return tuple(rule for rule in self.rules if rule.enabled)

    @property
    def whom(self) -> Audience:
        return Audience(self.audience, self.stages)

    def limits(self, dimension: Dimension) -> Limits:
        return self.engagement if dimension is Dimension.ENGAGEMENT else self.fit
