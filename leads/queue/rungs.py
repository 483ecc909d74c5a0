"""The bands of several versions beside each other: which of them a list is of, and the ranks of these."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from leads.queue.criteria import Criteria
from leads.scorer import Band, Scales


class Rung(NamedTuple):
    """A band of a version, by its rank from the top."""

    version_id: int
    rank: int


def rungs_asked_for(scales: Scales, worked_by: str, criteria: Criteria) -> tuple[Rung, ...]:
    """The bands that sales, or marketing, works and somebody asks for, of all versions that score leads."""
    keys, model = criteria.bands, criteria.model
    return tuple(
        Rung(scale.version_id, band.rank)
        for scale in scales.all
        if model in (None, scale.model_id)
        for band in scale.bands
        if band.worked_by == worked_by and (not keys or band.key in keys)
    )


def by_band(rungs: Iterable[Rung], scales: Scales) -> list[tuple[Band, tuple[Rung, ...]]]:
    """The bands of each key together, from the top: with one that stands for them, a live one if there is."""
    found: dict[str, list[Rung]] = {}
    for rung in rungs:
        found.setdefault(_band(rung, scales).key, []).append(rung)
    named = [(_band(same[0], scales), tuple(same)) for same in found.values()]
    return sorted(named, key=lambda pair: -max(rung.rank for rung in pair[1]))


def are_mixed(rungs: Collection[Rung], scales: Scales) -> bool:
    """Whether a rank is wanted of one version and not of another: then each lead's own must be looked at."""
    wanted, ranks = set(rungs), {rung.rank for rung in rungs}
    return any(
        band.rank in ranks and (scale.version_id, band.rank) not in wanted
        for scale in scales.all
        for band in scale.bands
    )


def runs_of(rungs: Iterable[Rung]) -> list[tuple[int, int]]:
    """Their ranks as ranges without gaps."""
    runs: list[tuple[int, int]] = []
    for rank in sorted({rung.rank for rung in rungs}):
        low = runs.pop()[0] if runs and runs[-1][1] == rank - 1 else rank
        runs.append((low, rank))
    return runs


def _band(rung: Rung, scales: Scales) -> Band:
    return scales.of(rung.version_id).bands[rung.rank]
