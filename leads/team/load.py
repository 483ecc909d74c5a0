"""What the reps of a team can work in a day, against what comes to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from leads.business_hours import Hours
from leads.response.team_hours import hours_by_team
from leads.team.given import DAYS, Given
from leadscoring.people.models import Team
from leadscoring.people.teams import capacities


@dataclass(frozen=True, slots=True)
class Load:
    """`a_day` is what `reps` can work, `came` how many leads of sales' bands they were given in 30 days, of
    which `days` were working days."""

    team: Team
    reps: int
    a_day: int
    came: int
    days: int

    @property
    def came_a_day(self) -> float:
        return self.came / self.days if self.days else 0.0


def loads(team_ids: Sequence[int], leads: Sequence[Given], *, bands: set[str], now: datetime) -> list[Load]:
    """The load of each team by name. A lead that was given twice comes once."""
    came: dict[int, set[int]] = {}
    for lead in leads:
        if lead.band in bands:
            came.setdefault(lead.team_id, set()).add(lead.lead_id)
    hours = hours_by_team()
    days = [now.date() - timedelta(days=ago) for ago in range(DAYS)]
    found = []
    for one in capacities():
        if one.team.pk not in team_ids:
            continue
        at_work = hours.get(one.team.pk)
        working = [day for day in days if at_work is None or _works(at_work, day)]
        found.append(Load(one.team, one.reps, one.a_day, len(came.get(one.team.pk, ())), len(working)))
    return found


def _works(hours: Hours, day: date) -> bool:
    return bool(hours.week[day.weekday()]) and day not in hours.holidays
