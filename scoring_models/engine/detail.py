"""The statement behind explanations: the same expressions as a score's, with each rule's own columns."""

from functools import lru_cache

from scoring_models.engine.catalogue import Catalogue
from scoring_models.engine.compile import Statement, scores, write_parts
from scoring_models.engine.moments import before_the_end
from scoring_models.engine.subjects import Subjects, View
from scoring_models.spec import Spec

RULE_COLUMNS = ("units", "if_met", "changes_at", "deciding_at", "value", "moments", "holds")


@lru_cache(maxsize=32)
def compile_detail(spec: Spec, catalogue: Catalogue, view: View = View.NOW) -> Statement:
    """The columns of a score but for the copies, then RULE_COLUMNS for each enabled rule, for `Subjects.IDS`.

    They are as in RuleSql; `holds` says of each of its conditions whether it is met (NULL: can't be told).
    Raises CannotCompile.
    """
    parts = write_parts(spec, catalogue, Subjects.IDS, view)
    extra: dict[str, str] = {}
    kept: list[str] = []
    for index, rule in enumerate(parts.rules):
        changes_at = before_the_end(rule.changes_at) if rule.changes_at else "NULL::timestamptz"
        holds = f"ARRAY[{', '.join(rule.conditions)}]::boolean[]"
        columns = (rule.if_met, changes_at, rule.deciding_at, rule.value, rule.moments, holds)
        named = {f"{name}{index}": column for name, column in zip("wcdvmq", columns, strict=True)}
        extra |= named
        kept += (f"u{index}", *named)
    return Statement(scores(spec, parts, extra, tuple(kept)), parts.parameters)
