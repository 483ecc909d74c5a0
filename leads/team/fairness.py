"""Whether people were given leads of the same quality, or one got more good ones than chance."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

from leads.team.given import Given
from leadscoring.intervals import Interval, wilson

FEWEST_EXPECTED = 5.0


@dataclass(frozen=True, slots=True)
class Share:
    """How many leads of a band one person was given, and which share of all of that band that is."""

    leads: int
    share: float
    interval: Interval | None


def shares(leads: Iterable[Given]) -> dict[int, dict[str, Share]]:
    """By owner and key of band."""
    counts = Counter((lead.owner_id, lead.band) for lead in leads)
    of_band: Counter[str] = Counter()
    for (_owner, band), count in counts.items():
        of_band[band] += count
    found: dict[int, dict[str, Share]] = {}
    for (owner, band), count in counts.items():
        total = of_band[band]
        found.setdefault(owner, {})[band] = Share(count, count / total, wilson(count, total))
    return found


def counts(leads: Iterable[Given]) -> dict[int, Counter[str]]:
    """How many leads each owner was given, by key of band."""
    found: dict[int, Counter[str]] = {}
    for one in leads:
        found.setdefault(one.owner_id, Counter())[one.band] += 1
    return found


def chance(counts: Mapping[int, Mapping[str, int]]) -> float | None:
    """How likely chance alone mixes the bands of some people so unlike each other, by Pearson's chi-square.

    `counts` are leads by person and band. None where there is too little to tell: fewer than two people or
    bands, or a cell in which fewer than five are expected.
    """
    people = {owner: sum(bands.values()) for owner, bands in counts.items() if sum(bands.values())}
    of_band: Counter[str] = Counter()
    for bands in counts.values():
        of_band.update(bands)
    of_band = +of_band
    total = sum(people.values())
    if len(people) < 2 or len(of_band) < 2:
        return None
    freedom = (len(people) - 1) * (len(of_band) - 1)
    statistic = 0.0
    for owner, of_owner in people.items():
        for band, of_this in of_band.items():
            expected = of_owner * of_this / total
            if expected < FEWEST_EXPECTED:
                return None
            statistic += (counts[owner].get(band, 0) - expected) ** 2 / expected
    return upper_tail(statistic, freedom)


def upper_tail(statistic: float, freedom: int) -> float:
    """The chance of a chi-square at least this large; Wilson and Hilferty's, within 0.01 of the exact one."""
    spread = 2 / (9 * freedom)
    return 1 - NormalDist().cdf(((statistic / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5)
