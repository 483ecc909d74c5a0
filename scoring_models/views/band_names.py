"""Bands of frozen evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BandName:
    """A band of either version, for its pill: `of` all bands of its version, from the lowest up."""

    rank: int
    name: str
    of: Sequence[Content]
