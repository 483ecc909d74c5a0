"""Who would get which leads when they are dealt out anew. Computes only; `reassigning` carries it out."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice

from django.db.models import F

from leads.models import Lead, Reassignment, Turn
from leadscoring.people.models import Membership, Team, User
from leadscoring.people.roles import Role

Way = Reassignment.Way


@dataclass(frozen=True, slots=True)
class Dealt:
    """One lead with where it is and where it would go; the ids None for nobody and no team."""

    lead_id: int
    from_team: int | None
    from_owner: int | None
    to_team: int | None
    to_owner: int | None
    rung: tuple[int, int] | None  # version and rank of its score

    @property
    def changes(self) -> bool:
        return (self.from_team, self.from_owner) != (self.to_team, self.to_owner)


@dataclass(frozen=True, slots=True)
class Deal:
    """Where leads would go, best first. `last` is whose turn it would then have been last, by team."""

    leads: tuple[Dealt, ...]
    last: Mapping[int, int | None] = field(default_factory=dict)

    @property
    def changed(self) -> tuple[Dealt, ...]:
        return tuple(lead for lead in self.leads if lead.changes)

    def shares(self) -> Counter[int | None]:
        """How many leads each owner would get, None for nobody."""
        return Counter(lead.to_owner for lead in self.changed)


@dataclass(frozen=True, slots=True)
class Hands:
    """Who may be dealt to: the teams of each person, the default one or the oldest first."""

    teams_of: Mapping[int, Sequence[int]]

    def team_for(self, user_id: int, team_id: int | None) -> int:
        """The team in which this person has a lead of that team: the same if they are in it."""
        teams = self.teams_of[user_id]
        return team_id if team_id is not None and team_id in teams else teams[0]


def hands(team_ids: Sequence[int] | None) -> Hands:
    """The active reps and managers of these teams (None: of all), by the order of their teams."""
    members = Membership.objects.filter(
        user__is_active=True, user__groups__name__in=(Role.REP, Role.MANAGER)
    ).order_by(F("team__is_default").desc(), "team", "user")
    if team_ids is not None:
        members = members.filter(team__in=team_ids)
    teams_of: dict[int, list[int]] = {}
    for user_id, team_id in members.values_list("user", "team").distinct():
        teams_of.setdefault(user_id, []).append(team_id)
    return Hands(teams_of)


def deal(lead_ids: Sequence[int], *, way: Way, to: Sequence[User], among: Hands, without: int | None) -> Deal:
    """Deal leads out from the best score down, so that each person gets of every band alike.

    `to` are the people of the way PEOPLE, all among the hands; `without` gets nothing by routing.
    """
    found = list(
        Lead.objects.filter(pk__in=lead_ids)
        .order_by(F("score__band").desc(nulls_last=True), F("score__total").desc(nulls_last=True), "pk")
        .values_list("pk", "team_id", "owner_id", "score__version_id", "score__band")
    )
    if way is Way.ROUTING:
        return _by_turns(found, without)
    if way is Way.NOBODY:
        return Deal(tuple(_dealt(row, row[1], None) for row in found))
    turns = cycle([user.pk for user in to])
    return Deal(
        tuple(
            _dealt(row, among.team_for(user_id, row[1]), user_id)
            for row, user_id in zip(found, turns, strict=False)
        )
    )


Found = tuple[int, int | None, int | None, int | None, int | None]


def _by_turns(found: Sequence[Found], without: int | None) -> Deal:
    """As new leads are routed: the reps of the team take turns; what no team has goes to the default team."""
    default = Team.objects.filter(is_default=True).values_list("pk", flat=True).first()
    reps = _reps(without)
    turns = {team: _after(users, last) for team, (users, last) in _with_turn(reps).items()}
    last: dict[int, int | None] = {}
    dealt = []
    for row in found:
        team = row[1]
        owner = None if team is None else next(turns.get(team, iter(())), None)
        if team is not None and owner is not None:
            last[team] = owner
        dealt.append(_dealt(row, default if team is None else team, owner))
    return Deal(tuple(dealt), last)


def _reps(without: int | None) -> dict[int, list[int]]:
    members = Membership.objects.filter(user__is_active=True, user__groups__name=Role.REP)
    reps: dict[int, list[int]] = {}
    for team_id, user_id in members.exclude(user=without).order_by("user").values_list("team", "user"):
        reps.setdefault(team_id, []).append(user_id)
    return reps


def _with_turn(reps: Mapping[int, list[int]]) -> dict[int, tuple[list[int], int]]:
    last = dict(Turn.objects.filter(team__in=reps).values_list("team", "last_user_id"))
    return {team: (users, last.get(team) or 0) for team, users in reps.items()}


def _after(users: Sequence[int], last: int) -> Iterator[int]:
    """The users over and over, beginning with the one after the last."""
    start = next((place for place, user_id in enumerate(users) if user_id > last), 0)
    return islice(cycle(users), start, None)


def _dealt(row: Found, to_team: int | None, to_owner: int | None) -> Dealt:
    lead_id, team, owner, version, rank = row
    rung = None if version is None or rank is None else (version, rank)
    return Dealt(lead_id, team, owner, to_team, to_owner, rung)
