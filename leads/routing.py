"""To which team and owner a new lead goes.

What the source names wins. Else the account's owner and a team of theirs; else the team that the routing list
names, its reps taking turns; else the default team, unowned, where any of its reps can work it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches

from django.db import connection
from django.utils.translation import gettext as _

from leads.attributes import Fact, read_value
from leads.models import Attribute, RoutingEntry
from leadscoring.errors import DomainError
from leadscoring.people.models import Membership, Team, User
from leadscoring.people.roles import Role


@dataclass(frozen=True, slots=True)
class Assignment:
    team_id: int
    owner_id: int | None


class Router:
    """Routes leads for the length of one transaction, in which it holds the turns it takes."""

    def __init__(self) -> None:
        self._teams = list(Team.objects.order_by("pk"))
        self._members: dict[int, list[int]] = defaultdict(list)
        self._teams_of: dict[int | None, list[int]] = {}
        active = Membership.objects.filter(user__is_active=True)
        for team_id, user_id in active.order_by("team_id", "user_id").values_list("team_id", "user_id"):
            self._members[team_id].append(user_id)
            self._teams_of.setdefault(user_id, []).append(team_id)
        self._reps = set(User.objects.filter(groups__name=Role.REP).values_list("pk", flat=True))
        self._entries = [
            (entry.attribute.key, _facts(entry.attribute, entry.values), entry.team_id)
            for entry in RoutingEntry.objects.select_related("attribute").order_by("position", "pk")
        ]
        self._turns: dict[int, int | None] = {}

    def route(self, facts: Mapping[str, Fact | None], account_owner_id: int | None) -> Assignment:
        """Where a new lead goes that its source names nobody for. Raises DomainError `team.none`."""
        if account_owner_id in self._teams_of:
            return self.to_owner(account_owner_id)
        for key, values, team_id in self._entries:
            if facts.get(key) in values:
                return self.to_team(team_id)
        return Assignment(self._default_team(), None)

    def to_team(self, team_id: int) -> Assignment:
        """To this team, and to that of its reps whose turn it is."""
        return Assignment(team_id, self._next(team_id))

    def to_owner(self, owner_id: int | None) -> Assignment:
        """To this person, in a team of theirs. Raises DomainError `owner.no_team`."""
        teams = self._teams_of.get(owner_id)
        if not teams:
            raise DomainError(
                "owner.no_team", _("That owner is in no team: add them to one, or name a team as well.")
            )
        return Assignment(self._team_among(teams), owner_id)

    def is_member(self, user_id: int | None, team_id: int) -> bool:
        """Whether this active user belongs to the team."""
        return user_id in self._members[team_id]

    def _team_among(self, team_ids: list[int]) -> int:
        """The default team if it is one of them, else the oldest."""
        return next((team.pk for team in self._teams if team.is_default and team.pk in team_ids), team_ids[0])

    def _default_team(self) -> int:
        for team in self._teams:
            if team.is_default or len(self._teams) == 1:
                return team.pk
        raise DomainError(
            "team.none",
            _("No team would get these leads: make a team the default one, or name a team for them."),
        )

    def _next(self, team_id: int) -> int | None:
        """The rep whose turn it is. The turn's row stays locked, so that two imports share one round."""
        reps = [user_id for user_id in self._members[team_id] if user_id in self._reps]
        if not reps:
            return None
        if team_id not in self._turns:
            self._turns[team_id] = _locked_turn(team_id)
        last = self._turns[team_id] or 0
        chosen = next((user_id for user_id in reps if user_id > last), reps[0])
        self._turns[team_id] = chosen
        return chosen

    def save_turns(self) -> None:
        """Write whose turn it was last. Call it once, before the transaction ends."""
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE leads_turn SET last_user_id = %s WHERE team_id = %s",
                [(user_id, team_id) for team_id, user_id in self._turns.items()],
            )


def ensure_a_team() -> Team | None:
    """Make the first team where there is none, so that no lead is out of every rep's sight; the team made."""
    if Team.objects.exists():
        return None
    return Team.objects.create(name=_("Sales"), is_default=True)


def _locked_turn(team_id: int) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO leads_turn (team_id) VALUES (%s) ON CONFLICT DO NOTHING", [team_id])
        cursor.execute("SELECT last_user_id FROM leads_turn WHERE team_id = %s FOR UPDATE", [team_id])
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def _facts(attribute: Attribute, values: Iterable[str]) -> frozenset[Fact]:
    """A routing entry's values as leads' facts are compared with them; an unreadable one matches none."""
    facts: set[Fact] = set()
    for value in values:
        with suppress(DomainError):
            read = read_value(attribute, value)
            facts |= {read.fact} if read else set()
    return frozenset(facts)


def find_team(name: str) -> Team:
    """The team of that name in any case. Raises DomainError `team.unknown` with names that are near."""
    team = Team.objects.filter(name__iexact=name.strip()).order_by("pk").first()
    if team is None:
        raise DomainError(
            "team.unknown",
            _("There is no team “%(name)s”%(near)s: add it, or name another.")
            % {"name": name, "near": _near(name, Team.objects.values_list("name", flat=True))},
        )
    return team


def find_owner(text: str) -> User:
    """The active user with that e-mail address or name. Raises DomainError `owner.unknown`."""
    text = text.strip()
    active = User.objects.filter(is_active=True)
    found = list(active.filter(email__iexact=text)) or list(active.filter(name__iexact=text)[:2])
    if len(found) != 1:
        raise DomainError(
            "owner.unknown",
            _("“%(text)s” is the name of several people: write an e-mail address.") % {"text": text}
            if found
            else _("There is no active user “%(text)s”%(near)s: invite them, or name another.")
            % {"text": text, "near": _near(text, active.values_list("email", flat=True))},
        )
    return found[0]


def _near(text: str, names: Iterable[str]) -> str:
    near = get_close_matches(text, list(names), n=3)
    return _(" (near: %(names)s)") % {"names": ", ".join(near)} if near else ""
