"""The leads that meet all conditions of a segment, as one statement that a ranking is confined to."""

from collections.abc import Sequence
from typing import Any

from leads.queue.scope import Within
from leads.segments.conditions import Condition, StageIs
from leads.stages import SEEN


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
    seen = SEEN if any(isinstance(condition, StageIs) for condition in conditions) else ""
    statement = f"""
        SELECT l.id AS lead_id FROM leads_lead l LEFT JOIN leads_account a ON a.id = l.account_id {seen}
         WHERE l.is_open AND {tests}"""
    return Within(statement, parameters)
