"""How people spell what leads have in common: scoring compares "linkedin", people wrote "LinkedIn"."""

from collections.abc import Sequence

from django.db import connection

# The most frequent spelling among some that have the value; all of them would take reading them all.
SOME = 50
_SPELLINGS = """
SELECT value, (
    SELECT mode() WITHIN GROUP (ORDER BY given)
      FROM (SELECT attributes ->> %(key)s AS given FROM {table} WHERE {column} = value LIMIT %(some)s) few
) FROM unnest(%(values)s::text[]) value
"""
# The table that has the attribute; keys and columns are named alike.
TABLES = {"source": "leads_lead", "industry": "leads_account", "company_size": "leads_account"}


def spellings(key: str, values: Sequence[str]) -> dict[str, str]:
    """How values of a standard text attribute, in normal form, are spelt."""
    if key not in TABLES or not values:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _SPELLINGS.format(table=TABLES[key], column=key),
            {"key": key, "values": list(values), "some": SOME},
        )
        return {value: given or value for value, given in cursor.fetchall()}
