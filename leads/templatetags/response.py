"""Response clocks as people read them: "18 min late", "1 h 12 min left", "due tomorrow"."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.models import Lead
from leads.response.clocks import Clock, Waiting, last_touch, running

register = template.Library()

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@register.inclusion_tag("leads/wait.html")
def wait(waiting: Waiting | None) -> dict[str, Any]:
    """How long a lead may still wait; nothing where it doesn't."""
    return {"clock": waiting and waiting.first, "now": timezone.now()}


@register.inclusion_tag("leads/sections/response.html")
def response_clocks(lead: Lead) -> dict[str, Any]:
    """Both clocks of a lead with their exact times, and who reached for it last."""
    now = timezone.now()
    waiting = running([lead.pk], now=now).get(lead.pk)
    clocks = (
        ((_("Since the signal"), waiting.signal), (_("Since it was assigned"), waiting.assigned))
        if waiting
        else ()
    )
    return {"clocks": [pair for pair in clocks if pair[1]], "touched": last_touch(lead), "now": now}


@register.simple_tag
def due(clock: Clock, now: datetime) -> SafeString:
    """A time element that says how much is left, its title by the team's own clock."""
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        clock.due_at.isoformat(),
        _title(clock),
        say_due(clock, now),
    )


@register.simple_tag
def exact(at: datetime, clock: Clock) -> SafeString:
    """A moment by the clock of the lead's team."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), _exact(at, clock))


def say_due(clock: Clock, now: datetime) -> str:
    """Business time while it is a matter of hours, days beyond."""
    here, today = clock.due_at.astimezone(clock.zone).date(), now.astimezone(clock.zone).date()
    if clock.is_late:
        return _("%(length)s late") % {"length": _length(-clock.left, days=(today - here).days)}
    if here == today or clock.due_at - now < 12 * HOUR:
        return _("%(length)s left") % {"length": _length(clock.left, days=0)}
    if here - today == DAY:
        return _("due tomorrow")
    return _("due %(day)s") % {"day": date_format(here, "j M")}


def _length(length: timedelta, *, days: int) -> str:
    if days >= 2:
        return ngettext("%(count)d day", "%(count)d days", days) % {"count": days}
    if length < HOUR:
        return _("%(count)d min") % {"count": max(length // MINUTE, 1)}
    hours, minutes = length // HOUR, length % HOUR // MINUTE
    if hours >= 10 or not minutes:
        return _("%(count)d h") % {"count": hours}
    return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}


def _title(clock: Clock) -> str:
    times = {"due": _exact(clock.due_at, clock), "start": _exact(clock.started_at, clock)}
    return _("Due %(due)s, waiting since %(start)s") % times


def _exact(at: datetime, clock: Clock) -> str:
    return f"{date_format(at.astimezone(clock.zone), 'j M Y, H:i')} {clock.zone}"
