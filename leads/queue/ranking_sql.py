"""The one statement that ranks leads, in SQL because it must stay fast for a million of them.

The index `leads_score_queue` holds the open leads of each (team, owner) in ranking order. So a ranking is a
merge of short scans, one for each of those *streams* that are wanted, each cut at the size of the page. Where
leads of a segment are tested one by one it is a walk (`walk_sql`). Counts of a list that has to look at lead
after lead are of the first of these.
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
from typing import Any, NamedTuple

from django.db import connection

from leads.effective import edges
from leads.queue.criteria import Sort
from leads.queue.cursor import Cursor
from leads.queue.marked_sql import BANDS, MARKS, known, marked, wants_streams
from leads.queue.rungs import Rung, are_mixed, runs_of
from leads.queue.scope import Place, Scope
from leads.queue.streams_sql import beyond, order, plain, streams
from leads.queue.walk_sql import FAR_ENOUGH, levels, walked
from leads.queue.yesterday import MOVED
from leads.scorer import Scales
from leadscoring.prepared import as_array, prepared_cursor


class Counted(NamedTuple):
    """How many leads a count found; `cut` where it didn't look at all, and there may be more."""

    leads: int
    cut: bool


NONE = Counted(0, False)
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
    looked: int | None = None,
) -> list[Place]:
    """The first `size` places after the cursor, in the list's order whichever way the cursor looks.

    Of a list that looks at lead after lead those among the first `looked`: fewer than `size` say nothing.
    """
    statement = f"{_shared(scope)}, {_ranked(scope, scales, after, sort, looked)} {_page(after, sort)}"
    with prepared_cursor() as cursor:
        cursor.execute(statement, _parameters(scope, scales, now, after) | _sizes(size, sort, looked))
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
    scope: Scope,
    scales: Scales,
    tallies: Sequence[Sequence[Rung]],
    *,
    now: datetime,
    limit: int,
    looked: int | None = FAR_ENOUGH,
) -> list[Counted]:
    """How many leads of the scope are in each of some sets of bands, each rank counted up to `limit`.

    Where lead after lead is looked at, it is at the first `looked` of each rank; None for all.
    """
    statement = f"{_shared(scope)}, {_TOLD} {_tallied(scope, scales, tallies)}"
    with prepared_cursor() as cursor:
        cursor.execute(statement, _parameters(scope, scales, now, None) | _told(tallies, limit, looked))
        found = {tally: Counted(leads, cut) for tally, leads, cut in cursor.fetchall()}
    return [found.get(tally, NONE) for tally, _rungs in enumerate(tallies)]


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
    looked: int | None = None,
) -> tuple[list[Place], list[Counted]]:
    """What `places` and `counts` give, at once: the marked leads are looked up once for both."""
    statement = f"""
        {_shared(scope)}, {_ranked(scope, scales, after, sort, looked)}, {_TOLD},
        page AS (SELECT row_number() OVER () AS nth, listed.* FROM ({_page(after, sort)}) listed),
        tallied(tally, leads, cut) AS ({_tallied(scope, scales, tallies)})
        SELECT NULL AS tally, NULL AS leads, NULL AS cut, page.* FROM page
        UNION ALL
        SELECT tallied.*, page.* FROM tallied LEFT JOIN page ON false
        ORDER BY nth
    """
    parameters = _parameters(scope, scales, now, after) | _sizes(size, sort, looked)
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters | _told(tallies, limit, FAR_ENOUGH))
        rows = cursor.fetchall()
    found = [Place(*place) for tally, _leads, _cut, _nth, *place in rows if tally is None]
    counted = {tally: Counted(leads, cut) for tally, leads, cut, *_ in rows if tally is not None}
    return _in_order(found, after), [counted.get(tally, NONE) for tally, _rungs in enumerate(tallies)]


def _in_order(found: list[Place], after: Cursor | None) -> list[Place]:
    return found[::-1] if after is not None and after.backwards else found


def _shared(scope: Scope) -> str:
    """What a list and its counts have in common."""
    return f"WITH RECURSIVE {streams(scope)}, {MARKS}, {BANDS}, {marked(scope)}"


