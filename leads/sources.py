"""Where leads came from, for filters."""

from django.db import connection

# One step along the index per source, however many leads there are.
NEXT_SOURCE = """
WITH RECURSIVE found(source) AS (
    (SELECT source FROM leads_lead WHERE source IS NOT NULL ORDER BY source LIMIT 1)
    UNION ALL
    SELECT (SELECT source FROM leads_lead WHERE source > found.source ORDER BY source LIMIT 1)
    FROM found WHERE found.source IS NOT NULL
)
SELECT source FROM found WHERE source IS NOT NULL LIMIT %s
"""


def known_sources(*, limit: int) -> list[str]:
    """The sources that leads have, in normal form and in order, at most so many."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT_SOURCE, [limit])
        return [source for (source,) in cursor.fetchall()]
