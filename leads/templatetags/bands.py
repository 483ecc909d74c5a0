"""Bands as people see them: a name with a colour and a glyph."""

from collections.abc import Sized

from django import template

from leads.models import Score
from leads.scorer import Band, Scales

register = template.Library()

TONES = ("hot", "sql", "mql")
LOWEST = "nurture"


@register.filter
def tone(rank: int, bands: Sized) -> str:
    """The look (a class of app.css) of the band that is `rank` of these, counted from 0 at the bottom.

    The lowest is quiet; the others go from the top, so that a scale of any length ends in the hottest.
    """
    if rank < 0:
        rank += len(bands)
    return _tone(len(bands) - 1 - rank, is_lowest=rank <= 0)


@register.filter
def look(band: Band) -> str:
    """The look of a band, as `tone` has it."""
    return _tone(-1 - band.rank, is_lowest=band.lower_edge is None)


@register.filter
def band_of(scales: Scales, score: Score) -> Band:
    """The band of a stored score, by the version that scored it."""
    return scales.of(score.version_id).band_at(score.band)


def _tone(below_the_top: int, *, is_lowest: bool) -> str:
    return LOWEST if is_lowest else TONES[min(max(below_the_top, 0), len(TONES) - 1)]
