"""The statement behind explanations: the same expressions as a score's, with each rule's own columns."""

from functools import lru_cache

from scoring_models.engine.catalogue import Catalogue
from scoring_models.engine.compile import Statement, Subjects, View, scores, write_parts
from scoring_models.engine.moments import before_the_end
from scoring_models.spec import Spec


@lru_cache(maxsize=32)
def compile_detail(spec: Spec, catalogue: Catalogue, view: View = View.NOW) -> Statement:
    """The columns of a score up to `counts`, then four for each enabled rule, for leads by `Subjects.IDS`.

    The four: units (NULL: can't be told), changes_at, deciding_at and value, as in RuleSql.
    Raises CannotCompile.
    """
    parts = write_parts(spec, catalogue, Subjects.IDS, view)
    extra: dict[str, str] = {}
    kept: list[str] = []
    for index, rule in enumerate(parts.rules):
        extra[f"c{index}"] = before_the_end(rule.changes_at) if rule.changes_at else "NULL::timestamptz"
        extra[f"d{index}"] = rule.deciding_at
        extra[f"v{index}"] = rule.value
        kept += (f"u{index}", f"c{index}", f"d{index}", f"v{index}")
    return Statement(scores(spec, parts, extra, tuple(kept)), parts.parameters)
