"""A spec becomes one SQL statement that scores any rows of (lead, as_of, known_at)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from scoring_models.engine.audience import write_guard
from scoring_models.engine.catalogue import CannotCompile, Catalogue
from scoring_models.engine.conditions import ConditionWriter
from scoring_models.engine.merges import next_merge, next_of_account
from scoring_models.engine.moments import before_the_end, earliest
from scoring_models.engine.parameters import Parameters
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.engine.rules import write_rule
from scoring_models.engine.signals import SignalColumns
from scoring_models.engine.source import source
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View, moments_of, next_value
from scoring_models.engine.totals import (
    band,
    check_size,
    clamp,
    counts,
    dimension_score,
    hits,
    points,
    times,
    weights,
)
from scoring_models.spec import Audiences, Dimension, Spec

MOST_RULES = 60  # bits of a score's `hits`


@dataclass(frozen=True, slots=True)
class Parts:
    """A spec's rules in SQL, and what reading the signals takes. `guard` says whom it scores (None: all)."""

    rules: tuple[RuleSql, ...]
    due_at: str
    last_intent_at: str
    source: str
    parameters: dict[str, Any]
    guard: str | None = None


# What a score row copies of its lead.
COPIES = ("team_id", "owner_id", "is_open", "snoozed_at", "snoozed_until", "returned_rank")
SCORE_COLUMNS = (
    *("lead_id", "as_of", "engagement", "fit", "total", "band", "due_at", "last_intent_at", "hits", "counts"),
    "weights",
    *COPIES,
)
_COPIED = {name: f"l.{name}" for name in COPIES}


@lru_cache(maxsize=128)
def compile_scores(
    spec: Spec,
    catalogue: Catalogue,
    subjects: Subjects,
    view: View = View.NOW,
    earlier: Audiences = (),
) -> Statement:
    """The statement that gives one row a subject whom the spec scores, with SCORE_COLUMNS.

    These are the leads that exist, are of its audience, and of none of those that are asked `earlier`. `band`
    counts from 0 at the bottom, and COPIES come last.
    Raises CannotCompile where the spec asks for what can't be computed here.
    """
    parts = write_parts(spec, catalogue, subjects, view, earlier)
    sql = scores(spec, parts, _COPIED, tuple(_COPIED))
    return Statement(sql, parts.parameters, catalogue.merges)


def scores(
    spec: Spec, parts: Parts, extra: Mapping[str, str], kept: tuple[str, ...], *, of_anybody: bool = False
) -> str:
    """The statement of all levels: rules, dimensions, total, band. `of_anybody`: of leads outside, too.

    `extra` names more columns of the rules' level; `kept` those of that level to be handed up to the top.
    OFFSET 0 keeps the planner from merging the levels, which would compute a rule again wherever its units
    are used.
    """
    handed_up = ("lead_id", "as_of", "last_intent_at", *kept)
    ruled = {
        **{"lead_id": "b.lead_id", "as_of": "b.as_of"},
        **{"due_at": parts.due_at, "last_intent_at": parts.last_intent_at},
        **{f"u{index}": rule.units for index, rule in enumerate(parts.rules)},
        **times(parts.rules),
        **extra,
    }
    scored = {
        **{"due_at": before_the_end("due_at"), "hits": hits(parts.rules), "counts": counts(parts.rules)},
        "weights": weights(parts.rules),
        **{str(dimension): dimension_sum(spec, parts, dimension) for dimension in Dimension},
    }
    total = clamp("(engagement + fit)", spec.floor, spec.ceiling)
    outside = f" WHERE {parts.guard}" if parts.guard and not of_anybody else ""
    levels = f"SELECT {_columns(ruled)} {parts.source}{outside} OFFSET 0"
    levels = f"SELECT {', '.join(handed_up)}, {_columns(scored)} FROM ({levels}) r OFFSET 0"
    levels = f"SELECT *, {total} AS total FROM ({levels}) d OFFSET 0"
    top = [
        f"{band('total', spec.bands)} AS band" if name == "band" else name
        for name in SCORE_COLUMNS[: -len(_COPIED)]
    ]
    return f"SELECT {', '.join((*top, *kept))} FROM ({levels}) t"


def write_parts(
    spec: Spec, catalogue: Catalogue, subjects: Subjects, view: View, earlier: Audiences = ()
) -> Parts:
    """Write every enabled rule, and whom the spec scores. Raises CannotCompile."""
    if len(spec.enabled_rules) > MOST_RULES:
        raise CannotCompile(f"A version can have at most {MOST_RULES} enabled rules.")
    parameters = Parameters()
    known = "b.known_at" if view is View.KNOWN else None
    signals = SignalColumns(*moments_of(subjects, view), catalogue.merges)
    writer = ConditionWriter(catalogue, parameters, signals, spec.stages)
    rules = tuple(write_rule(rule, writer) for rule in spec.enabled_rules)
    check_size(spec, rules)
    intent = catalogue.type_ids(spec.intent_types)
    last_intent_at = signals.newest(intent, None) if intent else "NULL::timestamptz"
    guard = write_guard(spec.whom, earlier, writer)
    changes = [rule.changes_at for rule in rules if rule.changes_at is not None]
    changes += guard.changes if guard else ()
    changes.append(next_value(view))
    if signals.types:
        changes.append(signals.next_beginning())
    if catalogue.merges and view is not View.NOW:
        changes += [next_merge(known), *([next_of_account(known)] if signals.accounts else [])]
    rows = source(signals, subjects, view)
    holds = guard.holds if guard else None
    return Parts(rules, earliest(changes), last_intent_at, rows, parameters.values, holds)


def dimension_sum(spec: Spec, parts: Parts, dimension: Dimension) -> str:
    """A dimension's score over the units of the rules' level."""
    indexed = list(enumerate(parts.rules))
    gain, loss = points(indexed, dimension, 1), points(indexed, dimension, -1)
    return dimension_score(gain, loss, spec.limits(dimension))


def _columns(named: Mapping[str, str]) -> str:
    return ", ".join(f"{expression} AS {name}" for name, expression in named.items())
