"""Reading golden leads: examples, with what the version must say of them."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal

from leadscoring.errors import DomainError
from scoring_models.operators import MOST_DAYS, moment, plain_decimal
from scoring_models.spec import GoldenLead, GoldenSignal, Kind
from scoring_models.spec_text import scalars
from scoring_models.spec_text.conditions import known_attribute
from scoring_models.spec_text.counting import signal_type
from scoring_models.spec_text.problems import Refused
from scoring_models.spec_text.section import Section
from scoring_models.vocabulary import Vocabulary

KEYS = ("name", "attributes", "signals", "expect")
SIGNAL_KEYS = ("type", "days_ago", "properties")
SCORE = scalars.integer(-1_000_000_000, 1_000_000_000)


def golden_leads(root: Section, vocabulary: Vocabulary, bands: Collection[str]) -> tuple[GoldenLead, ...]:
    """The golden leads of a version whose bands have these keys."""
    leads: dict[str, GoldenLead] = {}
    for section in root.parts("golden", KEYS):
        lead = _golden_lead(section, vocabulary, bands)
        if lead.name in leads:
            section.note(f"“{lead.name}” is used twice. A name says which one is meant.", "name")
        leads[lead.name] = lead
    return tuple(leads.values())


def _golden_lead(section: Section, vocabulary: Vocabulary, bands: Collection[str]) -> GoldenLead:
    expect = section.part("expect", ("band", "score"))
    if not (expect.has("band") or expect.has("score")):
        section.note("Say which band or score is expected.", "expect")
    return GoldenLead(
        name=section.required("name", scalars.text(100), ""),
        attributes=_attributes(section, vocabulary),
        signals=tuple(_signal(part, vocabulary) for part in section.parts("signals", SIGNAL_KEYS)),
        expect_band=expect.or_none("band", scalars.one_of(bands), None),
        expect_score=expect.or_none("score", SCORE, None),
    )


def _attributes(
    section: Section, vocabulary: Vocabulary
) -> tuple[tuple[str, str | Decimal | bool | datetime], ...]:
    found: list[tuple[str, str | Decimal | bool | datetime]] = []
    for key, given in _mapping(section, "attributes").items():
        try:
            kind = vocabulary.attributes[known_attribute(vocabulary)(key)].kind
            found.append((key, _value(kind, given)))
        except (Refused, DomainError) as problem:
            section.note(str(problem), "attributes", key)
    return tuple(sorted(found, key=lambda pair: pair[0]))


def _value(kind: Kind, given: object) -> str | Decimal | bool | datetime:
    if kind is Kind.BOOLEAN:
        return scalars.boolean(given)
    if kind is Kind.NUMBER:
        return plain_decimal(given)
    return moment(given) if kind is Kind.DATE else scalars.text(1_000)(given)


def _signal(section: Section, vocabulary: Vocabulary) -> GoldenSignal:
    found: list[tuple[str, str | bool]] = []
    for name, given in _mapping(section, "properties").items():
        try:
            found.append((name, given if isinstance(given, bool) else scalars.text(1_000)(given)))
        except Refused as problem:
            section.note(str(problem), "properties", name)
    return GoldenSignal(
        type=section.required("type", signal_type(vocabulary), ""),
        days_ago=section.required("days_ago", _days_ago, Decimal(0)),
        properties=tuple(sorted(found, key=lambda pair: pair[0])),
    )


def _days_ago(given: object) -> Decimal:
    try:
        days = plain_decimal(given)
    except DomainError as problem:
        raise Refused(problem.sentence) from None
    if not 0 <= days <= MOST_DAYS:
        raise Refused(f"{given} days: write 0 to {MOST_DAYS:,}.")
    return days


def _mapping(section: Section, key: str) -> Mapping[str, object]:
    data = section.data.get(key) or {}
    if not isinstance(data, dict):
        section.note("Write names with their values.", key)
        return {}
    return data
