"""What the demo's people did in the last 90 days: buying journeys as they look from outside.

Every person draws from a random source of their own, always as often, so that the same people do the same
things whatever day it is; only the dates move.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from random import Random

from scoring_models.demo import words
from scoring_models.demo.market import Person, pick

DAYS = 90
SATURDAY = 5
# How likely each hour of a working day is, from 7 to 20 where the person is.
HOURS = tuple(zip(range(7, 21), (3, 7, 10, 11, 9, 6, 6, 8, 9, 8, 5, 3, 3, 2), strict=True))


class Journey(Enum):
    """What becomes of somebody's interest."""

    SILENT = "silent"
    CURIOUS = "curious"
    FADING = "fading"
    WARMING = "warming"
    ENGAGED = "engaged"
    BUYING = "buying"


@dataclass(frozen=True, slots=True)
class Event:
    type_key: str
    at: datetime
    properties: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens `count` times (low, high), `days` ago (latest, earliest), this likely."""

    type_key: str
    count: tuple[int, int]
    days: tuple[float, float]
    chance: float = 1.0


STEPS: dict[Journey, tuple[Step, ...]] = {
    Journey.SILENT: (
        Step("email_open", (1, 3), (1, 88), 0.45),
        Step("post_like", (1, 2), (1, 88), 0.15),
    ),
    Journey.CURIOUS: (
        Step("profile_view", (1, 2), (1, 70), 0.55),
        Step("page_view", (1, 4), (1, 80), 0.7),
        Step("content_download", (1, 1), (3, 80), 0.22),
        Step("content_save", (1, 1), (3, 80), 0.10),
        Step("post_like", (1, 3), (1, 80), 0.5),
        Step("email_open", (1, 4), (1, 88), 0.6),
        Step("email_click", (1, 2), (1, 80), 0.3),
    ),
    Journey.FADING: (
        Step("profile_view", (2, 5), (42, 88)),
        Step("post_comment", (1, 2), (45, 88), 0.35),
        Step("page_view", (2, 6), (40, 88)),
        Step("content_save", (1, 1), (45, 85), 0.4),
        Step("webinar_attended", (1, 1), (40, 85), 0.3),
        Step("email_open", (1, 3), (2, 60), 0.5),
    ),
    Journey.WARMING: (
        Step("profile_view", (3, 5), (1, 26), 0.7),
        Step("post_comment", (1, 1), (1, 45), 0.45),
        Step("content_save", (1, 2), (2, 50), 0.3),
        Step("page_view", (2, 7), (0.2, 30)),
        Step("webinar_attended", (1, 1), (5, 60), 0.35),
        Step("post_like", (1, 4), (0.5, 60), 0.7),
        Step("email_open", (1, 5), (1, 70), 0.7),
        Step("email_click", (1, 2), (1, 60), 0.4),
    ),
    Journey.ENGAGED: (
        Step("profile_view", (3, 7), (0.5, 25)),
        Step("post_comment", (1, 2), (0.4, 40), 0.6),
        Step("content_share", (1, 1), (2, 40), 0.3),
        Step("connection_request_received", (1, 1), (0.2, 30), 0.32),
        Step("email_reply", (1, 2), (1, 30), 0.35),
        Step("webinar_attended", (1, 1), (3, 50), 0.4),
        Step("page_view", (3, 9), (0.1, 30)),
        Step("pricing_view", (1, 2), (0.5, 20), 0.3),
        Step("post_like", (1, 5), (0.5, 50), 0.7),
        Step("email_open", (2, 6), (1, 60), 0.8),
    ),
    Journey.BUYING: (
        Step("page_view", (5, 14), (0.05, 25)),
        Step("profile_view", (3, 8), (0.1, 21), 0.85),
        Step("post_comment", (1, 2), (0.1, 30), 0.6),
        Step("content_download", (1, 2), (3, 30), 0.6),
        Step("connection_request_received", (1, 1), (0.05, 14), 0.6),
        Step("dm_received", (1, 2), (0.05, 10), 0.6),
        Step("pricing_view", (1, 4), (0.05, 9), 0.85),
        Step("demo_request", (1, 1), (0.1, 7), 0.5),
        Step("form_submit", (1, 1), (0.1, 9), 0.4),
        Step("email_reply", (1, 2), (0.2, 12), 0.5),
        Step("meeting_booked", (1, 1), (0.05, 3), 0.35),
        Step("email_open", (2, 6), (1, 40), 0.7),
    ),
}


def journey_of(random: Random, person: Person, *, closed: bool) -> Journey:
    """What this person goes through; keener people go further, and so did those whose case is closed."""
    keen = person.keenness + (0.6 if closed else 0.0)
    weights = (
        (Journey.SILENT, 44 - 30 * keen),
        (Journey.CURIOUS, 34.0),
        (Journey.FADING, 10.0),
        (Journey.WARMING, 2 + 34 * keen),
        (Journey.ENGAGED, 0.6 + 18 * keen * keen),
        (Journey.BUYING, 0.2 + 13 * keen * keen),
    )
    return pick(random, [(journey, int(100 * max(weight, 0.1))) for journey, weight in weights])


def events(random: Random, person: Person, journey: Journey, *, now: datetime) -> Iterator[Event]:
    """Everything this person did before `now`, in no order; nothing from before we knew them."""
    earliest = min(DAYS, person.age_days) - 0.01
    # Buyers do more and more until the end; others do something now and then.
    burst = 2.2 if journey in (Journey.ENGAGED, Journey.BUYING) else 1.0
    for step in STEPS[journey]:
        happens, wanted = random.random() < step.chance, random.randint(*step.count)
        for _ in range(step.count[1]):
            low, high = step.days
            days = low + (high - low) * random.random() ** burst
            event = _event(random, step.type_key, person, now - timedelta(days=min(days, earliest)), now)
            if happens and wanted > 0:
                yield event
                wanted -= 1
    yield from _farewells(random, person, journey, now)


def _farewells(random: Random, person: Person, journey: Journey, now: datetime) -> Iterator[Event]:
    """A few unsubscribe or disconnect; some of them come back."""
    leaves, returns, days = random.random(), random.random(), random.uniform(4, 80)
    way = ("unsubscribed", "resubscribed") if leaves < 0.022 else ("disconnected", "reconnected")
    if leaves < 0.03 and days < person.age_days and journey is not Journey.BUYING:
        yield Event(way[0], now - timedelta(days=days))
        if returns < 0.2:
            yield Event(way[1], now - timedelta(days=days / 2))


def _event(random: Random, type_key: str, person: Person, at: datetime, now: datetime) -> Event:
    return Event(type_key, at_work(random, at, person.land.hours, now=now), properties(random, type_key))


def at_work(random: Random, about: datetime, zone: int, *, now: datetime) -> datetime:
    """A moment near `about` at which people are at work where they live, and never after `now`."""
    hour, rest, weekend = pick(random, HOURS), random.uniform(0, 3600), random.random()
    local = about + timedelta(hours=zone)
    moment = local.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(seconds=int(rest))
    if moment.weekday() >= SATURDAY and weekend < 0.75 and now - about > timedelta(days=1):
        moment -= timedelta(days=moment.weekday() - SATURDAY + 1 + int(5 * weekend / 0.75))
    moment -= timedelta(hours=zone)
    return moment if moment < now else about.replace(microsecond=0)


def properties(random: Random, type_key: str) -> dict[str, str]:
    """What the signal says besides its type. Draws the same amount for every type."""
    text, is_question = random.choice(words.COMMENTS)
    message, content = random.choice(words.MESSAGES), random.choice(words.CONTENT)
    webinar, page, campaign = (random.choice(of) for of in (words.WEBINARS, words.PAGES, words.CAMPAIGNS))
    said: dict[str, dict[str, str]] = {
        "post_comment": {"text": text, "is_question": "yes" if is_question else "no", "content": content},
        "dm_received": {"text": message},
        "content_save": {"content": content},
        "content_share": {"content": content},
        "content_download": {"content": content, "format": "pdf"},
        "post_like": {"content": content},
        "webinar_attended": {"content": webinar},
        "page_view": {"path": page},
        "pricing_view": {"path": "/pricing"},
        "demo_request": {"path": "/demo"},
        "form_submit": {"path": "/contact"},
        "email_open": {"campaign": campaign},
        "email_click": {"campaign": campaign},
    }
    return said.get(type_key, {})
