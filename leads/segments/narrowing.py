"""The leads that meet all conditions of a segment, as one statement that a ranking is confined to."""

from collections.abc import Sequence
from typing import Any

from leads.queue.scope import Within
from leads.segments.conditions import Condition, HadSignal, Named, StageIs
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
    tests_of_one = " AND ".join(f"({_of_one(condition, bind)})" for condition in conditions)
    of_one = f"""COALESCE((
        SELECT {tests_of_one} FROM leads_lead l LEFT JOIN leads_account a ON a.id = l.account_id
         WHERE l.id = $lead), false)"""
    far = any(isinstance(condition, StageIs | HadSignal) for condition in conditions)
    return Within(statement, of_one, parameters, far)


def _of_one(condition: Condition, bind: Named) -> str:
    """The test of a condition where one lead is looked at, not all at once."""
    return condition.sql_of_one(bind) if isinstance(condition, StageIs | HadSignal) else condition.sql(bind)
