"""The streams of a ranking: the open leads of each (team, owner) where the queue's index has them."""

from leads.queue.cursor import Cursor
from leads.queue.marked_sql import there
from leads.queue.scope import Claims, Scope


def streams(scope: Scope) -> str:
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


OF_STREAM = """s.is_open
           AND COALESCE(s.team_id, 0) = streams.team_id AND COALESCE(s.owner_id, 0) = streams.owner_id"""


def plain(scope: Scope) -> str:
    """One stream's leads that rank where the index has them, whatever is known of them."""
    free = (
        ""
        if scope.claims is Claims.IGNORE
        else f"AND s.lead_id NOT IN (SELECT lead_id FROM claimed) AND {there('s.band')}"
    )
    return f"""
        SELECT s.lead_id, s.version_id, s.band, s.total AS score, s.last_intent_at, s.band AS model_band,
               s.total AS model_score, NULL::bigint AS override_id, false AS held
          FROM leads_score s
         WHERE {OF_STREAM}
           AND s.lead_id NOT IN (SELECT lead_id FROM overridden) {free}"""


def beyond(after: Cursor | None, columns: str, lead_id: str) -> str:
    """The row is on the cursor's far side. The first half bounds the index scan, the second settles ties."""
    if after is None:
        return "true"
    place = "(%(band)s::smallint, %(score)s::int, %(intent)s::timestamptz)"
    more, later = (">", "<") if after.backwards else ("<", ">")
    return (
        f"({columns}) {more}= {place} AND (({columns}) {more} {place} OR {lead_id} {later} %(lead)s::bigint)"
    )


def order(after: Cursor | None) -> str:
    backwards = after is not None and after.backwards
    down, up = ("ASC", "DESC") if backwards else ("DESC", "ASC")
    return f"{{p}}band {down}, {{p}}{{score}} {down}, {{p}}last_intent_at {down}, {{p}}lead_id {up}"
