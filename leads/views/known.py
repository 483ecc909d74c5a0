"""What is known about a person, as their page shows it: values and where they are from, stage, consent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from leads.models import Attribute, Entity, Lead
from leads.standing import stage_of
from leads.value_history import Origin, first, origins_of
from leads.views.values import settable

CONTACTS = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Fact:
    """A value as it was given. `href` is where one gets by it, "" for nowhere; `off`: nobody is to use it."""

    key: str
    label: str
    value: object
    href: str
    origin: Origin
    off: bool = False


def known_of(lead: Lead, *, now: datetime, may_work: bool, may_contact: bool) -> dict[str, Any]:
    """The context of the section."""
    facts = facts_of(lead.attributes, Entity.LEAD, origins_of(lead, now=now), first(lead))
    return {
        "person": _contacts(facts, may_contact),
        "stage": stage_of(lead, now=now),
        "settable": settable(lead) if may_work else [],
    }


def facts_of(
    given: Mapping[str, Any], entity: Entity, origins: Mapping[str, Origin], came: Origin
) -> list[Fact]:
    """The values as they were given, in the order in which the attributes are defined.

    Those without an origin of their own came with the lead or the company.
    """
    known = Attribute.objects.filter(entity=entity, derived=False).order_by("-standard", "pk")
    return [
        Fact(
            attribute.key,
            attribute.label,
            given[attribute.key],
            href_of(attribute.key, str(given[attribute.key])),
            origins.get(attribute.key, came),
        )
        for attribute in known
        if given.get(attribute.key) not in (None, "")
    ]


def _contacts(facts: Sequence[Fact], may_contact: bool) -> list[Fact]:
    """The facts, without links to write or call where nobody is to."""
    off = () if may_contact else CONTACTS
    return [replace(fact, href="", off=True) if fact.key in off else fact for fact in facts]


def ways_to_reach(lead: Lead) -> list[tuple[str, str]]:
    """Number and address as people read them, each with its link."""
    given = [(key, str(lead.attributes.get(key) or "")) for key in CONTACTS]
    return [(value, href) for key, value in given if value and (href := href_of(key, value))]


def href_of(key: str, value: str) -> str:
    """A link to write, call or look, where the value is one's address."""
    if key == "email" and "@" in value:
        return f"mailto:{quote(value, safe='@')}"
    if key == "phone":
        return "tel:" + "".join(character for character in value if character in "+0123456789")
    return value if key == "linkedin_url" and value.lower().startswith("https://") else ""