def _ranked(
    scope: Scope, scales: Scales, after: Cursor | None, sort: Sort = Sort.RANK, looked: int | None = None
) -> str:
    """More leads than a page has that come first in the ranking; after the cursor, if that is one of it.

    Of a walk that ended too early nothing marked is added: what would come before it isn't known.
    """
    after = after if sort is Sort.RANK else None
    mixed = are_mixed(scope.rungs, scales)
    own = " AND ({row}.version_id, {row}.band) IN (SELECT * FROM wanted)" if mixed else ""
    walks = wants_streams(scope) and scope.one_by_one and scope.within is not None
    return f"""
        wanted AS (SELECT * FROM unnest(%(versions)s::int[], %(ranks)s::smallint[]) AS w(version_id, rank)),
        runs AS (SELECT * FROM unnest(%(lows)s::smallint[], %(highs)s::smallint[]) AS r(low, high)),
        {levels(after) + "," if walks else ""}
        plain AS MATERIALIZED ({walked(scope, own, after) if walks else _scanned(scope, own, after)}),
        ranked AS (
            SELECT * FROM plain
            UNION ALL
            SELECT * FROM marked m
             WHERE EXISTS (SELECT FROM runs WHERE m.band BETWEEN runs.low AND runs.high){own.format(row="m")}
               AND {beyond(after, "m.band, m.score, m.last_intent_at", "m.lead_id")}
               {"" if looked is None else "AND (SELECT count(*) FROM plain) >= %(size)s"}
        )"""


def _scanned(scope: Scope, own: str, after: Cursor | None) -> str:
    """The first leads of each stream."""
    return f"""
        SELECT c.* FROM streams CROSS JOIN runs CROSS JOIN LATERAL (
            {plain(scope)} AND s.band BETWEEN runs.low AND runs.high{own.format(row="s")}
              AND {known(scope, "s")} AND {beyond(after, "s.band, s.total, s.last_intent_at", "s.lead_id")}
            ORDER BY {order(after).format(p="s.", score="total")} LIMIT %(size)s
        ) c WHERE {wants_streams(scope)}"""


def _page(after: Cursor | None, sort: Sort = Sort.RANK) -> str:
    """The first of what is ranked; or the best of it in another order, and of those the first."""
    if sort is Sort.RANK:
        return f"SELECT * FROM ranked ORDER BY {order(after).format(p='', score='score')} LIMIT %(size)s"
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
    """Rows of a tally, how many leads it has, and whether not all leads were looked at."""
    mixed = any(are_mixed(rungs, scales) for rungs in tallies)
    own = " AND (tally, {row}.version_id, {row}.band) IN (SELECT * FROM told)" if mixed else ""
    looks = scope.looks or mixed
    of_rank = f"""
        SELECT c.* FROM streams CROSS JOIN LATERAL (
            {plain(scope)} AND s.band = rank
        ) c WHERE {wants_streams(scope)} LIMIT %({"looked_each" if looks else "limit"})s"""
    is_one = f"{known(scope, 'c')}{own.format(row='c')}"
    return f"""
        SELECT tally, sum(in_marked.leads + in_streams.leads)::bigint AS leads,
               bool_or({looks} AND in_streams.looked >= %(looked_each)s) AS cut
          FROM (SELECT DISTINCT tally, rank FROM told) asked
         CROSS JOIN LATERAL (
               SELECT count(*) AS leads FROM marked m WHERE m.band = rank{own.format(row="m")}
         ) in_marked
         CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE {is_one}) AS leads, count(*) AS looked FROM ({of_rank}) c
         ) in_streams GROUP BY tally
    """


def _told(tallies: Sequence[Sequence[Rung]], limit: int, looked: int | None) -> dict[str, Any]:
    told = [(tally, *rung) for tally, rungs in enumerate(tallies) for rung in rungs]
    columns = (list(column) for column in zip(*told, strict=True)) if told else ([], [], [])
    told_of = dict(zip(("told_tallies", "told_versions", "told_ranks"), columns, strict=True))
    return told_of | {"limit": limit, "looked_each": looked}


def _sizes(size: int | None, sort: Sort = Sort.RANK, looked: int | None = None) -> dict[str, int | None]:
    """How many leads of the ranking are taken, how many of those are shown, and at how many one looks."""
    return {"size": size if sort is Sort.RANK else WINDOW, "shown": size, "looked": looked}


def _beyond_key(after: Cursor | None) -> str:
    if after is None:
        return "true"
    more, later = (">", "<") if after.backwards else ("<", ">")
    key = "%(key)s::float8"
    return f"(sorted_by {more} {key} OR sorted_by = {key} AND lead_id {later} %(lead)s::bigint)"


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
        beside = after.score - 1 if after.backwards else after.score + 1
        place = {"band": after.band, "score": after.score, "intent": after.last_intent_at}
        parameters |= place | {"lead": after.lead_id, "key": after.key, "beside": beside}
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
