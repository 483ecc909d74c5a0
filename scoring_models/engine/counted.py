"""Rules about signals in SQL: that they came, how often, and that none came."""

from dataclasses import dataclass, replace

from scoring_models.engine.conditions import ConditionWriter
from scoring_models.engine.decay import next_half_point, weight, weights
from scoring_models.engine.moments import MOST_DAYS, SECONDS_A_DAY, days, days_before, earliest
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.engine.signals import SignalColumns, no_signal_before_now
from scoring_models.spec import AccountActivity, Inactivity, RuleSpec, SignalAtLeast, SignalEach


def at_least(rule: RuleSpec, condition: SignalAtLeast, writer: ConditionWriter) -> RuleSql:
    """Met while the N-th newest matching signal is in the window."""
    matching, window = Matching.of(condition, writer), condition.window_days
    if condition.at_least == 1:
        deciding = matching.newest
    else:
        deciding = writer.signals.nth_newest(matching.every, str(condition.at_least))
    if condition.decay is None:
        units = f"({deciding} IS NOT NULL)::integer"
        found = RuleSql(rule, units, _leaves(deciding, window), deciding, if_met=units)
    else:
        left = writer.signals.derive(weight(condition.decay, window, writer.signals.moment, matching.newest))
        units = f"CASE WHEN {deciding} IS NULL THEN 0 ELSE {left} END"
        found = _decayed(rule, condition, units, "1", deciding)
    return replace(found, moments=matching.every) if condition.where else found


def each(rule: RuleSpec, condition: SignalEach, writer: ConditionWriter) -> RuleSql:
    """A unit for each matching signal, at most M; one fewer when the oldest counted one leaves."""
    every, window = Matching.of(condition, writer).every, condition.window_days
    count = f"LEAST(COALESCE(cardinality({every}), 0), {condition.at_most})"
    deciding = writer.signals.nth_newest(every, count)
    if condition.decay is None:
        found = RuleSql(rule, count, _leaves(deciding, window), deciding, if_met=count)
    else:
        left = weights(condition.decay, window, writer.signals.moment, every, condition.at_most)
        units = f"COALESCE({writer.signals.derive(left)}, 0)"
        found = _decayed(rule, condition, units, count, deciding)
    return replace(found, moments=every) if condition.where else found


@dataclass(frozen=True, slots=True)
class Matching:
    """The signals that a condition is about, each aggregate read only where it is asked for."""

    signals: SignalColumns
    types: tuple[int, ...]
    window_days: int | None
    where: str

    @classmethod
    def of(
        cls, condition: SignalAtLeast | SignalEach | AccountActivity, writer: ConditionWriter
    ) -> "Matching":
        types = writer.catalogue.type_ids(condition.types)
        return cls(writer.signals, types, condition.window_days, writer.where(condition.where))

    @property
    def newest(self) -> str:
        return self.signals.newest(self.types, self.window_days, self.where)

    @property
    def every(self) -> str:
        return self.signals.every(self.types, self.window_days, self.where)


def account(rule: RuleSpec, condition: AccountActivity, writer: ConditionWriter) -> RuleSql:
    """Met while the N-th of the other leads of the account, by their newest signals, is in the window.

    What is read of an account is the same for all its leads, so it is read once, with the lead's own signals
    among it. These are left out again: a lead whose own newest is among the first N makes way for the next.
    """
    matching = Matching.of(condition, writer)
    colleagues = writer.signals.of_account(matching.types, matching.window_days, matching.where)
    own, people = matching.newest, condition.people
    deciding = (
        f"CASE WHEN {own} >= {colleagues}.moments[{people}] THEN {colleagues}.moments[{people + 1}]"
        f" ELSE {colleagues}.moments[{people}] END"
    )
    units = f"(({deciding}) IS NOT NULL)::integer"
    others = f"(COALESCE(cardinality({colleagues}.moments), 0) - ({own} IS NOT NULL)::integer)"
    leaves = _leaves(f"({deciding})", condition.window_days)
    changes = [f"{colleagues}.begins", *([leaves] if leaves else [])]
    return RuleSql(rule, units, earliest(changes), f"({deciding})", f"{others}::text", if_met=units)


def _decayed(
    rule: RuleSpec, condition: SignalAtLeast | SignalEach, units: str, count: str, deciding: str
) -> RuleSql:
    """Changes where a signal leaves the window, and at each half point until then."""
    assert condition.decay is not None
    window = condition.window_days
    half = next_half_point(condition.decay, window, points=rule.points, units=f"({units})", count=count)
    changes = [moment for moment in (_leaves(deciding, window), half) if moment]
    return RuleSql(rule, units, earliest(changes), deciding, if_met=units, count=count)


def inactivity(rule: RuleSpec, condition: Inactivity, writer: ConditionWriter) -> RuleSql:
    """Met once D days have passed since the latest signal, or since the lead was created without any."""
    if condition.again_every_days is None:
        return _idle_once(rule, condition, writer)
    return _idle_again(rule, condition, writer)


def _idle_once(rule: RuleSpec, condition: Inactivity, writer: ConditionWriter) -> RuleSql:
    """Only signals of the last D days are read for it.

    Whether there are older ones matters for leads that were
    created since, and is asked for them alone, and once: such a lead with older signals has nothing to wait
    for, and is yet said to change D days after it was created.
    """
    types, limit = writer.catalogue.type_ids(condition.types), days(condition.days)
    recent = writer.signals.newest(types, condition.days)
    began = f"COALESCE({recent}, l.created_at)"
    since = days_before("b.as_of", condition.days)
    units = (
        f"CASE WHEN {began} > {since}"
        f" AND ({recent} IS NOT NULL OR {no_signal_before_now(types, writer.signals)}) THEN 0 ELSE 1 END"
    )
    changes_at = f"CASE WHEN {began} > {since} THEN {began} + {limit} END"
    return RuleSql(rule, units, changes_at, began, if_met=units)


def _idle_again(rule: RuleSpec, condition: Inactivity, writer: ConditionWriter) -> RuleSql:
    """One unit after D days, and one more after each further E, at most M.

    Signals are read as far back as the M-th unit takes; older ones are asked for as in `_idle_once`.
    """
    assert condition.again_every_days is not None
    assert condition.at_most is not None
    types, first, again = (
        writer.catalogue.type_ids(condition.types),
        condition.days,
        condition.again_every_days,
    )
    reach = first + (condition.at_most - 1) * again
    recent = writer.signals.newest(types, reach if reach <= MOST_DAYS else None)
    began = f"COALESCE({recent}, l.created_at)"
    older = "FALSE"
    if reach <= MOST_DAYS:
        young = f"{recent} IS NULL AND l.created_at > b.as_of - {days(reach)}"
        older = f"{young} AND NOT ({no_signal_before_now(types, writer.signals)})"
    further = f"div(EXTRACT(EPOCH FROM b.as_of - {began} - {days(first)}), {again * SECONDS_A_DAY})"
    units = (
        f"CASE WHEN {older} THEN {condition.at_most} WHEN {began} > b.as_of - {days(first)} THEN 0"
        f" ELSE LEAST({condition.at_most}, 1 + {further})::integer END"
    )
    next_one = f"{began} + {days(first)} + ({units}) * {days(again)}"
    changes_at = f"CASE WHEN ({units}) < {condition.at_most} THEN {next_one} END"
    return RuleSql(rule, units, changes_at, began, if_met=units)


def _leaves(deciding: str, window_days: int | None) -> str | None:
    return None if window_days is None else f"{deciding} + {days(window_days)}"
