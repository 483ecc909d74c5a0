"""What an import that can be resumed remembers of itself, chunk by chunk."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from leads.ingestion.rows import Refusal


class Result(Protocol):
    """What became of the rows of a chunk: a dataclass of counts, and the refusals."""

    refusals: list[Refusal]


@dataclass
class Journal:
    """Remembers nothing: for imports that run in one go.

    `done` chunks are committed already and are passed over; `accounts_told` is what they told of accounts.
    Chunks must be the same each time, in the same order.
    """

    done: int = 0
    accounts_told: Mapping[int, Collection[str]] = field(default_factory=dict)

    def note(self, number: int, result: Result, told: Mapping[int, Collection[str]]) -> None:
        """Hear of a chunk, in its transaction; may be called again where that is tried again."""

    def passed(self, number: int) -> None:
        """Hear that a chunk is behind us: committed now, or before."""
