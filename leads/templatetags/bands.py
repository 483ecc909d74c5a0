"""Bands as people see them: a name with a colour and a glyph."""

from collections.abc import Sized

from django import template

from leads.scorer import Band, Scale

register = template.Library()

TONES = ("hot", "sql", "mql")
LOWEST = "nurture"


@register.filter
def tone(rank: int, bands: Sized) -> str:
    """The look (a class of app.css) of the band that is `rank` of these, counted from 0 at the bottom.

    The lowest is quiet; the others go from the top, so that a scale of any length ends in the hottest.
    """
    if rank <= 0:
        return LOWEST
    return TONES[min(max(len(bands) - 1 - rank, 0), len(TONES) - 1)]


@register.filter
def band_at(scale: Scale | None, rank: int) -> Band | None:
    """The band of that rank, or the top one where an earlier version had more; None without a live model."""
    return None if scale is None else scale.bands[min(rank, len(scale.bands) - 1)]
