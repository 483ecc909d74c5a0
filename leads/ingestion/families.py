"""Rows of one source that are about the same lead, brought together.

Within one source rows of a lead update it in their order. Apart, in transactions of their own, they would set
it back and forth each time the source is imported again; side by side they come to one result.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")
MOST_HELD = 50_000


class Families:
    """Learns first of all rows by what identities they go, then tells which belong together."""

    def __init__(self) -> None:
        self._parents: dict[int, int] = {}
        self._sizes: dict[int, int] = defaultdict(int)

    def see(self, identities: Iterable[Hashable]) -> None:
        """Take in a row; all that it goes by is one lead from here on."""
        roots = {self._root(hash(identity)) for identity in identities}
        if not roots:
            return
        first = min(roots)
        for root in roots - {first}:
            self._parents[root] = first
            self._sizes[first] += self._sizes.pop(root, 0)
        self._sizes[first] += 1

    def gather(self, rows: Iterable[tuple[Item, Sequence[Hashable]]]) -> Iterator[list[Item]]:
        """The rows, given with their identities, by families: each once its last row has come."""
        held: dict[int, list[Item]] = defaultdict(list)
        holding = 0
        for row, identities in rows:
            root = self._root(hash(identities[0])) if identities else 0
            if self._sizes.get(root, 1) == 1:
                yield [row]
                continue
            held[root].append(row)
            holding += 1
            if len(held[root]) == self._sizes[root]:
                holding -= len(held[root])
                yield held.pop(root)
            elif holding > MOST_HELD:
                yield from held.values()
                held.clear()
                holding = 0
        yield from held.values()

    def _root(self, identity: int) -> int:
        while (parent := self._parents.get(identity, identity)) != identity:
            identity = parent
        return identity


def chunks_of(families: Iterable[Sequence[Item]], size: int) -> Iterator[list[Item]]:
    """Lists of about `size` rows that part no family."""
    chunk: list[Item] = []
    for family in families:
        if chunk and len(chunk) + len(family) > size:
            yield chunk
            chunk = []
        chunk += family
    if chunk:
        yield chunk
