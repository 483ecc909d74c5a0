"""Figures out of times measured."""

from collections.abc import Sequence
from math import ceil
from statistics import median


def percentile(times: Sequence[float], share: float) -> float:
    """The time that this share of all did not exceed (nearest rank)."""
    return sorted(times)[max(ceil(share * len(times)) - 1, 0)]


def in_milliseconds(
    times: Sequence[float], target: float | None = None, *, share: float = 0.99
) -> dict[str, object]:
    """p50, p95 and p99 of times in seconds; with a target (ms), whether the percentile `share` reaches it."""
    figures: dict[str, object] = {
        "p50_ms": round(percentile(times, 0.5) * 1000, 3),
        "p95_ms": round(percentile(times, 0.95) * 1000, 3),
        "p99_ms": round(percentile(times, 0.99) * 1000, 3),
    }
    if target is not None:
        figures |= {"target_ms": target, "reached": percentile(times, share) * 1000 <= target}
    return figures


def against(times: Sequence[float], floors: Sequence[float], target: float) -> dict[str, object]:
    """Median seconds, and the median of each round's ratio to the floor of the same round."""
    ratio = median(time / floor for time, floor in zip(times, floors, strict=True))
    return {
        "seconds": round(median(times), 4),
        "ratio": round(ratio, 3),
        "ratios": [round(time / floor, 3) for time, floor in zip(times, floors, strict=True)],
        "target_ratio": target,
        "reached": ratio <= target,
    }
