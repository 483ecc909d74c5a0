"""How a score moved since yesterday, as a row of a list says it."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from leads.queue.yesterday import Moved
from leadscoring.local_times import exact

register = template.Library()


@register.simple_tag
def delta(moved: Moved | None) -> SafeString:
    """An arrow with points; who listens hears a sentence, the title has the earlier score and its moment."""
    if moved is None:
        flat = '<span class="delta flat" aria-hidden="true" title="{}">–</span>'
        return format_html(flat, _("No change since yesterday"))
    if moved.points is None or moved.at is None:
        return format_html('<span class="delta flat">{}</span>', _("new"))
    points, up = abs(moved.points), moved.points >= 0
    words = _("up %(points)d since yesterday") if up else _("down %(points)d since yesterday")
    return format_html(
        '<span class="delta {}" title="{}"><span aria-hidden="true">{} {}</span>'
        '<span class="visually-hidden">{}</span></span>',
        "up" if up else "down",
        _("%(total)d since %(moment)s") % {"total": moved.total or 0, "moment": exact(moved.at)},
        "▲" if up else "▼",
        points,
        words % {"points": points},
    )


@register.simple_tag
def crossed(moved: Moved | None) -> SafeString:
    """Which other band it was in."""
    if moved is None or moved.band is None:
        return mark_safe("")
    return format_html('<span class="crossed">{}</span>', _("was %(band)s") % {"band": moved.band.name})
