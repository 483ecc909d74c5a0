"""What is known about a person, as their page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from leads.models import Attribute, Entity, Lead


@dataclass(frozen=True, slots=True)
class Fact:
    """A value as it was given. `href` is where one gets by it, "" for nowhere."""

    label: str
    value: object
    href: str


def known_of(lead: Lead) -> dict[str, Any]:
    """The context of the section: the person's values."""
    return {"person": facts_of(lead.attributes, Entity.LEAD)}


def facts_of(given: Mapping[str, Any], entity: Entity) -> list[Fact]:
    """The values as they were given, in the order in which the attributes are defined."""
    known = Attribute.objects.filter(entity=entity, derived=False).order_by("-standard", "pk")
    return [
        Fact(attribute.label, given[attribute.key], href_of(attribute.key, str(given[attribute.key])))
        for attribute in known
        if given.get(attribute.key) not in (None, "")
    ]


def href_of(key: str, value: str) -> str:
    """A link to write, call or look, where the value is one's address."""
    if key == "email" and "@" in value:
        return f"mailto:{quote(value, safe='@')}"
    if key == "phone":
        return "tel:" + "".join(character for character in value if character in "+0123456789")
    return value if key == "linkedin_url" and value.lower().startswith("https://") else ""
