"""The one statement that ranks leads, in SQL because it must stay fast for a million of them.

The index `leads_score_queue` holds the open leads of each (team, owner) in ranking order. So a ranking is a
merge of short scans, one for each of those *streams* that are wanted, each cut at the size of the page.
Leads with an active override rank elsewhere than the index says, and leads that this person holds may have
another owner: both are few, are left out of the streams and joined in as *marked* leads. Snoozed leads may be
many: a score row says so itself, and is passed over. What somebody skipped is little again. Where only a few
leads have a value that is asked for, those are all taken as marked, and no stream is scanned.

Sorted otherwise than by rank, a list is of the best `WINDOW` leads of the ranking: what is sorted stays
bounded, and nobody reads further.

Bands are ranks from the top, so that those of several models stand in one order. Where one version's band of
a rank is wanted and another's isn't, each lead of that rank is asked for its version; of one model with the
same bands in all its versions none is.

The band and total that an override makes are those of `leads.effective.effective`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection

from leads.effective import edges
from leads.queue import values_sql
from leads.queue.criteria import Sort
from leads.queue.cursor import Cursor
from leads.queue.marked_sql import BANDS, MARKS, marked, there, wants_streams
from leads.queue.rungs import Rung, are_mixed, runs_of
from leads.queue.scope import Claims, Place, Scope
from leads.queue.yesterday import MOVED
from leads.scorer import Scales
from leadscoring.prepared import as_array, prepared_cursor

WINDOW = 5000
KEPT = "leads.kept"
# What a list is sorted by, greatest first, of a row `w` of the window.
_KEYS = {
    Sort.INTENT: "extract(epoch FROM w.last_intent_at)",
    # Who doesn't wait comes last.
    Sort.WAITING: """COALESCE((SELECT -extract(epoch FROM LEAST(r.signal_at, r.assigned_at))
                                 FROM leads_response r WHERE r.lead_id = w.lead_id), -1e15)""",
    Sort.CHANGE: MOVED,
}


def places(
    scope: Scope,
    scales: Scales,
    *,
    now: datetime,
    after: Cursor | None = None,
    size: int,
    sort: Sort = Sort.RANK,
) -> list[Place]:
    """The first `size` places after the cursor, in the list's order whichever way the cursor looks."""
    statement = f"{_shared(scope)}, {_ranked(scope, scales, after, sort)} {_page(after, sort)}"
    with prepared_cursor() as cursor:
        cursor.execute(statement, _parameters(scope, scales, now, after) | _sizes(size, sort))
        found = [Place(*row) for row in cursor.fetchall()]
    return _in_order(found, after)


def keeping(scope: Scope, scales: Scales, *, now: datetime, size: int) -> tuple[str, dict[str, Any]]:
    """A statement that keeps the leads at the first `size` places in the setting KEPT of its transaction, for
    one that is sent with it. With its parameters."""
    statement = f"""
        {_shared(scope)}, {_ranked(scope, scales, None)},
        page AS (SELECT row_number() OVER () AS nth, lead_id FROM ({_page(None)}) listed)
        SELECT set_config('{KEPT}', COALESCE(array_agg(lead_id ORDER BY nth), '{{}}')::text, true) FROM page
    """
    return statement, _parameters(scope, scales, now, None) | _sizes(size)


def all_places(scope: Scope, scales: Scales, *, now: datetime, chunk: int) -> Iterator[list[Place]]:
    """All places in order, as they are at one moment, `chunk` at a time. Call it in a transaction."""
    statement = f"{_shared(scope)}, {_ranked(scope, scales, None)} {_page(None)}"
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, _parameters(scope, scales, now, None) | _sizes(None))
        while rows := cursor.fetchmany(chunk):
            yield [Place(*row) for row in rows]


def counts(
    scope: Scope, scales: Scales, tallies: Sequence[Sequence[Rung]], *, now: datetime, limit: int
) -> list[int]:
    """How many leads of the scope are in each of some sets of bands, each rank counted up to `limit`."""
    statement = f"{_shared(scope)}, {_TOLD} {_tallied(scope, scales, tallies)}"
    with prepared_cursor() as cursor:
        cursor.execute(statement, _parameters(scope, scales, now, None) | _told(tallies, limit))
        found = dict(cursor.fetchall())
    return [found.get(tally, 0) for tally, _rungs in enumerate(tallies)]


