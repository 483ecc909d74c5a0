"""Cutting a stream into pieces of one transaction each."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")


def chunks(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items in their order, the last one shorter."""
    rest = iter(items)
    while piece := list(islice(rest, size)):
        yield piece
