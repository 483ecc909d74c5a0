"""How long sales' queues would be, against what the reps of each team can work in a day."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from leadscoring.people.teams import capacities
from scoring_models.evidence_pack.impact import TEAM, Cell, Impact
from scoring_models.evidence_pack.sales import sales_ranks
from scoring_models.spec import Spec

NOWHERE: Mapping[int | None, int] = MappingProxyType({})


class Reps(NamedTuple):
    """How many a team has, and what they can work a day; `team_id` None: of no team, or of all together."""

    team_id: int | None
    reps: int = 0
    a_day: int = 0


@dataclass(frozen=True, slots=True)
class BandLoad:
    """A band that sales works: its open leads now (None: there is no such band yet), then, and new in it."""

    key: str
    rank: int
    now: int | None
    then: int
    new: int


@dataclass(frozen=True, slots=True)
class TeamLoad:
    """A team's queue in leads: now, then, and those that aren't in it yet. `team_id` None: of no team.

    `a_day` is what its reps can work: their number times the team's leads a rep a day. `elsewhere` are the
    leads that wait for the same reps in the queues of other models then.
    """

    team_id: int | None
    reps: int
    a_day: int
    now: int
    then: int
    new: int
    elsewhere: int
    bands: tuple[BandLoad, ...]


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """All teams together, and each, the longest queue first."""

    everybody: TeamLoad
    teams: tuple[TeamLoad, ...]


def queue_load(
    live: Spec | None, other: Spec, moves: Impact, elsewhere: Mapping[int | None, int] = NOWHERE
) -> QueueLoad:
    """What the moves mean for each team's queue, `elsewhere` being those of other models by team."""
    cells = {group.value: group.cells for group in moves.groups[TEAM] if not group.others}
    teams = [
        _load(one, elsewhere.get(one.team_id, 0), cells.pop(str(one.team_id), ()), live, other)
        for one in (Reps(one.team.pk, one.reps, one.a_day) for one in capacities())
    ]
    everybody = Reps(None, sum(team.reps for team in teams), sum(team.a_day for team in teams))
    left = [cell for of_no_team in cells.values() for cell in of_no_team]
    if left or elsewhere.get(None):
        teams.append(_load(Reps(None), elsewhere.get(None, 0), left, live, other))
    return QueueLoad(
        _load(everybody, sum(elsewhere.values()), moves.cells, live, other),
        tuple(sorted(teams, key=lambda load: (-load.then, load.team_id or 0))),
    )


def _load(reps: Reps, elsewhere: int, cells: Sequence[Cell], live: Spec | None, other: Spec) -> TeamLoad:
    was = sales_ranks(live.bands) if live else frozenset()
    becomes = sales_ranks(other.bands)
    return TeamLoad(
        **reps._asdict(),
        elsewhere=elsewhere,
        now=_sum(cell for cell in cells if cell.was in was),
        then=_sum(cell for cell in cells if cell.becomes in becomes),
        new=_sum(cell for cell in cells if cell.becomes in becomes and cell.was not in was),
        bands=tuple(_band_loads(cells, live, other)),
    )


def _band_loads(cells: Sequence[Cell], live: Spec | None, other: Spec) -> Iterator[BandLoad]:
    """The bands that sales works, from the top. A band is the same where its key is."""
    ranks = {band.key: rank for rank, band in enumerate(live.bands)} if live else {}
    for rank in sorted(sales_ranks(other.bands), reverse=True):
        key = other.bands[rank].key
        before = ranks.get(key)
        yield BandLoad(
            key=key,
            rank=rank,
            now=None if before is None else _sum(cell for cell in cells if cell.was == before),
            then=_sum(cell for cell in cells if cell.becomes == rank),
            new=_sum(
                cell for cell in cells if cell.becomes == rank and (before is None or cell.was != before)
            ),
        )


def _sum(cells: Iterable[Cell]) -> int:
    return sum(cell.leads for cell in cells)
