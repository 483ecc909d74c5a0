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
from leads.queue.rungs import Rung, are_mixed, runs_of
from leads.queue.scope import Claims, Place, Scope
from leads.queue.yesterday import MOVED
from leads.scorer import Scales
from leadscoring.prepared import as_array, prepared_cursor

WINDOW = 5000
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
    backwards = after is not None and after.backwards
    by_rank = sort is Sort.RANK
    statement = _statement(scope, scales, after) if by_rank else _sorted(scope, scales, after, sort)
    parameters = _parameters(scope, scales, now, after, size if by_rank else WINDOW)
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters | {"shown": size})
        found = [Place(*row) for row in cursor.fetchall()]
    return found[::-1] if backwards else found


def all_places(scope: Scope, scales: Scales, *, now: datetime, chunk: int) -> Iterator[list[Place]]:
    """All places in order, as they are at one moment, `chunk` at a time. Call it in a transaction."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_statement(scope, scales, None), _parameters(scope, scales, now, None, None))
        while rows := cursor.fetchmany(chunk):
            yield [Place(*row) for row in rows]


def counts(
    scope: Scope, scales: Scales, tallies: Sequence[Sequence[Rung]], *, now: datetime, limit: int
) -> list[int]:
    """How many leads of the scope are in each of some sets of bands, each rank counted up to `limit`."""
    mixed = any(are_mixed(rungs, scales) for rungs in tallies)
    own = " AND (place, {row}.version_id, {row}.band) IN (SELECT * FROM told)" if mixed else ""
    statement = f"""
        WITH RECURSIVE {_streams(scope)}, {_MARKS}, {_BANDS}, {_marked(scope)},
        told AS (SELECT * FROM unnest(%(places)s::int[], %(versions)s::int[], %(ranks)s::smallint[])
                     AS t(place, version_id, rank))
        SELECT place, sum((
            SELECT count(*) FROM (
                (SELECT lead_id FROM marked m WHERE m.band = rank{own.format(row="m")} LIMIT %(size)s)
                UNION ALL
                (SELECT c.lead_id FROM streams CROSS JOIN LATERAL (
                    {_plain(scope)} AND s.band = rank{own.format(row="s")}
                 ) c WHERE {_wants_streams(scope)} LIMIT %(size)s)
                LIMIT %(size)s
            ) found
        ))::bigint FROM (SELECT DISTINCT place, rank FROM told) asked GROUP BY place
    """
    told = [(place, *rung) for place, rungs in enumerate(tallies) for rung in rungs]
    columns = (list(column) for column in zip(*told, strict=True)) if told else ([], [], [])
    arrays = dict(zip(("places", "versions", "ranks"), columns, strict=True))
    with prepared_cursor() as cursor:
        cursor.execute(statement, _parameters(scope, scales, now, None, limit) | arrays)
        found = dict(cursor.fetchall())
    return [found.get(place, 0) for place, _rungs in enumerate(tallies)]


def _statement(scope: Scope, scales: Scales, after: Cursor | None) -> str:
    backwards = after is not None and after.backwards
    order = _order(backwards)
    mixed = are_mixed(scope.rungs, scales)
    own = " AND ({row}.version_id, {row}.band) IN (SELECT * FROM wanted)" if mixed else ""
    return f"""
        WITH RECURSIVE {_streams(scope)}, {_MARKS}, {_BANDS}, {_marked(scope)},
        wanted AS (SELECT * FROM unnest(%(versions)s::int[], %(ranks)s::smallint[]) AS w(version_id, rank)),
        runs AS (SELECT * FROM unnest(%(lows)s::smallint[], %(highs)s::smallint[]) AS r(low, high)),
        ranked AS (
            SELECT c.* FROM streams CROSS JOIN runs CROSS JOIN LATERAL (
                {_plain(scope)} AND s.band BETWEEN runs.low AND runs.high{own.format(row="s")}
                  AND {_beyond(after, "s.band, s.total, s.last_intent_at", "s.lead_id")}
                ORDER BY {order.format(p="s.", score="total")} LIMIT %(size)s
            ) c WHERE {_wants_streams(scope)}
            UNION ALL
            SELECT * FROM marked m
             WHERE EXISTS (SELECT FROM runs WHERE m.band BETWEEN runs.low AND runs.high){own.format(row="m")}
               AND {_beyond(after, "m.band, m.score, m.last_intent_at", "m.lead_id")}
        )
        SELECT * FROM ranked ORDER BY {order.format(p="", score="score")} LIMIT %(size)s
    """


def _sorted(scope: Scope, scales: Scales, after: Cursor | None, sort: Sort) -> str:
    """The best leads of the ranking in another order."""
    backwards = after is not None and after.backwards
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    return f"""
        SELECT * FROM (
            SELECT w.*, ({_KEYS[sort]})::float8 AS sorted_by FROM ({_statement(scope, scales, None)}) w
        ) keyed
         WHERE {_beyond_key(after)}
         ORDER BY sorted_by {down}, lead_id {up} LIMIT %(shown)s
    """


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
        else f"AND s.lead_id NOT IN (SELECT lead_id FROM claimed) AND {_there('s.band')}"
    )
    return f"""
        SELECT s.lead_id, s.version_id, s.band, s.total AS score, s.last_intent_at, s.band AS model_band,
               s.total AS model_score, NULL::bigint AS override_id, false AS held
          FROM leads_score s
         WHERE s.is_open
           AND COALESCE(s.team_id, 0) = streams.team_id AND COALESCE(s.owner_id, 0) = streams.owner_id
           AND s.lead_id NOT IN (SELECT lead_id FROM overridden) {free}
           AND {values_sql.having(scope.values)}"""


def _marked(scope: Scope) -> str:
    """Leads that are overridden, or held by this person, with what they count for.

    OFFSET 0 keeps the planner from starting at all scores of a team: marked leads are few, it knows or not.
    They are looked up once, not for each band that is counted.
    """
    return f"""
        marked AS MATERIALIZED (
            SELECT s.lead_id, s.version_id,
                   CASE WHEN w.wanted IS NULL THEN s.band ELSE e.band END AS band,
                   CASE WHEN w.wanted IS NULL THEN s.total ELSE e.total END AS score,
                   s.last_intent_at, s.band AS model_band, s.total AS model_score,
                   o.id AS override_id, k.lead_id IS NOT NULL AND k.user_id = %(user)s AS held
              FROM {_taken(scope)}
             CROSS JOIN LATERAL (
                   SELECT * FROM leads_score WHERE lead_id = taken.lead_id AND is_open OFFSET 0
             ) s
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN o.kind = 'score' THEN o.points
                               WHEN o.kind = 'points' THEN s.total + o.points
                               WHEN o.kind = 'band' THEN (
                                    SELECT LEAST(GREATEST(s.total, b.lower), b.upper) FROM bands b
                                     WHERE b.version_id = s.version_id AND b.key = o.band)
                          END AS wanted
             ) w
             LEFT JOIN LATERAL (
                   SELECT LEAST(GREATEST(w.wanted, b.floor), b.ceiling) AS total, b.rank AS band FROM bands b
                    WHERE b.version_id = s.version_id
                      AND (b.lower IS NULL OR b.lower <= LEAST(GREATEST(w.wanted, b.floor), b.ceiling))
                    ORDER BY b.rank DESC LIMIT 1
             ) e ON TRUE
             WHERE o.kind IS DISTINCT FROM 'hold' AND {_marked_in(scope)}
        )"""


def _taken(scope: Scope) -> str:
    """The leads that are marked, or of which all are taken as marked."""
    if scope.snoozed:
        return _WITH_MARKS.format(leads=_SNOOZED)
    if scope.within:
        return _WITH_MARKS.format(leads=f"({scope.within.statement})")
    return _WITH_MARKS.format(leads=values_sql.leads_with(scope.rare)) if scope.rare else _TAKEN_OUT


def _marked_in(scope: Scope) -> str:
    conditions = ["COALESCE(s.team_id, 0) = ANY (%(teams)s::bigint[])", values_sql.having(scope.values)]
    if scope.claims is Claims.HIDE_FROM_OTHERS:
        conditions.append("COALESCE(k.user_id, %(user)s) = %(user)s")
    if scope.claims is Claims.HIDE:
        conditions.append("k.lead_id IS NULL")
    if scope.snoozed:
        conditions.append(f"NOT {_AWAKE}")
    elif scope.claims is not Claims.IGNORE:
        counted = "CASE WHEN w.wanted IS NULL THEN s.band ELSE e.band END"
        conditions.append(f"(k.lead_id IS NOT NULL OR {_there(counted)})")
    elif not scope.rare and not scope.within:
        conditions.append("o.lead_id IS NOT NULL")
    if scope.allowed_owners is not None:
        owned = "COALESCE({owner}, 0) = ANY (%(allowed)s::bigint[])"
        mine = f"{owned.format(owner='s.owner_id')} OR k.user_id = %(user)s"
        # What an override says of its lead decides before the lead is looked up: most are of other people's.
        conditions.append(f"({mine}) AND (o.lead_id IS NULL OR {mine.replace('s.owner_id', 'o.lead_owner')})")
    if scope.wanted_owners is not None:
        conditions.append("COALESCE(s.owner_id, 0) = ANY (%(wanted)s::bigint[])")
    if scope.claimed:
        conditions.append("k.user_id = %(user)s")
    if scope.overridden:
        conditions.append("o.lead_id IS NOT NULL")
    return " AND ".join(conditions)


# What takes leads out of their stream, each read once; of overrides those of the teams' leads.
_MARKS = """
    overridden AS MATERIALIZED (
        SELECT id, lead_id, kind, points, band, lead_owner
          FROM leads_override
         WHERE COALESCE(lead_team, 0) = ANY (%(teams)s::bigint[])
           AND starts_at <= %(now)s AND ends_at > %(now)s
    ),
    claimed AS MATERIALIZED (SELECT lead_id, user_id FROM leads_claim WHERE expires_at > %(now)s),
    skipped AS MATERIALIZED (
        SELECT lead_id FROM leads_skip WHERE user_id = %(user)s AND until > %(now)s AND ended_at IS NULL
    )"""

_AWAKE = "(s.snoozed_until IS NULL OR s.snoozed_until <= %(now)s OR s.last_intent_at > s.snoozed_at)"


def _there(band: str) -> str:
    """Neither snoozed, unless an intent signal woke it, nor skipped by this person, nor returned to marketing
    from the band that it counts for or a higher one (`leads.queue.away`)."""
    returned = f"(s.returned_rank IS NULL OR {band} > s.returned_rank)"
    return f"{_AWAKE} AND {returned} AND s.lead_id NOT IN (SELECT lead_id FROM skipped)"


# The bands of every version, each with its limits of a total.
_BANDS = """
    bands AS MATERIALIZED (
        SELECT * FROM unnest(%(band_versions)s::int[], %(band_keys)s::text[], %(band_ranks)s::smallint[],
                             %(lower_edges)s::int[], %(upper_edges)s::int[],
                             %(floors)s::int[], %(ceilings)s::int[])
            AS b(version_id, key, rank, lower, upper, floor, ceiling)
    )"""

_TAKEN_OUT = """overridden o FULL JOIN claimed k ON k.lead_id = o.lead_id
             CROSS JOIN LATERAL (SELECT COALESCE(o.lead_id, k.lead_id) AS lead_id) taken"""


_SNOOZED = """(SELECT lead_id FROM leads_snooze
               WHERE user_id = %(user)s AND until > %(now)s AND ended_at IS NULL)"""
_WITH_MARKS = """{leads} taken
              LEFT JOIN overridden o ON o.lead_id = taken.lead_id
              LEFT JOIN claimed k ON k.lead_id = taken.lead_id"""


def _wants_streams(scope: Scope) -> str:
    return (
        "false"
        if scope.claimed or scope.overridden or scope.snoozed or scope.rare or scope.within
        else "true"
    )


def _beyond(after: Cursor | None, columns: str, lead_id: str) -> str:
    """The row is on the cursor's far side. The first half bounds the index scan, the second settles ties."""
    if after is None:
        return "true"
    place = "(%(band)s::smallint, %(score)s::int, %(intent)s::timestamptz)"
    more, later = (">", "<") if after.backwards else ("<", ">")
    return (
        f"({columns}) {more}= {place} AND (({columns}) {more} {place} OR {lead_id} {later} %(lead)s::bigint)"
    )


def _order(backwards: bool) -> str:
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    return f"{{p}}band {down}, {{p}}{{score}} {down}, {{p}}last_intent_at {down}, {{p}}lead_id {up}"


def _parameters(
    scope: Scope, scales: Scales, now: datetime, after: Cursor | None, size: int | None
) -> dict[str, Any]:
    runs = runs_of(scope.rungs)
    parameters: dict[str, Any] = {
        "user": scope.user_id,
        "now": now,
        "size": size,
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
    """The columns of `_BANDS`."""
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
