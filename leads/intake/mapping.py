"""What marketing says about events and traits: which become signals, which fill attributes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import isfinite
from typing import Any

from leads.attributes import Raw
from leads.ingestion.rows import RowRefused
from leads.ingestion.told import read_values
from leads.intake.reading import Unusable
from leads.models import Attribute, EventMapping, TraitMapping
from leads.text import normalise

MOST_PROPERTIES = 50


@dataclass(frozen=True, slots=True)
class Mappings:
    """Those of one batch. `found` remembers which one holds for which names, since most events are alike."""

    events: Sequence[EventMapping]
    traits: Sequence[TraitMapping]
    attributes: Mapping[str, Attribute]
    found: dict[tuple[str, ...], EventMapping | None] = field(default_factory=dict)

    @classmethod
    def load(cls) -> "Mappings":
        """As they are now."""
        events = EventMapping.objects.select_related("signal_type").order_by("position", "pk")
        traits = TraitMapping.objects.select_related("attribute").order_by("pk")
        attributes = {one.key: one for one in Attribute.objects.all()}
        return cls(list(events), list(traits), attributes)

    def event(self, call: str, names: Iterable[str]) -> EventMapping | None:
        """The first mapping that one of these names matches."""
        key = (call, *names)
        if key not in self.found:
            self.found[key] = self._event(*key)
        return self.found[key]

    def _event(self, call: str, *names: str) -> EventMapping | None:
        said = [normalise(name) for name in names]
        return next(
            (
                one
                for one in self.events
                if one.call == call and any(_matches(_parts(one.pattern), name) for name in said if name)
            ),
            None,
        )

    def values(self, call: str, traits: Mapping[str, Any]) -> dict[str, Raw]:
        """Attributes by key, those that are said; of two traits for one the first mapping holds.

        Raises Unusable where one can't be read.
        """
        found: dict[str, Raw] = {}
        for one in self.traits:
            if one.call == call and (value := scalar(at_path(traits, one.trait))) is not None:
                found.setdefault(one.attribute.key, value)
        self.check(found)
        return found

    def check(self, values: Mapping[str, Raw]) -> None:
        """Raises Unusable where a value isn't one of its attribute."""
        try:
            read_values(values, self.attributes)
        except RowRefused as refused:
            raise Unusable("value", refused.reason) from None


def at_path(said: Mapping[str, Any], path: str) -> Any:
    """What stands at a path such as `address.city`; None where nothing does."""
    here: Any = said
    if path in said:
        return said[path]
    for step in path.split("."):
        if isinstance(here, list) and step.isdecimal() and int(step) < len(here):
            here = here[int(step)]
        elif isinstance(here, Mapping):
            here = here.get(step)
        else:
            return None
    return here


def scalar(value: Any) -> Raw:
    """A value that can be one of an attribute or a property, else None."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode() or None
    if isinstance(value, float) and not isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else None


def kept(mapping: EventMapping, properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that a signal keeps: those that are named, else all that are no lists or objects."""
    names = mapping.properties or list(properties)[:MOST_PROPERTIES]
    found = {name: scalar(at_path(properties, name)) for name in names}
    return {str(scalar(name)): value for name, value in found.items() if value is not None}


@lru_cache(maxsize=1_000)
def _parts(pattern: str) -> list[str]:
    return (normalise(pattern) or "").split("*")


def _matches(parts: Sequence[str], name: str) -> bool:
    """Whether these stand in a name one behind the other, the first and the last at its ends.

    In one pass: a regular expression would try all places of all parts, and names come from anybody.
    """
    first, *rest = parts
    if not rest:
        return name == first
    *middle, last = rest
    at, end = len(first), len(name) - len(last)
    if at > end or not (name.startswith(first) and name.endswith(last)):
        return False
    for part in middle:
        found = name.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
