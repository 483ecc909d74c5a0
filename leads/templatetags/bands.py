"""Bands as people see them: a name with a colour and a glyph."""

from django import template

register = template.Library()

TONES = ("hot", "sql", "mql")
LOWEST = "nurture"


@register.filter
def tone(rank: int, bands: int) -> str:
    """The look (a class of app.css) of the band that is `rank` of so many, counted from 0 at the bottom.

    The lowest is quiet; the others go from the top, so that a scale of any length ends in the hottest.
    """
    if rank <= 0:
        return LOWEST
    return TONES[min(bands - 1 - rank, len(TONES) - 1)]
