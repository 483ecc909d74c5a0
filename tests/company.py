"""A small company for tests of pages: people of each role, a live model, and leads whose scores are known.

Ana and Jon are reps and Mara manages in Europe; Rita is a rep overseas; Sam and Nora are in marketing, Ines
is an admin. Freya is Hot, Tom SQL, Lucia and Wei MQL, Owen Nurture; Otto belongs to the other team.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from django.contrib.auth.models import Group

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.ingestion.signals import add_signal
from leads.models import Lead
from leads.response.refresh import refresh
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models import scoring
from scoring_models.demo.versions import filled_reference, put_live

PASSWORD = "correct horse battery staple"
# Nobody attacks these passwords; a slow hash would be most of the time that the tests take.
QUICK_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ROLES = {
    "ana": (Role.REP, "Europe"),
    "jon": (Role.REP, "Europe"),
    "rita": (Role.REP, "Overseas"),
    "mara": (Role.MANAGER, "Europe"),
    "sam": (Role.MARKETING, None),
    "nora": (Role.MARKETING, None),
    "ines": (Role.ADMIN, None),
}


@dataclass(frozen=True)
class Person:
    """A lead: what is known and what they did, as (type, days ago)."""

    first_name: str
    last_name: str
    job_title: str
    company: str
    did: tuple[tuple[str, int], ...] = ()
    team: str = "Europe"


LEADS = (
    Person("Freya", "Vogel", "VP Sales", "Brandt", (("dm_received", 1), ("connection_request_received", 2))),
    Person("Tom", "Okafor", "Head of Operations", "Finchline", (("dm_received", 3), ("content_save", 4))),
    Person(
        "Lucia", "Prado", "Senior Manager", "Prado", (("connection_request_received", 5), ("post_comment", 6))
    ),
    Person("Wei", "Zhang", "Director", "Hanshi", (("post_comment", 2),)),
    Person("Owen", "Hughes", "Office Manager", "Pentre"),
    Person(
        "Otto", "Overseas", "VP Sales", "Faraway", (("dm_received", 1), ("post_comment", 1)), team="Overseas"
    ),
)


# Read once a process: reading the text takes longer than all else that a test's company needs.
model = cache(filled_reference)


@dataclass
class Company:
    people: dict[str, User]
    leads: dict[str, Lead]

    def lead(self, name: str) -> Lead:
        return self.leads[name]

    def person(self, name: str) -> User:
        return self.people[name]


def found(*, now: datetime, leads: Iterable[Person] = LEADS) -> Company:
    """Found the company; its model is live and its leads are scored."""
    teams = {
        name: Team.objects.create(name=name, is_default=name == "Europe") for name in ("Europe", "Overseas")
    }
    people = {name: _hire(name, role, teams.get(team or "")) for name, (role, team) in ROLES.items()}
    put_live(model(), at=now - timedelta(days=100))
    return Company(people, add_leads(leads, now=now))


def add_leads(leads: Iterable[Person], *, now: datetime) -> dict[str, Lead]:
    """Import leads, which nobody owns yet, with what they did; by first name, scored."""
    leads = list(leads)
    save_leads((_row(number, lead) for number, lead in enumerate(leads)), at=now, actor=User.objects.system())
    Lead.objects.update(owner=None)
    by_name = {str(lead.attributes["first_name"]): lead for lead in Lead.objects.select_related("account")}
    for lead in leads:
        for type_key, days in lead.did:
            happen(by_name[lead.first_name], type_key, at=now - timedelta(days=days))
    score()
    return by_name


def happen(lead: Lead, type_key: str, *, at: datetime) -> None:
    """A signal comes in, and waits for a worker to score it."""
    add_signal(lead_id=lead.pk, type_key=type_key, occurred_at=at, received_at=at, source="test")


def score() -> None:
    """Do what a worker does."""
    while scoring.score_stale() or refresh():
        pass


def _hire(name: str, role: Role, team: Team | None) -> User:
    user = User.objects.create_user(f"{name}@company.example", PASSWORD, name=f"{name.title()} Test")
    user.groups.add(Group.objects.get(name=role))
    if team is not None:
        user.memberships.create(team=team)
    return user


def _row(number: int, lead: Person) -> LeadRow:
    values = {key: getattr(lead, key) for key in ("first_name", "last_name", "job_title", "company")}
    email = f"{lead.first_name}@{lead.company}.example".lower()
    values |= {"email": email, "source": "Webinar" if number % 2 else "Referral"}
    return LeadRow(number, values, external_id=f"lead-{lead.first_name.lower()}", team=lead.team)