def places_and_counts(
    scope: Scope,
    scales: Scales,
    tallies: Sequence[Sequence[Rung]],
    *,
    now: datetime,
    after: Cursor | None,
    size: int,
    sort: Sort = Sort.RANK,
    limit: int,
) -> tuple[list[Place], list[int]]:
    """What `places` and `counts` give, at once: the marked leads are looked up once for both."""
    statement = f"""
        {_shared(scope)}, {_ranked(scope, scales, after, sort)}, {_TOLD},
        page AS (SELECT row_number() OVER () AS nth, listed.* FROM ({_page(after, sort)}) listed),
        tallied(tally, leads) AS ({_tallied(scope, scales, tallies)})
        SELECT NULL AS tally, NULL AS leads, page.* FROM page
        UNION ALL
        SELECT tallied.*, page.* FROM tallied LEFT JOIN page ON false
        ORDER BY nth
    """
    parameters = _parameters(scope, scales, now, after) | _sizes(size, sort) | _told(tallies, limit)
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    found = [Place(*place) for tally, _leads, _nth, *place in rows if tally is None]
    counted = {tally: leads for tally, leads, *_ in rows if tally is not None}
    return _in_order(found, after), [counted.get(tally, 0) for tally, _rungs in enumerate(tallies)]


def _in_order(found: list[Place], after: Cursor | None) -> list[Place]:
    return found[::-1] if after is not None and after.backwards else found


def _shared(scope: Scope) -> str:
    """What a list and its counts have in common."""
    return f"WITH RECURSIVE {_streams(scope)}, {MARKS}, {BANDS}, {marked(scope)}"


def _ranked(scope: Scope, scales: Scales, after: Cursor | None, sort: Sort = Sort.RANK) -> str:
    """More leads than a page has that come first in the ranking; after the cursor, if that is one of it."""
    after = after if sort is Sort.RANK else None
    order = _order(after)
    mixed = are_mixed(scope.rungs, scales)
    own = " AND ({row}.version_id, {row}.band) IN (SELECT * FROM wanted)" if mixed else ""
    return f"""
        wanted AS (SELECT * FROM unnest(%(versions)s::int[], %(ranks)s::smallint[]) AS w(version_id, rank)),
        runs AS (SELECT * FROM unnest(%(lows)s::smallint[], %(highs)s::smallint[]) AS r(low, high)),
        ranked AS (
            SELECT c.* FROM streams CROSS JOIN runs CROSS JOIN LATERAL (
                {_plain(scope)} AND s.band BETWEEN runs.low AND runs.high{own.format(row="s")}
                  AND {_beyond(after, "s.band, s.total, s.last_intent_at", "s.lead_id")}
                ORDER BY {order.format(p="s.", score="total")} LIMIT %(size)s
            ) c WHERE {wants_streams(scope)}
            UNION ALL
            SELECT * FROM marked m
             WHERE EXISTS (SELECT FROM runs WHERE m.band BETWEEN runs.low AND runs.high){own.format(row="m")}
               AND {_beyond(after, "m.band, m.score, m.last_intent_at", "m.lead_id")}
        )"""


def _page(after: Cursor | None, sort: Sort = Sort.RANK) -> str:
    """The first of what is ranked; or the best of it in another order, and of those the first."""
    if sort is Sort.RANK:
        return f"SELECT * FROM ranked ORDER BY {_order(after).format(p='', score='score')} LIMIT %(size)s"
    backwards = after is not None and after.backwards
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    return f"""
        SELECT * FROM (
            SELECT w.*, ({_KEYS[sort]})::float8 AS sorted_by FROM ({_page(None)}) w
        ) keyed
         WHERE {_beyond_key(after)}
         ORDER BY sorted_by {down}, lead_id {up} LIMIT %(shown)s
    """


# Which bands each tally is of.
_TOLD = """
        told AS (SELECT * FROM unnest(%(told_tallies)s::int[], %(told_versions)s::int[],
                                      %(told_ranks)s::smallint[]) AS t(tally, version_id, rank))"""


def _tallied(scope: Scope, scales: Scales, tallies: Sequence[Sequence[Rung]]) -> str:
    """Rows of a tally and how many leads it has."""
    mixed = any(are_mixed(rungs, scales) for rungs in tallies)
    own = " AND (tally, {row}.version_id, {row}.band) IN (SELECT * FROM told)" if mixed else ""
    return f"""
        SELECT tally, sum((
            SELECT count(*) FROM (
                (SELECT lead_id FROM marked m WHERE m.band = rank{own.format(row="m")} LIMIT %(limit)s)
                UNION ALL
                (SELECT c.lead_id FROM streams CROSS JOIN LATERAL (
                    {_plain(scope)} AND s.band = rank{own.format(row="s")}
                 ) c WHERE {wants_streams(scope)} LIMIT %(limit)s)
                LIMIT %(limit)s
            ) found
        ))::bigint FROM (SELECT DISTINCT tally, rank FROM told) asked GROUP BY tally
    """


def _told(tallies: Sequence[Sequence[Rung]], limit: int) -> dict[str, Any]:
    told = [(tally, *rung) for tally, rungs in enumerate(tallies) for rung in rungs]
    columns = (list(column) for column in zip(*told, strict=True)) if told else ([], [], [])
    return dict(zip(("told_tallies", "told_versions", "told_ranks"), columns, strict=True)) | {"limit": limit}


