"""Moments as people say them; the exact one is always there for who points at it or listens to it."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leadscoring.local_times import exact, zone_name

register = template.Library()

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR
LISTED_DAYS = 7


@register.simple_tag
def moment(at: datetime | None, now: datetime | None = None) -> SafeString | str:
    """A time element: "2 h ago", "in 3 days", "3 Dec"; nothing for None."""
    return "" if at is None else _time(at, say(at, now or timezone.now()))


@register.simple_tag
def day(at: datetime | None, now: datetime | None = None) -> SafeString | str:
    """A time element that says the day: "today", "tomorrow", "3 Dec"."""
    return "" if at is None else _time(at, say_day(at, now or timezone.now()))


@register.simple_tag
def until(at: datetime, now: datetime) -> SafeString:
    """A time element: "the end of 6 Dec", "tomorrow, 14:00"."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), say_until(at, now))


@register.simple_tag
def exactly(at: datetime) -> str:
    """A moment to the minute, with its zone."""
    return exact(at)


@register.simple_tag
def zone() -> str:
    """The zone in which this page shows and reads times."""
    return zone_name()


def _time(at: datetime, said: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact(at), said)


def say(at: datetime, now: datetime) -> str:
    """How long ago or ahead a moment is; past a week, its day."""
    seconds = (at - now).total_seconds()
    if abs(seconds) >= LISTED_DAYS * DAY:
        return say_day(at, now)
    if abs(seconds) < MINUTE:
        return _("just now") if seconds <= 0 else _("in a moment")
    length = _length(abs(seconds))
    return (
        _("in %(length)s") % {"length": length} if seconds > 0 else _("%(length)s ago") % {"length": length}
    )


def say_day(at: datetime, now: datetime) -> str:
    here, today = timezone.localtime(at).date(), timezone.localtime(now).date()
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get((here - today) // timedelta(days=1))
    return near or date_format(here, "j M" if here.year == today.year else "j M Y")


def say_until(at: datetime, now: datetime) -> str:
    """Until when something holds: "the end of 6 Dec" where it ends at midnight, else "6 Dec, 14:00"."""
    here = timezone.localtime(at)
    if (here.hour, here.minute, here.second) == (0, 0, 0):
        return _("the end of %(day)s") % {"day": say_day(at - timedelta(seconds=1), now)}
    return f"{say_day(at, now)}, {date_format(here, 'H:i')}"


def _length(seconds: float) -> str:
    if seconds < HOUR:
        return _("%(count)d min") % {"count": seconds // MINUTE}
    if seconds < DAY:
        return _("%(count)d h") % {"count": seconds // HOUR}
    days = int(seconds // DAY)
    return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
