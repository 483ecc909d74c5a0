"""The companies and people of the demo's market: who they are, before anything happens."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import TypeVar

from scoring_models.demo import words
from scoring_models.demo.words import LANDS, Land

T = TypeVar("T")
DUPLICATES_IN = 300  # leads there is one that we know already
AGAIN = "+webinar@"  # in its address

_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ß": "ss", "æ": "ae", "Ø": "O"})


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    domain: str
    land: Land
    industry: str | None
    size: str | None
    is_competitor: bool = False

    @property
    def fits(self) -> int:
        """How much it is like our customers, 0 to 2."""
        return (self.industry in words.TARGET_INDUSTRIES) + (self.size in words.TARGET_SIZES)


@dataclass(frozen=True, slots=True)
class Person:
    """`keenness` is how likely this person is to buy, 0 to 1; nobody knows it, signals only hint at it."""

    number: int
    first_name: str
    last_name: str
    email: str | None
    title: str | None
    area: str
    seniority: str
    company: Company | None
    land: Land
    attributes: dict[str, str]
    age_days: int  # since we know them
    keenness: float


def pick(random: Random, weighted: Sequence[tuple[T, int]]) -> T:
    """One of the values, each as likely as its weight."""
    values, weights = zip(*weighted, strict=True)
    chosen: T = random.choices(values, weights)[0]
    return chosen


def companies(random: Random, count: int) -> list[Company]:
    """That many companies with names and domains of their own, all under .example."""
    made: dict[str, Company] = {}
    for name in words.COMPETITORS[: max(1, count // 100)]:
        made[name] = Company(name, domain_of(name), LANDS[0], "Software", "51-200", is_competitor=True)
    taken = {company.domain for company in made.values()}
    while len(made) < count:
        company = _company(random)
        if company.domain not in taken:
            taken.add(company.domain)
            made[company.name] = company
    return list(made.values())


def _company(random: Random) -> Company:
    land = pick(random, [(land, land.weight) for land in LANDS])
    coined = random.choice(words.BEGINNINGS) + random.choice(words.ENDINGS)
    name = random.choice(
        (
            f"{random.choice(land.last)} {random.choice(land.trades)}",
            f"{random.choice(land.last)} & {random.choice(land.last)}",
            coined,
            f"{coined} {random.choice(words.SECOND)}",
        )
    )
    industry, size = pick(random, words.INDUSTRIES), pick(random, words.SIZES)
    known_industry, known_size = random.random() < 0.92, random.random() < 0.88
    return Company(
        name, domain_of(name), land, industry if known_industry else None, size if known_size else None
    )


def domain_of(name: str) -> str:
    """A domain that nobody can own: .example is reserved."""
    return "-".join(ascii_of(name).replace("&", " ").split()) + ".example"


def ascii_of(text: str) -> str:
    """The nearest small letters of an address."""
    plain = unicodedata.normalize("NFKD", text.translate(_LETTERS)).encode("ascii", "ignore").decode()
    return plain.lower()


def people(random: Random, count: int, companies: Sequence[Company]) -> list[Person]:
    """That many people; larger companies have more of them, a few have no company."""
    order = [size for size, _ in words.SIZES]
    weights = [2 + order.index(company.size or "51-200") for company in companies]
    taken: set[str] = set()
    twice = count // DUPLICATES_IN
    once = [
        _person(random, number, _employer(random, companies, weights), taken)
        for number in range(1, count - twice + 1)
    ]
    return [*once, *map(_again, once[::DUPLICATES_IN][:twice], range(len(once) + 1, count + 1))]


def _again(person: Person, number: int) -> Person:
    """The same person once more, as a form on the website knows them."""
    email = person.email and person.email.replace("@", AGAIN)
    known = {key: value for key, value in person.attributes.items() if key == "city"}
    return replace(
        person,
        number=number,
        email=email,
        title=None,
        attributes=known | {"source": "Webinar", "inbound": "yes"},
        age_days=2 + number % 20,
    )


def _employer(random: Random, companies: Sequence[Company], weights: Sequence[int]) -> Company | None:
    company = random.choices(companies, weights)[0]
    return company if random.random() < 0.97 else None


def _person(random: Random, number: int, company: Company | None, taken: set[str]) -> Person:
    land = company.land if company else pick(random, [(land, land.weight) for land in LANDS])
    first, last = random.choice(land.first), random.choice(land.last)
    rank, seniority = pick(random, [((rank, name), weight) for rank, name, weight in words.RANKS])
    area = random.choice(words.AREAS)
    says = any(word in rank for word in words.TARGET_TITLES)
    keenness = random.betavariate(1.2, 4) + 0.12 * says + 0.08 * (company.fits if company else 0)
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=_email(first, last, company, taken) if random.random() < 0.96 else None,
        title=rank.format(area) if random.random() < 0.94 else None,
        area=area,
        seniority=seniority,
        company=company,
        land=land,
        attributes=_attributes(random, first, last, number, land),
        age_days=int(2 + 420 * random.random() ** 1.3),
        keenness=min(keenness, 1.0),
    )


def _email(first: str, last: str, company: Company | None, taken: set[str]) -> str:
    domain = company.domain if company else "post.example"
    name = f"{ascii_of(first)}.{ascii_of(last)}".replace(" ", "-")
    address, count = f"{name}@{domain}", 1
    while address in taken:
        count += 1
        address = f"{name}{count}@{domain}"
    taken.add(address)
    return address


def _phone(number: int, land: Land) -> str:
    """A number of the kind that is kept free for films."""
    if land.code in ("US", "CA"):
        return f"+1 202 555 {100 + number % 100:04d}"
    return (
        f"+44 1632 960{number % 1000:03d}"
        if land.code in ("GB", "IE")
        else f"+49 30 23125 {number % 1000:03d}"
    )


def _attributes(random: Random, first: str, last: str, number: int, land: Land) -> dict[str, str]:
    """What a sales team knows of some people and not of others."""
    source = pick(random, words.SOURCES)
    slug = f"{ascii_of(first)}-{ascii_of(last)}-{number}".replace(" ", "-")
    maybe = {
        "phone": (0.45, _phone(number, land)),
        "city": (0.72, random.choice(land.cities)),
        "linkedin_url": (0.75, f"https://social.example/in/{slug}"),
        "ssi_score": (0.32, str(min(98, max(12, round(random.gauss(52, 17)))))),
        "campaign": (0.40, random.choice(words.CAMPAIGNS)),
        "inbound": (0.85, "yes" if source in ("Website", "Webinar", "Referral") else "no"),
    }
    known = {key: value for key, (chance, value) in maybe.items() if random.random() < chance}
    return {"source": source, **known}
