"""Leads whose outcome is known, each with a moment before it at which nobody knew.

The moment is the last microsecond of the day (UTC) before the outcome's. What happened or was learned on the
day itself, such as the call that ended it, is not used, and neither is anything later. A lead that wasn't
there yet, or that nobody knew yet, can't be tested; a wrong person says nothing about the lead.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection

from leads.models import OutcomeKind

YEAR = timedelta(days=365)
MOST_OUTCOMES = 50_000

_CASES = """
SELECT o.lead_id, o.kind = %(won)s, o.moment, greatest(l.created_at, l.recorded_at) > o.moment
  FROM (SELECT lead_id, kind, at, date_trunc('day', at, 'UTC') - interval '1 microsecond' AS moment
          FROM leads_outcome
         WHERE voided_at IS NULL AND kind <> %(wrong)s AND at > %(since)s AND at <= %(until)s
           AND recorded_at <= %(until)s
         ORDER BY at DESC, lead_id LIMIT %(most)s) o
  JOIN leads_lead l ON l.id = o.lead_id
 ORDER BY o.lead_id
"""


class Case(NamedTuple):
    """A lead whose outcome is known, and the moment before it."""

    lead_id: int
    won: bool
    moment: datetime


def past_cases(*, until: datetime, most: int = MOST_OUTCOMES) -> tuple[list[Case], int]:
    """The newest outcomes of the year before `until`, by lead, and how many leads were too new to test."""
    parameters: dict[str, Any] = {
        "won": OutcomeKind.CONVERTED,
        "wrong": OutcomeKind.WRONG_PERSON,
        "since": until - YEAR,
        "until": until,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CASES, parameters)
        rows = cursor.fetchall()
    return [Case(*row[:3]) for row in rows if not row[3]], sum(row[3] for row in rows)
