"""What stands elsewhere in a ranking than the queue's index says: the *marked* leads of `ranking_sql`.

They are overridden, or held by this person; or all leads that a list is of are taken as marked, where those
are few or are found otherwise than by their rank.
"""

from leads.queue import values_sql
from leads.queue.scope import Claims, Scope


def marked(scope: Scope) -> str:
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
    if scope.within and scope.gathers:
        return _WITH_MARKS.format(leads=f"({scope.within.statement})")
    return _WITH_MARKS.format(leads=values_sql.leads_with(scope.rare)) if scope.rare else _TAKEN_OUT


def _marked_in(scope: Scope) -> str:
    conditions = ["COALESCE(s.team_id, 0) = ANY (%(teams)s::bigint[])", known(scope, "s")]
    if scope.claims is Claims.HIDE_FROM_OTHERS:
        conditions.append("COALESCE(k.user_id, %(user)s) = %(user)s")
    if scope.claims is Claims.HIDE:
        conditions.append("k.lead_id IS NULL")
    if scope.snoozed:
        conditions.append(f"NOT {_AWAKE}")
    elif scope.claims is not Claims.IGNORE:
        counted = "CASE WHEN w.wanted IS NULL THEN s.band ELSE e.band END"
        conditions.append(f"(k.lead_id IS NOT NULL OR {there(counted)})")
    elif not scope.rare and not scope.gathers:
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
MARKS = """
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


def there(band: str) -> str:
    """Neither snoozed, unless an intent signal woke it, nor skipped by this person, nor returned to marketing
    from the band that it counts for or a higher one (`leads.queue.away`)."""
    returned = f"(s.returned_rank IS NULL OR {band} > s.returned_rank)"
    return f"{_AWAKE} AND {returned} AND s.lead_id NOT IN (SELECT lead_id FROM skipped)"


# The bands of every version, each with its limits of a total.
BANDS = """
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


def wants_streams(scope: Scope) -> bool:
    return not (scope.claimed or scope.overridden or scope.snoozed or scope.rare or scope.gathers)


def known(scope: Scope, row: str) -> str:
    """The lead of a row is known to be as it is asked for."""
    tests = [values_sql.having(scope.values, row)]
    if scope.within is not None and scope.one_by_one:
        tests.append(scope.within.test(f"{row}.lead_id"))
    return " AND ".join(tests)
