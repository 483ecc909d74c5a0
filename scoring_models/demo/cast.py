"""The demo company itself: Larkfield sells planning software. Its people, their teams and their roles."""

from dataclasses import dataclass

from leadscoring.people.roles import Role

DOMAIN = "larkfield.example"
EUROPE = "Continental Europe"
OVERSEAS = "UK and overseas"
TEAMS = (OVERSEAS, EUROPE)  # the first is the default team
HOME_COUNTRIES = {EUROPE: ("DE", "AT", "CH", "NO", "SE", "DK", "NL", "FR", "ES", "IT", "PL")}


@dataclass(frozen=True, slots=True)
class Member:
    name: str
    role: Role
    team: str | None = None

    @property
    def email(self) -> str:
        return f"{self.name.split()[0].lower()}@{DOMAIN}"


CAST = (
    Member("Ana Ruiz", Role.REP, EUROPE),
    Member("Jon Dahl", Role.REP, EUROPE),
    Member("Mila Novak", Role.REP, EUROPE),
    Member("Tim Becker", Role.REP, EUROPE),
    Member("Owen Clarke", Role.REP, OVERSEAS),
    Member("Grace Mensah", Role.REP, OVERSEAS),
    Member("Ravi Shah", Role.REP, OVERSEAS),
    Member("Sam Lee", Role.MARKETING),
    Member("Nora Quinn", Role.MARKETING),
    Member("Mara Keller", Role.MANAGER, EUROPE),
    Member("Daniel Frost", Role.MANAGER, OVERSEAS),
    Member("Ines Duarte", Role.ADMIN),
)


def team_of(country: str) -> str:
    """The team that works leads of that country."""
    return EUROPE if country in HOME_COUNTRIES[EUROPE] else OVERSEAS


def members(role: Role, team: str | None = None) -> list[Member]:
    """Who has that role, in that team or anywhere."""
    return [member for member in CAST if member.role is role and team in (None, member.team)]
