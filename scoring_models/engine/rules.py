"""A rule in SQL: its units, and when time alone changes them."""

from dataclasses import replace

from scoring_models.engine.conditions import ConditionWriter
from scoring_models.engine.counted import account, at_least, each, inactivity
from scoring_models.engine.moments import earliest
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Inactivity,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
)


def write_rule(rule: RuleSpec, writer: ConditionWriter) -> RuleSql:
    """The SQL of a rule. Raises CannotCompile."""
    own = _own(rule, writer)
    return _only_when(own, writer) if rule.only_when else own


def _own(rule: RuleSpec, writer: ConditionWriter) -> RuleSql:
    """A rule without what it holds only for."""
    match rule.condition:
        case AttributeCondition() as condition:
            sql = writer.write(condition)
            met = f"({sql.met})"
            return RuleSql(rule, f"{met}::integer", sql.changes_at, value=sql.value, conditions=(met,))
        case SignalAtLeast() as condition:
            return at_least(rule, condition, writer)
        case SignalEach() as condition:
            return each(rule, condition, writer)
        case Inactivity() as condition:
            return inactivity(rule, condition, writer)
        case AccountActivity() as condition:
            return account(rule, condition, writer)


def _only_when(own: RuleSql, writer: ConditionWriter) -> RuleSql:
    """One AND of both: not met where one is not met, else unknown where one can't be told."""
    guards = [writer.write(condition) for condition in own.rule.only_when]
    holds = " AND ".join(f"({guard.met})" for guard in guards)
    changes = [moment for moment in (own.changes_at, *(guard.changes_at for guard in guards)) if moment]
    return replace(
        own,
        units=f"CASE WHEN {holds} THEN {own.units} WHEN NOT ({holds}) OR {own.units} = 0 THEN 0 END",
        changes_at=earliest(changes) if changes else None,
        conditions=(*(f"({guard.met})" for guard in guards), *own.conditions),
    )
