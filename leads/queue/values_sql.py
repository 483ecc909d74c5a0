"""Conditions on what is known of a lead and its account, for the statement that ranks (`ranking_sql`).

Where only a few leads have one of the values that are asked for, it is cheaper to read all of those than to
look at lead after lead in the order of the ranking until the page is full.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from leads.queue.back_sql import BACK_AT
from leads.stages import STAGE_OF_ONE

RARE = 5000

Values = Sequence[tuple[str, str | bool | datetime]]

# The columns that have an index, with the leads whose column has the value.
_LEADS_WITH = {
    "source": "SELECT id AS lead_id FROM leads_lead WHERE source = %(source)s",
    "country": "SELECT id AS lead_id FROM leads_lead WHERE country = %(country)s",
    "industry": (
        "SELECT l.id AS lead_id FROM leads_account a JOIN leads_lead l ON l.account_id = a.id"
        " WHERE a.industry = %(industry)s"
    ),
    "due_by": "SELECT lead_id FROM leads_response WHERE due_at <= %(due_by)s::timestamptz",
    "back": "SELECT lead_id FROM leads_snooze WHERE ended_at IS NULL",
}
_OF_LEAD = {
    "source": "l.source = %(source)s",
    "country": "l.country = %(country)s",
    "inbound": "l.inbound = %(inbound)s::boolean",
    "industry": (
        "EXISTS (SELECT FROM leads_account a WHERE a.id = l.account_id AND a.industry = %(industry)s)"
    ),
    "due_by": (
        "EXISTS (SELECT FROM leads_response r WHERE r.lead_id = l.id AND r.due_at <= %(due_by)s::timestamptz)"
    ),
    "back": f"(SELECT {BACK_AT} IS NOT NULL FROM leads_score s WHERE s.lead_id = l.id)",
    "stage": f"{STAGE_OF_ONE} = %(stage)s",
}


def having(values: Values, row: str) -> str:
    """The lead of a row has all these values. Looked up for that row only, never joined."""
    if not values:
        return "true"
    conditions = " AND ".join(_OF_LEAD[column] for column, _value in values)
    return f"COALESCE((SELECT {conditions} FROM leads_lead l WHERE l.id = {row}.lead_id), false)"


def leads_with(column: str) -> str:
    """All leads whose column has the value, as rows of `lead_id`."""
    return f"({_LEADS_WITH[column]})"


def rare(values: Values) -> str:
    """A column whose value few leads have, "" where none of these is such. One query."""
    counting = how_often(values)
    if not counting:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(counting, dict(values))
        return rarest([(column, count) for _word, count, column in cursor.fetchall()])


def how_often(values: Values) -> str:
    """A statement of rows ('count', how often a value occurs, its column); "" for nothing to count."""
    return " UNION ALL ".join(
        f"SELECT 'count', (SELECT count(*) FROM ({_LEADS_WITH[column]} LIMIT {RARE + 1}) some_of_them),"
        f" '{column}'"
        for column, _value in values
        if column in _LEADS_WITH
    )


def rarest(counts: Sequence[tuple[str, int]]) -> str:
    """The column that occurs most seldom, if that is seldom enough."""
    column, count = min(counts, key=lambda each: each[1], default=("", RARE + 1))
    return column if count <= RARE else ""
