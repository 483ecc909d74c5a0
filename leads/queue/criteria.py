"""What somebody asks the queue for."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which leads of a ranking are wanted; by default all of it.

    `bands` are keys of bands. `owners` are user ids, 0 for nobody; empty for any. `source` is in normal form
    (`leads.text`). `claimed` asks for those that the asking person holds, `overridden` for those with an
    active override.
    """

    bands: frozenset[str] = field(default_factory=frozenset)
    owners: frozenset[int] = field(default_factory=frozenset)
    team: int | None = None
    source: str = ""
    claimed: bool = False
    overridden: bool = False


ALL = Criteria()
