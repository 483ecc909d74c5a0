"""A rule in SQL: its units, and when time alone changes them."""

from dataclasses import dataclass

from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.conditions import ConditionWriter
from scoring_models.engine.moments import days
from scoring_models.engine.signals import no_signal_before_now
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Inactivity,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
)

MOST_UNITS = 32_767  # what a smallint of `counts` holds


@dataclass(frozen=True, slots=True)
class RuleSql:
    """One enabled rule over the columns of leads (l), accounts (a), signals (s) and subjects (b).

    `units` is an integer: 0 is not met, NULL can't be told. `changes_at` is the next moment at which units
    can change while nothing new is learned (NULL: none). `deciding_at` is the moment that `changes_at` rests
    on, and `value` the attribute as it was compared.
    """

    rule: RuleSpec
    units: str
    changes_at: str | None
    deciding_at: str = "NULL::timestamptz"
    value: str = "NULL::text"


def write_rule(rule: RuleSpec, writer: ConditionWriter) -> RuleSql:
    """The SQL of a rule. Raises CannotCompile."""
    _refuse_new_parts(rule)
    condition = rule.condition
    if isinstance(condition, AttributeCondition):
        sql = writer.write(condition)
        return RuleSql(rule, f"({sql.met})::integer", sql.changes_at, value=sql.value)
    if isinstance(condition, SignalAtLeast):
        return _at_least(rule, condition, writer)
    if isinstance(condition, SignalEach):
        return _each(rule, condition, writer)
    if isinstance(condition, AccountActivity):
        raise CannotCompile(f"The account rule “{rule.key}” isn't computed yet.")
    return _inactivity(rule, condition, writer)


def _refuse_new_parts(rule: RuleSpec) -> None:
    parts: dict[str, object] = {"only_when": rule.only_when}
    parts |= {name: getattr(rule.condition, name, None) for name in ("where", "decay", "again_every_days")}
    for name, part in parts.items():
        if part:
            raise CannotCompile(f"“{name}” of the rule “{rule.key}” isn't computed yet.")


def _at_least(rule: RuleSpec, condition: SignalAtLeast, writer: ConditionWriter) -> RuleSql:
    """Met while the N-th newest matching signal is in the window."""
    types = writer.catalogue.type_ids(condition.types)
    if condition.at_least == 1:
        deciding = writer.signals.newest(types, condition.window_days)
    else:
        every = writer.signals.every(types, condition.window_days)
        deciding = writer.signals.nth_newest(every, str(condition.at_least))
    leaves = _leaves(deciding, condition.window_days)
    return RuleSql(rule, f"({deciding} IS NOT NULL)::integer", leaves, deciding)


def _each(rule: RuleSpec, condition: SignalEach, writer: ConditionWriter) -> RuleSql:
    """A unit for each matching signal, at most M; one fewer when the oldest counted one leaves."""
    types = writer.catalogue.type_ids(condition.types)
    every = writer.signals.every(types, condition.window_days)
    units = f"LEAST(COALESCE(cardinality({every}), 0), {condition.at_most})"
    deciding = writer.signals.nth_newest(every, units)
    return RuleSql(rule, units, _leaves(deciding, condition.window_days), deciding)


def _inactivity(rule: RuleSpec, condition: Inactivity, writer: ConditionWriter) -> RuleSql:
    """Met once D days have passed since the latest signal, or since the lead was created without any.

    Only signals of the last D days are read for it. Whether there are older ones matters for leads that were
    created since, and is asked for them alone, and once: such a lead with older signals has nothing to wait
    for, and is yet said to change D days after it was created.
    """
    types, limit = writer.catalogue.type_ids(condition.types), days(condition.days)
    recent = writer.signals.newest(types, condition.days)
    began = f"COALESCE({recent}, l.created_at)"
    units = (
        f"CASE WHEN {began} > b.as_of - {limit}"
        f" AND ({recent} IS NOT NULL OR {no_signal_before_now(types, writer.signals)}) THEN 0 ELSE 1 END"
    )
    changes_at = f"CASE WHEN {began} > b.as_of - {limit} THEN {began} + {limit} END"
    return RuleSql(rule, units, changes_at, began)


def _leaves(deciding: str, window_days: int | None) -> str | None:
    return None if window_days is None else f"{deciding} + {days(window_days)}"
