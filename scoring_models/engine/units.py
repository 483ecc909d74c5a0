"""Counting apart from weighing: how often rules count, whatever points, caps and bands a version gives them.

Counted once for all leads, the units serve every version that has these rules: its bands follow by the same
expressions that score a lead.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from scoring_models.engine.catalogue import CannotCompile, Catalogue
from scoring_models.engine.compile import Parts, scores
from scoring_models.engine.conditions import ConditionWriter
from scoring_models.engine.parameters import Parameters
from scoring_models.engine.rule_sql import RuleSql
from scoring_models.engine.rules import write_rule
from scoring_models.engine.signals import SignalColumns
from scoring_models.engine.source import source
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View
from scoring_models.engine.totals import check_size
from scoring_models.spec import Audience, Audiences, Dimension, RuleSpec, Spec


def bare(rule: RuleSpec) -> RuleSpec:
    """What a rule counts, without what it is worth: two rules with one bare form have the same units."""
    return replace(rule, key="", dimension=Dimension.FIT, points=1, enabled=True, note="")


def bare_rules(spec: Spec, earlier: Audiences = ()) -> tuple[RuleSpec, ...]:
    """All that is counted of a version: its rules, those that are turned off too, and whom it scores."""
    audiences = (audience_rule(audience) for audience in (*earlier, spec.whom))
    return (*map(bare, spec.rules), *(audience for audience in audiences if audience))


def audience_rule(audience: Audience) -> RuleSpec | None:
    """An audience as a bare rule, which counts for the leads that are of it; None for everybody."""
    if not audience.conditions:
        return None
    first, *others = audience.conditions
    return RuleSpec("", Dimension.FIT, 1, first, only_when=tuple(others))


@lru_cache(maxsize=32)
def compile_units(
    rules: tuple[RuleSpec, ...], stages: tuple[tuple[str, str], ...], catalogue: Catalogue
) -> Statement:
    """The statement that gives `lead_id` and `units`: an array of each rule's units, 0 where unknown.

    For the leads with `low` <= id < `high`, at `as_of`, by what was known at `known_at`.
    Raises CannotCompile.
    """
    parameters = Parameters()
    signals = SignalColumns("%(as_of)s::timestamptz", "%(known_at)s::timestamptz", catalogue.merges)
    writer = ConditionWriter(catalogue, parameters, signals, stages)
    units = [f"COALESCE({write_rule(rule, writer).units}, 0)" for rule in rules]
    columns = f"b.lead_id, ARRAY[{', '.join(units)}]::float8[] AS units"
    return Statement(f"SELECT {columns} {source(signals, Subjects.RANGE, View.KNOWN)}", parameters.values)


def bands_over_units(
    spec: Spec,
    counted: Sequence[RuleSpec],
    source: str,
    kept: Sequence[str] = (),
    earlier: Audiences = (),
) -> str:
    """A query of the band's rank and the `kept` columns, over `source`, a query with a column `units`.

    The band is NULL outside the version's audience, and in one that is asked `earlier`. `counted` are the
    bare rules that the units are of. Raises CannotCompile where what the version counts is not among them.
    """
    places = {rule: place for place, rule in enumerate(counted, start=1)}
    if not places.keys() >= {*bare_rules(spec, earlier)}:
        raise CannotCompile("Not all rules of this version were counted.")
    rules = tuple(
        RuleSql(rule, _stored(rule, f"b.units[{places[bare(rule)]}]"), None) for rule in spec.enabled_rules
    )
    check_size(spec, rules)
    rows = f"FROM (SELECT NULL::bigint AS lead_id, NULL::timestamptz AS as_of, * FROM ({source}) u) b"
    parts = Parts(rules, "NULL::timestamptz", "NULL::timestamptz", rows, {})
    needed = dict.fromkeys((*kept, "units"))
    levels = scores(spec, parts, {name: f"b.{name}" for name in needed}, tuple(needed))
    guards = [*(_is_of(each, places, "NOT ") for each in earlier), _is_of(spec.whom, places)]
    guard = " AND ".join(one for one in guards if one)
    band = f"CASE WHEN {guard} THEN band END AS band" if guard else "band"
    return f"SELECT {', '.join((band, *kept))} FROM ({levels}) banded"


def _is_of(audience: Audience, places: Mapping[RuleSpec, int], negated: str = "") -> str:
    """The condition that a lead is of an audience, or isn't; empty where that is always so."""
    rule = audience_rule(audience)
    if rule is None:
        return "FALSE" if negated else ""
    return f"{negated}(units[{places[rule]}] > 0)"


def _stored(rule: RuleSpec, units: str) -> str:
    """Units as the rule's points take them: fractions of those that decay."""
    return units if rule.decays else f"{units}::integer"
