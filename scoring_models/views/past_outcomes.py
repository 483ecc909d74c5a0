"""The backtest of frozen evidence as the review page shows it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from django.utils.dateparse import parse_datetime

from scoring_models import charts
from scoring_models.views.band_names import BandName, Content


def past_outcomes(past: Content, bands: Sequence[Content], live_bands: Sequence[Content]) -> dict[str, Any]:
    """Both versions side by side: curves, and the bands of each with their win rates."""
    sides = [(past["other"], bands)] + ([(past["live"], live_bands)] if past["live"] else [])
    curves = [charts.GAINS.line(side["gains"]) if side["gains"] else "" for side, _bands in sides]
    return {
        "since": parse_datetime(past["since"]),
        "until": parse_datetime(past["until"]),
        "others": past["leads"] - past["wins"],
        "base_rate": past["wins"] / past["leads"] if past["leads"] else None,
        "curve": curves[0],
        "live_curve": curves[1] if past["live"] else "",
        "gains_rows": [_gains_row(past, share) for share in (0.1, 0.2, 0.3, 0.5)],
        "rates": [
            [band | {"band": BandName(band["rank"], band["name"], of)} for band in reversed(side["bands"])]
            for side, of in sides
        ],
    }


def _gains_row(past: Content, share: float) -> tuple[float, float | None, float | None]:
    other, live = (
        _found(side["gains"], share) if side and side["gains"] else None
        for side in (past["other"], past["live"])
    )
    return share, other, live


def _found(curve: Sequence[Sequence[float]], share: float) -> float:
    """The share of wins that a curve has found at that share of leads."""
    for (x1, y1), (x2, y2) in pairwise(curve):
        if x1 <= share <= x2:
            return y1 + (y2 - y1) * (share - x1) / (x2 - x1)
    return 1.0
