"""What the engine must know about the installation: where things that a spec names are stored."""

from dataclasses import dataclass, field
from enum import StrEnum

from scoring_models.spec import Kind


class CannotCompile(Exception):
    """A spec that this engine can't compute, in a sentence that names the culprit."""


class Table(StrEnum):
    """Alias of the row that holds an attribute."""

    LEAD = "l"
    ACCOUNT = "a"


@dataclass(frozen=True, slots=True)
class StoredAttribute:
    """Where an attribute's normalised value is: a typed column, or (None) its key in `facts`."""

    key: str
    kind: Kind
    table: Table
    column: str | None = None
    derived: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Signal types and attributes by key. Hashable, so that compiled statements can be kept by it.

    `merges` says that some leads were merged.
    """

    types: tuple[tuple[str, int], ...]
    attributes: tuple[StoredAttribute, ...]
    merges: bool = False
    _type_ids: dict[str, int] = field(init=False, compare=False, repr=False)
    _stored: dict[str, StoredAttribute] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_type_ids", dict(self.types))
        object.__setattr__(self, "_stored", {stored.key: stored for stored in self.attributes})

    def type_ids(self, keys: tuple[str, ...]) -> tuple[int, ...]:
        """The ids of signal types, in ascending order. Raises CannotCompile for an unknown key."""
        unknown = [key for key in keys if key not in self._type_ids]
        if unknown:
            raise CannotCompile(f"There is no signal type “{unknown[0]}” here.")
        return tuple(sorted({self._type_ids[key] for key in keys}))

    def known_type_ids(self, *keys: str) -> tuple[int, ...]:
        """The ids of those signal types that exist here."""
        return tuple(sorted(self._type_ids[key] for key in keys if key in self._type_ids))

    def stored(self, key: str) -> StoredAttribute:
        """Where an attribute is. Raises CannotCompile for an unknown key."""
        if key not in self._stored:
            raise CannotCompile(f"There is no attribute “{key}” here.")
        return self._stored[key]
