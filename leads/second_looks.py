"""Second looks: a few leads of lower bands a day for each team, drawn at random with odds that are stored.

Leads that sales never sees can't show that the model was wrong about them. So a share of what a team can
work goes to leads that are drawn, not ranked. Within a band all that could be drawn have the same odds, which
are kept with those that were: an estimate weighs each by one over its odds and is free of the model's bias.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from secrets import token_hex
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from leads import access
from leads.models import Activity, OverrideKind, SecondLook, SecondLookDraw
from leads.scorer import Scales, scorer
from leadscoring.people.models import Team, User
from leadscoring.people.teams import Capacity, capacities
from leadscoring.prepared import prepared_cursor

SALES = "sales"
MOST_PLACES = 50
# What takes a drawn lead off the list for the day: somebody dealt with it.
DEALT_WITH = (
    Activity.Verb.NO_ANSWER,
    Activity.Verb.CONVERSATION,
    Activity.Verb.MEETING,
    Activity.Verb.OUTCOME,
    Activity.Verb.SKIPPED,
    Activity.Verb.SNOOZED,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead in the order of the draw within its band, of which `size` could be drawn."""

    band: str
    size: int
    lead_id: int
    version_id: int
    total: int


def draw_due(*, now: datetime) -> int:
    """Draw for every team whose day has no draw yet; how many draws were made."""
    scales = scorer().scales()
    if not scales.live:
        return 0
    recent = SecondLookDraw.objects.filter(day__gte=now.date() - timedelta(days=2))
    done = set(recent.values_list("team", "day"))
    due = [one for one in capacities() if (one.team.pk, today(one.team, now)) not in done]
    return sum(draw(one, scales, now=now) is not None for one in due)


def today(team: Team, now: datetime) -> date:
    """The day that it is for a team."""
    return now.astimezone(ZoneInfo(team.time_zone)).date()


def places_of(capacity: Capacity) -> int:
    """How many a day: the team's share of what its reps can work, rounded up."""
    return min(ceil(capacity.a_day * capacity.team.second_look_percent / 100), MOST_PLACES)


@transaction.atomic
def draw(
    capacity: Capacity, scales: Scales, *, now: datetime, seed: str | None = None
) -> SecondLookDraw | None:
    """Draw a team's leads of this day; None where somebody has. Of two at once the second waits and does
    nothing."""
    places, team = places_of(capacity), capacity.team
    made, is_new = SecondLookDraw.objects.get_or_create(
        team=team,
        day=today(team, now),
        defaults={"seed": seed or token_hex(16), "places": places, "drawn_at": now},
    )
    if not is_new:
        return None
    if places:
        SecondLook.objects.bulk_create(_looks(made, _candidates(made, scales, now=now)))
    return made


def allot(sizes: Sequence[int], places: int) -> list[int]:
    """How many places each stratum gets: one each while there are some, the rest by size, none above it."""
    given = [min(1, size) if rank < places else 0 for rank, size in enumerate(sizes)]
    for _ in range(places - sum(given)):
        room = [rank for rank, size in enumerate(sizes) if given[rank] < size]
        if not room:
            break
        given[max(room, key=lambda rank: (sizes[rank] / (given[rank] + 1), -rank))] += 1
    return given


def shown(*, user: User, now: datetime) -> list[SecondLook]:
    """Today's second looks that this person may work and nobody has dealt with, by place."""
    if not access.works_leads(user) or not user.team_ids:
        return []
    parameters = {
        "teams": list(user.team_ids),
        "user": user.pk,
        "whole_teams": access.works_whole_teams(user),
        "now": now,
        "dealt_with": [str(verb) for verb in DEALT_WITH],
    }
    with prepared_cursor() as cursor:
        cursor.execute(_SHOWN, parameters)
        ids = [pk for (pk,) in cursor.fetchall()]
    if not ids:
        return []
    looks = SecondLook.objects.filter(pk__in=ids).select_related(
        "lead__account", "lead__owner", "lead__score"
    )
    return list(looks.order_by("place", "pk"))


def _candidates(made: SecondLookDraw, scales: Scales, *, now: datetime) -> list[Candidate]:
    """The first of each band in the order of the draw, as many as there are places."""
    rungs = [
        (scale.version_id, band.rank, band.key)
        for scale in scales.all
        for band in scale.bands
        if band.worked_by != SALES
    ]
    versions, ranks, keys = (list(column) for column in zip(*rungs, strict=True)) if rungs else ([], [], [])
    parameters: dict[str, Any] = {
        "team": made.team_id,
        "now": now,
        "seed": made.seed,
        "places": made.places,
        "versions": versions,
        "ranks": ranks,
        "keys": keys,
    }
    with connection.cursor() as cursor:
        cursor.execute(_DRAW, parameters)
        return [Candidate(*row) for row in cursor.fetchall()]


