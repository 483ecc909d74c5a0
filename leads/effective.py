"""What an override makes of a score. Pure, and never stored; the queue's SQL computes the same."""

from dataclasses import dataclass

from leads.models import Override, OverrideKind, Score
from leads.scorer import Band, Scale


@dataclass(frozen=True, slots=True)
class Effective:
    """What the queue ranks by. `clip` is what the version's floor gave (above 0) or its ceiling took."""

    total: int
    band: Band
    clip: int = 0


def effective(score: Score, override: Override | None, scale: Scale) -> Effective:
    """The score with the override that is active, if any. Pure; the queue's SQL computes the same.

    `scale` is that of the version that scored it. Holding back changes no number, and neither does a band
    that the version doesn't have.
    """
    wanted = _wanted(score.total, override, scale)
    if wanted is None:
        return Effective(score.total, scale.band_at(score.band))
    total = _clamp(wanted, scale.floor, scale.ceiling)
    return Effective(total, band_of(total, scale), total - wanted)


def band_of(total: int, scale: Scale) -> Band:
    """The highest band whose lower edge the total reaches."""
    return max(
        (band for band in scale.bands if band.lower_edge is None or band.lower_edge <= total),
        key=lambda band: band.rank,
    )


def edges(band: Band, scale: Scale) -> tuple[int | None, int | None]:
    """The lowest and the highest total inside a band; None where it has no such end."""
    above = scale.bands[band.rank + 1] if band.rank < -1 else None
    upper = above.lower_edge - 1 if above is not None and above.lower_edge is not None else None
    return band.lower_edge, upper


def _wanted(total: int, override: Override | None, scale: Scale) -> int | None:
    """The total that an override asks for, before floor and ceiling; None where it asks for none."""
    match override:
        case Override(kind=OverrideKind.SCORE, points=int(points)):
            return points
        case Override(kind=OverrideKind.POINTS, points=int(points)):
            return total + points
        case Override(kind=OverrideKind.BAND, band=key):
            band = next((band for band in scale.bands if band.key == key), None)
            return None if band is None else _clamp(total, *edges(band, scale))
    return None


def _clamp(number: int, low: int | None, high: int | None) -> int:
    """`number`, not below `low` and then not above `high`."""
    raised = number if low is None else max(number, low)
    return raised if high is None else min(raised, high)
