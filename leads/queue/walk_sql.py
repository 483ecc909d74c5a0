"""A walk down the ranking, for segments whose leads are tested one by one until a page is full.

Each stream cut at the size of the page would look for a page in every one of them, of which marketing's list
has hundreds. So all are read side by side, one *level* (the leads of one band and one score) after the other,
and only as far as the page needs. A level's leads are put in order before they are looked at.
"""

from leads.queue.cursor import Cursor
from leads.queue.marked_sql import known
from leads.queue.scope import Scope
from leads.queue.streams_sql import OF_STREAM, beyond, order, plain

# Looked at for a count of each rank that need not be exact; for a page that can be had otherwise.
FAR_ENOUGH, FAR_ENOUGH_FOR_A_PAGE = 2_000, 20_000


def levels(after: Cursor | None) -> str:
    """The bands and scores that occur, in the order in which the list is read."""
    backwards = after is not None and after.backwards
    more, down = (">", "ASC") if backwards else ("<", "DESC")
    start = "'-32768'" if backwards else "32767"
    at = f"({start}::smallint, 0::bigint)" if after is None else "(%(band)s::smallint, %(beside)s::bigint)"
    return f"""
        levels(band, total) AS (
            SELECT * FROM (VALUES {at}) AS at(band, total)
            UNION ALL
            SELECT nearest.band, nearest.total::bigint FROM levels CROSS JOIN LATERAL (
                SELECT of_stream.* FROM streams CROSS JOIN runs CROSS JOIN LATERAL (
                    SELECT s.band, s.total FROM leads_score s
                     WHERE {OF_STREAM} AND s.band BETWEEN runs.low AND runs.high
                       AND (s.band, s.total) {more} (levels.band, levels.total)
                     ORDER BY s.band {down}, s.total {down} LIMIT 1
                ) of_stream ORDER BY band {down}, total {down} LIMIT 1
            ) nearest
        )"""


def walked(scope: Scope, own: str, after: Cursor | None) -> str:
    """The first leads of the streams that are as they are asked for, a page of them at most.

    OFFSET 0 and the limit between keep the three steps apart: the database would look at all leads first.
    """
    return f"""
        SELECT looked.* FROM (
            SELECT level.* FROM levels CROSS JOIN LATERAL (
                SELECT c.* FROM streams CROSS JOIN LATERAL (
                    {plain(scope)} AND s.band = levels.band AND s.total = levels.total::int
                      {own.format(row="s")}
                      AND {beyond(after, "s.band, s.total, s.last_intent_at", "s.lead_id")}
                    OFFSET 0
                ) c ORDER BY {order(after).format(p="c.", score="score")} OFFSET 0
            ) level LIMIT %(looked)s
        ) looked WHERE {known(scope, "looked")} LIMIT %(size)s"""