def _looks(made: SecondLookDraw, candidates: Sequence[Candidate]) -> list[SecondLook]:
    bands: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        bands.setdefault(candidate.band, []).append(candidate)
    given = allot([of_band[0].size for of_band in bands.values()], made.places)
    chosen = [
        (candidate, count)
        for of_band, count in zip(bands.values(), given, strict=True)
        for candidate in of_band[:count]
    ]
    return [
        SecondLook(
            draw=made,
            place=place,
            lead_id=candidate.lead_id,
            band=candidate.band,
            size=candidate.size,
            drawn=count,
            version_id=candidate.version_id,
            total=candidate.total,
        )
        for place, (candidate, count) in enumerate(chosen, start=1)
    ]


# Taken at their word: one signal or one fact that says so, and none later that takes it back.
_SAYS_NO = """
    EXISTS (SELECT FROM leads_lead l WHERE l.id = {lead} AND l.facts -> 'unsubscribed' = 'true')
    OR EXISTS (
        SELECT FROM leads_signal g
          JOIN leads_signaltype t ON t.id = g.type_id
          JOIN (VALUES ('unsubscribed', 'resubscribed'), ('disconnected', 'reconnected')) AS w(off, on_again)
            ON w.off = t.key
         WHERE g.lead_id = {lead} AND g.retracted_at IS NULL
           AND NOT EXISTS (
               SELECT FROM leads_signal b JOIN leads_signaltype bt ON bt.id = b.type_id
                WHERE b.lead_id = g.lead_id AND bt.key = w.on_again AND b.retracted_at IS NULL
                  AND b.occurred_at > g.occurred_at))
"""
# Today's looks that are there to be worked by one person, as `access.workable_leads` and `queue.away` say.
# The same asked through the ORM takes 19 ms to put into words, on every page of the queue.
_SHOWN = f"""
SELECT k.id
  FROM leads_secondlookdraw d
  JOIN people_team t ON t.id = d.team_id AND d.day = (%(now)s AT TIME ZONE t.time_zone)::date
  JOIN leads_secondlook k ON k.draw_id = d.id
  JOIN leads_lead drawn ON drawn.id = k.lead_id AND drawn.is_open AND drawn.absorbed_into_id IS NULL
  LEFT JOIN leads_score s ON s.lead_id = drawn.id
  LEFT JOIN leads_claim c ON c.lead_id = drawn.id AND c.expires_at > %(now)s
 WHERE d.team_id = ANY (%(teams)s::bigint[])
   AND (drawn.team_id IS NULL OR drawn.team_id = ANY (%(teams)s::bigint[]))
   AND (%(whole_teams)s::boolean OR drawn.owner_id = %(user)s::bigint OR c.user_id = %(user)s::bigint
        OR drawn.owner_id IS NULL AND c.user_id IS NULL)
   AND (drawn.snoozed_until IS NULL OR drawn.snoozed_until <= %(now)s
        OR COALESCE(s.last_intent_at > drawn.snoozed_at, false))
   AND NOT EXISTS (SELECT FROM leads_activity a
                    WHERE a.lead_id = drawn.id AND a.at >= d.drawn_at AND a.undone_at IS NULL
                      AND a.verb = ANY (%(dealt_with)s::text[]))
   AND NOT EXISTS (SELECT FROM leads_override h
                    WHERE h.lead_id = drawn.id AND h.kind = '{OverrideKind.HOLD}'
                      AND h.starts_at <= %(now)s AND h.ends_at > %(now)s)
   AND NOT ({_SAYS_NO.format(lead="drawn.id")})
"""
# The order is by a hash of seed and lead: as good as any other order, and found again from what is stored.
_DRAW = f"""
WITH rungs AS (
    SELECT * FROM unnest(%(versions)s::int[], %(ranks)s::smallint[], %(keys)s::text[])
                      AS r(version, rank, key)
), frame AS (
    SELECT r.key, s.lead_id, s.version_id, s.total
      FROM leads_score s JOIN rungs r ON r.version = s.version_id AND r.rank = s.band
     WHERE s.is_open AND s.team_id = %(team)s
       AND (s.snoozed_until IS NULL OR s.snoozed_until <= %(now)s OR s.last_intent_at > s.snoozed_at)
       AND NOT EXISTS (SELECT FROM leads_claim c WHERE c.lead_id = s.lead_id AND c.expires_at > %(now)s)
       AND NOT EXISTS (SELECT FROM leads_override o
                        WHERE o.lead_id = s.lead_id AND o.starts_at <= %(now)s AND o.ends_at > %(now)s)
       AND NOT ({_SAYS_NO.format(lead="s.lead_id")})
)
SELECT key, size, lead_id, version_id, total FROM (
    SELECT f.*, count(*) OVER (PARTITION BY key) AS size,
           row_number() OVER (PARTITION BY key ORDER BY md5(%(seed)s || ':' || lead_id), lead_id) AS turn
      FROM frame f
) ordered WHERE turn <= %(places)s ORDER BY size DESC, key, turn
"""
