"""What a row tells of a person and of their company, read and normalised."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from leads.attributes import Fact, Raw, Value, read_value, stored_fact, word_form
from leads.ingestion.rows import RowRefused
from leads.models import Attribute, Entity
from leads.numbers import plain
from leadscoring.errors import DomainError

StoredFact = str | bool | Decimal
_text = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(slots=True)
class Told:
    """Values of one entity by attribute key.

    `display` as given; facts in `columns` (standard attributes) or `facts` (defined and derived ones); in
    `words` the word form of each text, None where it is the text itself.
    """

    display: dict[str, str] = field(default_factory=dict)
    columns: dict[str, Fact] = field(default_factory=dict)
    facts: dict[str, StoredFact] = field(default_factory=dict)
    words: dict[str, str | None] = field(default_factory=dict)

    def add(self, attribute: Attribute, value: Value) -> None:
        self.display[attribute.key] = value.display
        if attribute.standard and not attribute.derived:
            self.columns[attribute.key] = value.fact
        else:
            self.facts[attribute.key] = stored_fact(value.fact)
        self.words[attribute.key] = word_form(value.fact) if isinstance(value.fact, str) else None

    def fact(self, key: str) -> Fact:
        """What is told of this attribute."""
        return self.columns[key] if key in self.columns else self.facts[key]

    def without(self, keys: Collection[str]) -> "Told":
        """The same but for these attributes."""
        rest = Told()
        for key in self.display:
            if key not in keys:
                rest.take(key, self)
        return rest

    def take(self, key: str, other: "Told") -> None:
        """Tell of this attribute what `other` tells of it."""
        self.display[key] = other.display[key]
        self.words[key] = other.words[key]
        if key in other.columns:
            self.columns[key] = other.columns[key]
        else:
            self.facts[key] = other.facts[key]


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with one value."""

    key: str
    reason: str


def read_values(values: Mapping[str, Raw], definitions: Mapping[str, Attribute]) -> tuple[Told, Told]:
    """What these values tell of the person and of the company.

    Raises RowRefused naming every value that can't be read, its `column` the attribute keys.
    """
    told = {Entity.LEAD: Told(), Entity.ACCOUNT: Told()}
    refused: list[Refused] = []
    for key, raw in values.items():
        try:
            attribute = definitions[key]
            value = read_value(attribute, raw)
        except KeyError:
            refused.append(Refused(key, f"There is no attribute “{key}”: add it first."))
        except DomainError as error:
            refused.append(Refused(key, error.sentence))
        else:
            if value is not None:
                told[Entity(attribute.entity)].add(attribute, value)
    if refused:
        raise RowRefused("; ".join(one.key for one in refused), " ".join(one.reason for one in refused))
    return told[Entity.LEAD], told[Entity.ACCOUNT]


def json_of(values: Mapping[str, StoredFact]) -> str:
    """A JSON object whose numbers are exact."""
    return "{" + ",".join(f"{_text(key)}:{json_value(value)}" for key, value in values.items()) + "}"


def from_json(text: str | None) -> dict[str, StoredFact]:
    """The object that `json_of` wrote; empty for None."""
    if text is None:
        return {}
    loaded: dict[str, StoredFact] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return loaded


def json_value(value: StoredFact) -> str:
    """A fact as JSON; numbers are exact."""
    return plain(value) if isinstance(value, Decimal) else _text(value)
