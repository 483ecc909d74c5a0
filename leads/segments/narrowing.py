"""The leads that meet all conditions of a segment, as one statement that a ranking is confined to."""

from collections.abc import Sequence
from typing import Any

from leads.queue.scope import Within
from leads.segments.conditions import Condition, StageIs

# The furthest stage of 90 days, and when the latest signal that tells of any was.
_SEEN = """
LEFT JOIN (
    SELECT COALESCE(m.kept_id, g.lead_id) AS lead_id, max(g.occurred_at) AS latest,
           CASE max(CASE t.stage WHEN 'decision' THEN 3 WHEN 'consideration' THEN 2 ELSE 1 END)
                WHEN 3 THEN 'decision' WHEN 2 THEN 'consideration' ELSE 'awareness' END AS stage
      FROM leads_signal g
      JOIN leads_signaltype t ON t.id = g.type_id AND t.stage <> ''
      LEFT JOIN leads_merge m ON m.absorbed_id = g.lead_id AND m.undone_at IS NULL
     WHERE g.retracted_at IS NULL AND g.occurred_at <= %(now)s
       AND g.occurred_at > %(now)s - interval '90 days'
     GROUP BY 1
) seen ON seen.lead_id = l.id"""


def narrowed(conditions: Sequence[Condition]) -> Within | None:
    """The open leads that meet them all; None where there is none to meet."""
    if not conditions:
        return None
    parameters: dict[str, Any] = {}

    def bind(value: Any, kind: str) -> str:
        name = f"within_{len(parameters)}"
        parameters[name] = value
        return f"%({name})s::{kind}"

    tests = " AND ".join(f"({condition.sql(bind)})" for condition in conditions)
    seen = _SEEN if any(isinstance(condition, StageIs) for condition in conditions) else ""
    statement = f"""
        SELECT l.id AS lead_id FROM leads_lead l LEFT JOIN leads_account a ON a.id = l.account_id {seen}
         WHERE l.is_open AND {tests}"""
    return Within(statement, parameters)
