"""When a team is at work: its time zone, opening hours and holidays."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import SYSTEM_EMAIL, Holiday, OpeningHours, SettingChange, Team, User
from leadscoring.people.roles import Role
from leadscoring.people.setting_changes import Settings, note

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class TeamHours:
    """As people fill them in: spans of minutes by weekday (0 is Monday); none at all is always at work."""

    time_zone: str = "UTC"
    week: Mapping[int, Span] = field(default_factory=dict)
    holidays: frozenset[date] = frozenset()


def hours_of(team: Team) -> TeamHours:
    rows = OpeningHours.objects.filter(team=team).values_list("weekday", "opens", "closes")
    days = Holiday.objects.filter(team=team).values_list("day", flat=True)
    return TeamHours(
        team.time_zone, {weekday: (opens, closes) for weekday, opens, closes in rows}, frozenset(days)
    )


def may_set(user: User, team: Team) -> bool:
    """Admins, and the managers who belong to the team."""
    manages = user.has_role(Role.MANAGER) and team.pk in user.team_ids
    return user.has_role(Role.ADMIN) or manages or user.email == SYSTEM_EMAIL


@transaction.atomic
def set_hours(*, team: Team, hours: TeamHours, actor: User, at: datetime) -> None:
    """Set when a team is at work. The same hours again change nothing.

    Raises DomainError `hours.not_yours`, `hours.zone` or `hours.order`.
    """
    if not may_set(actor, team):
        raise DomainError("hours.not_yours", _("Only an Admin or a manager of this team can set its hours."))
    check_zone(hours.time_zone)
    check_week(hours.week.values())
    Team.objects.select_for_update().get(pk=team.pk)
    before = hours_of(team)
    if hours == before:
        return
    team.time_zone = hours.time_zone
    team.save(update_fields=("time_zone",))
    OpeningHours.objects.filter(team=team).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(team=team, weekday=weekday, opens=opens, closes=closes)
        for weekday, (opens, closes) in hours.week.items()
    )
    Holiday.objects.filter(team=team).exclude(day__in=hours.holidays).delete()
    Holiday.objects.bulk_create(
        (Holiday(team=team, day=day) for day in sorted(hours.holidays)), ignore_conflicts=True
    )
    note(
        of=SettingChange.Of.TEAM,
        subject_id=team.pk,
        name=team.name,
        before=as_kept(before),
        after=as_kept(hours),
        actor=actor,
        at=at,
    )
    record(action="team.hours_set", target=team, actor=actor, at=at, **as_kept(hours))


def as_kept(hours: TeamHours) -> dict[str, Any]:
    """The hours as JSON has them."""
    return {
        "time_zone": hours.time_zone,
        "week": {str(weekday): list(span) for weekday, span in sorted(hours.week.items())},
        "holidays": [day.isoformat() for day in sorted(hours.holidays)],
    }


def from_kept(kept: Settings) -> TeamHours:
    """The hours that `as_kept` made into JSON."""
    week = {int(weekday): (opens, closes) for weekday, (opens, closes) in kept["week"].items()}
    return TeamHours(kept["time_zone"], week, frozenset(map(date.fromisoformat, kept["holidays"])))


def in_words(team: Team) -> str:
    """When the team is at work, for who may only read it: "Monday to Friday 09:00–17:00 (Europe/Berlin)"."""
    hours = hours_of(team)
    days = [
        f"{_weekdays(first, last)} {_clock(opens)}–{_clock(closes)}"
        for first, last, (opens, closes) in _runs(hours.week)
    ]
    holidays = [date_format(day, "j M Y") for day in sorted(hours.holidays)]
    said = f"{', '.join(days) or _('always')} ({hours.time_zone})"
    return said + (_("; not on %(days)s") % {"days": ", ".join(holidays)} if holidays else "")


def _runs(week: Mapping[int, Span]) -> Iterator[tuple[int, int, Span]]:
    """The first and the last of weekdays in a row that have the same hours."""
    placed = enumerate(sorted(week))
    for _key, run in groupby(placed, key=lambda each: (each[1] - each[0], week[each[1]])):
        days = [day for _place, day in run]
        yield days[0], days[-1], week[days[0]]


def _weekdays(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS[first])
    return _("%(first)s to %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def check_zone(name: str) -> None:
    """Raises DomainError `hours.zone`."""
    if name not in zones():
        raise DomainError("hours.zone", _("There is no time zone “%(name)s”.") % {"name": name})


def check_week(spans: Collection[Span]) -> None:
    """Raises DomainError `hours.order`."""
    if any(not 0 <= opens < closes <= 24 * 60 for opens, closes in spans):
        raise DomainError("hours.order", _("A day's hours end after they begin."))


@cache
def zones() -> tuple[str, ...]:
    """The names of time zones that people may choose from, in order."""
    return tuple(sorted(name for name in available_timezones() if _is_a_place(name)))


def _is_a_place(name: str) -> bool:
    """Not one of the old names that stand for a place's time or for a fixed offset."""
    return name == "UTC" or ("/" in name and not name.startswith(("Etc/", "SystemV/", "US/")))
