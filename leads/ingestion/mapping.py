"""Which column of a file means what, as the commands are told it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leads.ingestion.sources.table import tidy
from leads.models import OutcomeKind
from leads.text import normalise
from leadscoring.errors import DomainError


@dataclass(frozen=True, slots=True)
class Mapped:
    """A column, named as in the header, and what it means."""

    column: str
    target: str


def parse_mapping(texts: Iterable[str]) -> tuple[Mapped, ...]:
    """What `--map "Column=target"` says, each split at its last equals sign. Raises DomainError."""
    return _each_once(tuple(_mapped(text) for text in texts))


def _each_once(mapping: tuple[Mapped, ...]) -> tuple[Mapped, ...]:
    """The mapping. Raises DomainError where two columns mean the same."""
    seen: dict[str, str] = {}
    for one in mapping:
        if one.target in seen:
            raise DomainError(
                "mapping.twice",
                f"Both “{seen[one.target]}” and “{one.column}” are mapped to {one.target}: map one of them.",
            )
        seen[one.target] = one.column
    return mapping


def _mapped(text: str) -> Mapped:
    column, equals, target = text.rpartition("=")
    if not equals or not tidy(column) or not target.strip():
        raise DomainError("mapping.form", f'“{text}” is no mapping: write it as "Column=attribute".')
    return Mapped(tidy(column), target.strip())


ANY = "*"


@dataclass(frozen=True, slots=True)
class OutcomeColumn:
    """The column that says how it ended, and which of its values (in normal form) mean which outcome.

    The value `*` stands for any other that isn't empty.
    """

    column: str
    kinds: tuple[tuple[str, OutcomeKind], ...]

    def kind_of(self, cell: str) -> OutcomeKind | None:
        """The outcome that a cell means; None for any other value."""
        kinds, value = dict(self.kinds), normalise(cell)
        return None if value is None else kinds.get(value, kinds.get(ANY))


def parse_outcome(text: str) -> OutcomeColumn:
    """What `--outcome "Converted=1:converted,0:lost"` says. Raises DomainError."""
    column, equals, pairs = text.rpartition("=")
    if not equals or not tidy(column):
        raise DomainError("outcome.form", _HOW.format(text=text))
    kinds = tuple(_pair(text, pair) for pair in pairs.split(","))
    if len(dict(kinds)) < len(kinds):
        raise DomainError("outcome.twice", f"“{text}” gives one value two outcomes: keep one of them.")
    return OutcomeColumn(tidy(column), kinds)


def _pair(text: str, pair: str) -> tuple[str, OutcomeKind]:
    value, _, kind = pair.rpartition(":")
    normal = normalise(value)
    if normal is None or kind.strip() not in OutcomeKind.values:
        raise DomainError("outcome.form", _HOW.format(text=text))
    return normal, OutcomeKind(kind.strip())


_HOW = (
    '“{text}” is no outcome: write it as "Column=value:kind,value:kind", each kind one of '
    + ", ".join(OutcomeKind.values)
    + "."
)


def unmapped(names: Sequence[str], used: Iterable[str]) -> list[str]:
    """The named columns that nothing is made of."""
    taken = set(used)
    return [name for name in names if name and name not in taken]