def _sizes(size: int | None, sort: Sort = Sort.RANK) -> dict[str, int | None]:
    """How many leads of the ranking are looked at, and how many of those are shown."""
    return {"size": size if sort is Sort.RANK else WINDOW, "shown": size}


def _beyond_key(after: Cursor | None) -> str:
    if after is None:
        return "true"
    more, later = (">", "<") if after.backwards else ("<", ">")
    key = "%(key)s::float8"
    return f"(sorted_by {more} {key} OR sorted_by = {key} AND lead_id {later} %(lead)s::bigint)"


def _streams(scope: Scope) -> str:
    """The (team, owner) pairs to scan. For any owner, each team's owners are found by skipping from one to
    the next in the index."""
    if scope.stream_owners is not None:
        return """streams(team_id, owner_id) AS (
            SELECT team, owner FROM unnest(%(teams)s::bigint[]) team, unnest(%(owners)s::bigint[]) owner)"""
    return """
        owners(team_id, owner_id) AS (
            SELECT team, -1::bigint FROM unnest(%(teams)s::bigint[]) team
            UNION ALL
            SELECT o.team_id, (
                SELECT min(COALESCE(s.owner_id, 0)) FROM leads_score s
                 WHERE s.is_open AND COALESCE(s.team_id, 0) = o.team_id
                   AND COALESCE(s.owner_id, 0) > o.owner_id
            ) FROM owners o WHERE o.owner_id IS NOT NULL
        ),
        streams AS (SELECT * FROM owners WHERE owner_id >= 0)"""


def _plain(scope: Scope) -> str:
    """One stream's leads that rank where the index has them."""
    free = (
        ""
        if scope.claims is Claims.IGNORE
        else f"AND s.lead_id NOT IN (SELECT lead_id FROM claimed) AND {there('s.band')}"
    )
    return f"""
        SELECT s.lead_id, s.version_id, s.band, s.total AS score, s.last_intent_at, s.band AS model_band,
               s.total AS model_score, NULL::bigint AS override_id, false AS held
          FROM leads_score s
         WHERE s.is_open
           AND COALESCE(s.team_id, 0) = streams.team_id AND COALESCE(s.owner_id, 0) = streams.owner_id
           AND s.lead_id NOT IN (SELECT lead_id FROM overridden) {free}
           AND {values_sql.having(scope.values)}"""


def _beyond(after: Cursor | None, columns: str, lead_id: str) -> str:
    """The row is on the cursor's far side. The first half bounds the index scan, the second settles ties."""
    if after is None:
        return "true"
    place = "(%(band)s::smallint, %(score)s::int, %(intent)s::timestamptz)"
    more, later = (">", "<") if after.backwards else ("<", ">")
    return (
        f"({columns}) {more}= {place} AND (({columns}) {more} {place} OR {lead_id} {later} %(lead)s::bigint)"
    )


def _order(after: Cursor | None) -> str:
    backwards = after is not None and after.backwards
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    return f"{{p}}band {down}, {{p}}{{score}} {down}, {{p}}last_intent_at {down}, {{p}}lead_id {up}"


def _parameters(scope: Scope, scales: Scales, now: datetime, after: Cursor | None) -> dict[str, Any]:
    runs = runs_of(scope.rungs)
    parameters: dict[str, Any] = {
        "user": scope.user_id,
        "now": now,
        "teams": list(scope.teams),
        "owners": sorted(scope.stream_owners or ()),
        "allowed": sorted(scope.allowed_owners or ()),
        "wanted": sorted(scope.wanted_owners or ()),
        "lows": [low for low, _high in runs],
        "highs": [high for _low, high in runs],
        "versions": [rung.version_id for rung in scope.rungs],
        "ranks": [rung.rank for rung in scope.rungs],
    }
    parameters |= {**_bands(scales), **dict(scope.values)}
    if scope.within is not None:
        parameters |= scope.within.parameters
    if after is not None:
        place = {"band": after.band, "score": after.score, "intent": after.last_intent_at}
        parameters |= place | {"lead": after.lead_id, "key": after.key}
    return parameters


@lru_cache(maxsize=16)
def _bands(scales: Scales) -> Mapping[str, str]:
    """The columns of `BANDS`."""
    bands = [(scale, band, *edges(band, scale)) for scale in scales.all for band in scale.bands]
    columns: dict[str, list[object]] = {
        "band_versions": [scale.version_id for scale, *_ in bands],
        "band_keys": [band.key for _, band, *_ in bands],
        "band_ranks": [band.rank for _, band, *_ in bands],
        "lower_edges": [lower for *_, lower, _ in bands],
        "upper_edges": [upper for *_, upper in bands],
        "floors": [scale.floor for scale, *_ in bands],
        "ceilings": [scale.ceiling for scale, *_ in bands],
    }
    return {name: as_array(column) for name, column in columns.items()}
