"""The clocks that run, as pages show them: how much business time is left, or how much too late it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, F, Func

from leads.business_hours import Hours, elapsed
from leads.models import Activity, Lead
from leads.response.team_hours import HOURS, hours_from
from leadscoring.people.models import User
from leadscoring.prepared import prepared_cursor

UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock that runs. `left` is business time, below zero once it is late; `zone` its team's."""

    started_at: datetime
    due_at: datetime
    left: timedelta
    zone: tzinfo

    @property
    def is_late(self) -> bool:
        return self.left < timedelta()


@dataclass(frozen=True, slots=True)
class Waiting:
    """The clocks of a lead; None for one that doesn't run."""

    signal: Clock | None
    assigned: Clock | None

    @property
    def first(self) -> Clock:
        """The one that is due sooner."""
        return min((clock for clock in (self.signal, self.assigned) if clock), key=lambda clock: clock.due_at)


@dataclass(frozen=True, slots=True)
class LastTouch:
    at: datetime
    by: User


# For statements that say of rows `r` of leads_response, joined with hours `h`, what `waiting_of` takes.
HOURS_OF_TEAMS = f"hours(team_id, zone, opens, closes, holidays) AS MATERIALIZED ({HOURS})"
CLOCK_COLUMNS = (
    "r.signal_at, r.signal_due_at, r.assigned_at, r.assigned_due_at, h.zone, h.opens, h.closes, h.holidays"
)
_RUNNING = f"""
WITH {HOURS_OF_TEAMS}
SELECT r.lead_id, {CLOCK_COLUMNS}
  FROM leads_response r LEFT JOIN hours h USING (team_id) WHERE r.lead_id = ANY (%(leads)s::bigint[])
"""


def running(lead_ids: Collection[int], *, now: datetime) -> dict[int, Waiting]:
    """The clocks of those of these leads that wait for somebody. One query, however many."""
    with prepared_cursor() as cursor:
        cursor.execute(_RUNNING, {"leads": list(lead_ids)})
        rows = cursor.fetchall()
    found = {lead_id: waiting_of(*columns, now=now) for lead_id, *columns in rows}
    return {lead_id: waiting for lead_id, waiting in found.items() if waiting is not None}


def waiting_of(
    signal_at: datetime | None,
    signal_due_at: datetime | None,
    assigned_at: datetime | None,
    assigned_due_at: datetime | None,
    zone: str | None,
    *of_hours: Any,
    now: datetime,
) -> Waiting | None:
    """What the values of `CLOCK_COLUMNS` say; None where no clock runs."""
    hours = None if zone is None else hours_from(zone, *of_hours)
    waiting = Waiting(
        _clock(signal_at, signal_due_at, hours, now), _clock(assigned_at, assigned_due_at, hours, now)
    )
    return waiting if waiting.signal or waiting.assigned else None


def last_touch(lead: Lead) -> LastTouch | None:
    """Who reached for the lead last, and when; None where nobody has yet."""
    is_touch = Func(F("verb"), function="leads_is_touch", output_field=BooleanField())
    touches = Activity.objects.filter(is_touch, lead=lead, undone_at=None)
    last = touches.select_related("actor").order_by("-at", "-pk").first()
    return None if last is None else LastTouch(last.at, last.actor)


def _clock(
    started_at: datetime | None, due_at: datetime | None, hours: Hours | None, now: datetime
) -> Clock | None:
    if started_at is None or due_at is None:
        return None
    return Clock(started_at, due_at, _left(hours, now, due_at), hours.zone if hours else UTC)


def _left(hours: Hours | None, now: datetime, due_at: datetime) -> timedelta:
    """Business time until then; below zero as soon as it has passed, though nobody be at work."""
    left = elapsed(hours, now, due_at)
    return left if left or now <= due_at else -timedelta.resolution
