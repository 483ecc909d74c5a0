"""The leads that people were given lately: in which band each was then, and when it was first answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from leads.business_hours import elapsed
from leads.response.team_hours import hours_by_team
from leads.scorer import Scales

DAYS = 30
# Only the newest assignments of all teams are looked at, so that the page stays quick whatever the year was.
NEWEST = 20_000


@dataclass(frozen=True, slots=True)
class Given:
    """One lead that somebody was given. `band` is the key of its band then, "" without a score.

    `answer` is the business time until its owner first reached out; None where they haven't.
    """

    lead_id: int
    team_id: int
    owner_id: int
    at: datetime
    band: str
    answer: timedelta | None


def given(team_ids: Sequence[int], scales: Scales, *, now: datetime) -> list[Given]:
    """What the members of these teams were given in the last 30 days, the latest first."""
    hours = hours_by_team()
    since = now - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_GIVEN, {"teams": list(team_ids), "since": since, "newest": NEWEST, "now": now})
        rows = cursor.fetchall()
    return [
        Given(
            lead_id,
            team_id,
            owner_id,
            at,
            "" if version_id is None else scales.of(version_id).band_at(rank).key,
            None if touched is None else elapsed(hours.get(team_id), at, touched),
        )
        for lead_id, team_id, owner_id, at, version_id, rank, touched in rows
    ]


# The band is the one that it had, else the first one that it got.
_GIVEN = """
SELECT a.lead_id, a.team_id, a.owner_id, a.since,
       COALESCE(was.version_id, first.version_id, s.version_id),
       COALESCE(was.band, first.band, s.band),
       (SELECT min(t.at) FROM leads_activity t
         WHERE t.lead_id = a.lead_id AND t.actor_id = a.owner_id AND t.undone_at IS NULL
           AND leads_is_touch(t.verb) AND t.at >= a.since AND t.at < COALESCE(n.since, 'infinity'))
  FROM (SELECT * FROM leads_assignment ORDER BY id DESC LIMIT %(newest)s) a
  LEFT JOIN LATERAL (SELECT since FROM leads_assignment WHERE lead_id = a.lead_id AND id > a.id
                      ORDER BY id LIMIT 1) n ON TRUE
  LEFT JOIN LATERAL (SELECT version_id, band FROM leads_scorechange
                      WHERE lead_id = a.lead_id AND at <= a.since ORDER BY at DESC LIMIT 1) was ON TRUE
  LEFT JOIN LATERAL (SELECT version_id, band FROM leads_scorechange
                      WHERE lead_id = a.lead_id ORDER BY at LIMIT 1) first ON TRUE
  LEFT JOIN leads_score s ON s.lead_id = a.lead_id
 WHERE a.since >= %(since)s AND a.since <= %(now)s
   AND a.owner_id IS NOT NULL AND a.team_id = ANY (%(teams)s::bigint[])
 ORDER BY a.since DESC, a.id DESC
"""
