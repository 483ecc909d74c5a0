"""The whole demo market as data: the same for a seed and a size, but for the dates, which end at `now`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from leads.models import OutcomeKind, OutcomeReason
from leadscoring.people.roles import Role
from scoring_models.demo import cast, words
from scoring_models.demo.journeys import Event, Journey, events, journey_of
from scoring_models.demo.market import Company, Person, companies, people

SEED = 20
CLOSED = 0.085  # of all leads
INTEREST = {
    Journey.SILENT: 0.0,
    Journey.CURIOUS: 0.05,
    Journey.FADING: 0.12,
    Journey.WARMING: 0.25,
    Journey.ENGAGED: 0.5,
    Journey.BUYING: 0.75,
}


@dataclass(frozen=True, slots=True)
class Size:
    companies: int
    leads: int


FULL = Size(companies=1_200, leads=5_000)


@dataclass(frozen=True, slots=True)
class Ending:
    kind: OutcomeKind
    at: datetime
    reason: str
    note: str


@dataclass(frozen=True, slots=True)
class DemoLead:
    """One person of the market, with all that is known and that happened."""

    person: Person
    journey: Journey
    created_at: datetime
    team: str
    owner: cast.Member | None
    signals: tuple[Event, ...]
    ending: Ending | None

    @property
    def external_id(self) -> str:
        return f"demo-{self.person.number:05d}"

    def values(self) -> dict[str, str]:
        """What is known of them and their company, by attribute key."""
        person, company = self.person, self.person.company
        known: dict[str, str | None] = {
            "email": person.email,
            "first_name": person.first_name,
            "last_name": person.last_name,
            "job_title": person.title,
            "job_function": person.area if person.title else None,
            "seniority": person.seniority if person.title else None,
            "country": person.land.code,
            **person.attributes,
            **(company_values(company) if company else {}),
        }
        return {key: value for key, value in known.items() if value is not None}


def company_values(company: Company) -> dict[str, str | None]:
    return {
        "company": company.name,
        "company_domain": company.domain,
        "industry": company.industry,
        "company_size": company.size,
        "company_country": company.land.code,
        "is_competitor": "yes" if company.is_competitor else "no",
    }


def market(size: Size = FULL, *, now: datetime, seed: int = SEED) -> Iterator[DemoLead]:
    """The demo's leads, one by one."""
    random = Random(seed)
    everybody = people(random, size.leads, companies(random, size.companies))
    for person in everybody:
        yield _lead(Random(f"{seed}:{person.number}"), person, now)


def _lead(random: Random, person: Person, now: datetime) -> DemoLead:
    closed = random.random() < CLOSED and person.age_days > 10
    days_closed = random.uniform(0.5, min(80.0, person.age_days - 2.0))
    until = now - timedelta(days=days_closed) if closed else now
    team = cast.team_of(person.land.code)
    owner = random.choice(cast.members(Role.REP, team))
    owned = random.random() < 0.72 or closed
    journey = journey_of(random, person, closed=closed)
    ending = _ending(random, person, journey, until)
    signals = list(events(random, person, journey, now=until))
    created_at = now - timedelta(days=person.age_days)
    return DemoLead(
        person=person,
        journey=journey,
        created_at=min([created_at, *(event.at for event in signals)]),
        team=team,
        owner=owner if owned else None,
        signals=tuple(sorted(signals, key=lambda event: (event.at, event.type_key))),
        ending=ending if closed else None,
    )


def _ending(random: Random, person: Person, journey: Journey, at: datetime) -> Ending:
    """Interest and fit make winning likelier, and luck blurs it."""
    luck = random.gauss(0, 0.18)
    fit = 0.12 * (person.company.fits if person.company else 0)
    says = any(title in (person.title or "") for title in words.TARGET_TITLES)
    chance = INTEREST[journey] * 0.8 + fit + 0.12 * says + luck
    said = {kind: random.choice(texts) for kind, texts in NOTES.items()}
    if chance > 0.5:
        kind = OutcomeKind.CONVERTED
    elif chance < 0.14 or (person.company and person.company.is_competitor):
        kind = OutcomeKind.DISQUALIFIED
    else:
        kind = OutcomeKind.LOST
    return Ending(kind, at.replace(microsecond=0), *said[kind])


NOTES: dict[OutcomeKind, Sequence[tuple[str, str]]] = {
    OutcomeKind.CONVERTED: (
        ("", "Signed for one year."),
        ("", "Signed after the pilot."),
        ("", "Starts with one warehouse."),
    ),
    OutcomeKind.LOST: (
        (OutcomeReason.COMPETITOR, "Chose another vendor."),
        (OutcomeReason.NO_BUDGET, "No budget this year."),
        (OutcomeReason.IN_HOUSE, "Builds it in-house."),
    ),
    OutcomeKind.DISQUALIFIED: (
        (OutcomeReason.SIZE, "Too small for us."),
        (OutcomeReason.NOT_A_BUYER, "A student's project."),
        (OutcomeReason.NO_SAY, "Wrong department."),
    ),
}
