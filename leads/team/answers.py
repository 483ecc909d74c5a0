"""How long it took until leads were first answered, in business hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil
from statistics import median

from leads.team.given import Given

P90 = 0.9


@dataclass(frozen=True, slots=True)
class Answers:
    """Of `given` leads `answered` were; the times are theirs, None where none was."""

    given: int
    answered: int
    median: timedelta | None
    p90: timedelta | None


def answers(leads: Iterable[Given]) -> Answers:
    """What the first answers to these leads took. `p90` is one of the times, by nearest rank."""
    leads = list(leads)
    times = sorted(lead.answer for lead in leads if lead.answer is not None)
    if not times:
        return Answers(len(leads), 0, None, None)
    middle = timedelta(seconds=median(time.total_seconds() for time in times))
    return Answers(len(leads), len(times), middle, times[ceil(P90 * len(times)) - 1])
