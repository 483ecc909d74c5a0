"""When a person's day of work begins: the moments to which leads are put off."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from leads.business_hours import MINUTES_A_DAY, Hours, opening_from
from leads.response.team_hours import hours_by_team, zone_of
from leadscoring.people.models import User

DAY = timedelta(days=1)
# Of a team that never said when it is at work.
WEEK = (*((8 * 60, MINUTES_A_DAY),) * 5, None, None)


@dataclass(frozen=True, slots=True)
class Mornings:
    """The mornings of somebody: the openings of their first team, by its clock.

    Without opening hours, weekdays at eight.
    """

    hours: Hours

    def after(self, days: int, *, now: datetime) -> datetime:
        """When they are next at work on the day that is so many days ahead, or later."""
        return opening_from(self.hours, self._today(now) + days * DAY)

    def next_week(self, *, now: datetime) -> datetime:
        """When the work of next week begins."""
        return self.after(7 - self._today(now).weekday(), now=now)

    def _today(self, now: datetime) -> date:
        return now.astimezone(self.hours.zone).date()


def mornings_of(user: User) -> Mornings:
    """One query, at most."""
    hours = hours_by_team().get(user.team_ids[0]) if user.team_ids else None
    return Mornings(hours or eight_on_weekdays(zone_of(user)))


def eight_on_weekdays(zone: tzinfo) -> Hours:
    return Hours(zone, WEEK)
