"""The clocks that run, as pages show them: how much business time is left, or how much too late it is."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, F, Func

from leads.business_hours import Hours, elapsed
from leads.models import Activity, Lead
from leads.response.team_hours import hours_by_team
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


_RUNNING = """
SELECT lead_id, team_id, signal_at, signal_due_at, assigned_at, assigned_due_at
  FROM leads_response WHERE lead_id = ANY (%(leads)s::bigint[])
"""


def running(lead_ids: Collection[int], *, now: datetime) -> dict[int, Waiting]:
    """The clocks of those of these leads that wait for somebody. At most two queries, however many."""
    with prepared_cursor() as cursor:
        cursor.execute(_RUNNING, {"leads": list(lead_ids)})
        rows = cursor.fetchall()
    hours_of = hours_by_team() if rows else {}
    return {
        lead_id: Waiting(
            _clock(signal_at, signal_due_at, hours_of.get(team), now),
            _clock(assigned_at, assigned_due_at, hours_of.get(team), now),
        )
        for lead_id, team, signal_at, signal_due_at, assigned_at, assigned_due_at in rows
    }


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
