"""The statement behind explanations: the same expressions as a score's, with each rule's own columns."""

from functools import lru_cache

from scoring_models.engine.catalogue import Catalogue
from scoring_models.engine.compile import scores, write_parts
from scoring_models.engine.merges import next_merge, next_of_account
from scoring_models.engine.moments import before_the_end, earliest
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.engine.signals import SignalColumns, counting, of_types
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View, next_value
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Audiences,
    Inactivity,
    SignalAtLeast,
    SignalEach,
    Spec,
)

RULE_COLUMNS = ("units", "if_met", "changes_at", "deciding_at", "value", "moments", "holds")


@lru_cache(maxsize=32)
def compile_detail(
    spec: Spec, catalogue: Catalogue, view: View = View.NOW, earlier: Audiences = ()
) -> Statement:
    """The columns of a score but for the copies, `is_scored`, then RULE_COLUMNS for each enabled rule.

    For `Subjects.IDS`, of leads outside its audience, too: `is_scored` says whether the version scores the
    lead, as in `compile_scores`. The others are as in RuleSql; `holds` says of each of its conditions whether
    it is met (NULL: can't be told).
    Raises CannotCompile.
    """
    parts = write_parts(spec, catalogue, Subjects.IDS, view, earlier)
    extra = {"is_scored": parts.guard or "TRUE"}
    kept = ["is_scored"]
    for index, rule in enumerate(parts.rules):
        changes_at = _changes_at(rule, catalogue, view)
        holds = f"ARRAY[{', '.join(rule.conditions)}]::boolean[]"
        columns = (rule.if_met, changes_at, rule.deciding_at, rule.value, rule.moments, holds)
        named = {f"{name}{index}": column for name, column in zip("wcdvmq", columns, strict=True)}
        extra |= named
        kept += (f"u{index}", *named)
    sql = scores(spec, parts, extra, tuple(kept), of_anybody=True)
    return Statement(sql, parts.parameters, catalogue.merges)


def _changes_at(rule: RuleSql, catalogue: Catalogue, view: View) -> str:
    """When time alone changes a rule's units; a value or a signal that begins before that may do so too."""
    if rule.changes_at is None:
        return "NULL::timestamptz"
    moments, condition = [rule.changes_at], rule.rule.condition
    if rule.rule.only_when or isinstance(condition, AttributeCondition | AccountActivity):
        moments.append(next_value(view))
    if any(
        isinstance(each, AttributeCondition) and catalogue.stored(each.field).derived
        for each in (condition, *rule.rule.only_when)
    ):
        moments.append(_next_signal(tuple(type_id for _, type_id in catalogue.types), view, catalogue))
    if isinstance(condition, SignalEach | Inactivity) or (
        isinstance(condition, SignalAtLeast) and condition.decay is not None
    ):
        moments.append(_next_signal(catalogue.type_ids(condition.types), view, catalogue))
    if catalogue.merges and view is not View.NOW:
        known = "b.known_at" if view is View.KNOWN else None
        moments.append(next_merge(known))
        if isinstance(condition, AccountActivity):
            moments.append(next_of_account(known))
    return before_the_end(earliest(moments))


def _next_signal(types: tuple[int, ...], view: View, catalogue: Catalogue) -> str:
    """When the next signal of these types begins to count."""
    known = "b.known_at" if view is View.KNOWN else None
    signals = SignalColumns("b.as_of", known, catalogue.merges)
    return (
        f"(SELECT min(g.occurred_at) FROM {signals.table} g WHERE g.lead_id = b.lead_id"
        f" AND {counting('g', signals.known)} AND {of_types(types)} AND g.occurred_at > b.as_of)"
    )
