"""What rule health says: findings, each with its number and the leads behind it, and the lift of each rule.

All of it is plain data, so that a report can be kept as JSON with what it was evidence for.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

SHOWN = 3  # the weightiest are read first, the rest is folded


class Term(NamedTuple):
    """A condition on leads, as `selection` reads it: ("fires", "comments")."""

    word: str
    value: str


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a version that is worth a look.

    `weight` is from 0 to 100; `rules` are the keys of the rules that it is about. `leads` are the conditions
    that the leads behind it meet, all of them, and `count` is how many there are.
    """

    kind: str
    weight: int
    sentence: str
    rules: tuple[str, ...]
    leads: tuple[Term, ...]
    count: int


@dataclass(frozen=True, slots=True)
class RuleLift:
    """How much more often leads won for which a rule counted than the others, with its 95 % interval.

    `leads` of the closed ones met it before they closed, `won` of those won.
    """

    rule: str
    sentence: str
    points: int
    lift: float
    low: float
    high: float
    leads: int
    won: int


@dataclass(frozen=True, slots=True)
class Report:
    """The health of a version at a moment: findings by weight, and lifts, none with too few outcomes."""

    at: datetime
    leads: int
    rules: int
    outcomes: int
    findings: tuple[Finding, ...]
    lifts: tuple[RuleLift, ...]

    @property
    def first(self) -> tuple[Finding, ...]:
        return self.findings[:SHOWN]

    @property
    def rest(self) -> tuple[Finding, ...]:
        return self.findings[SHOWN:]

    def as_data(self) -> dict[str, Any]:
        """The report as plain JSON."""
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Report":
        """The report that `as_data` wrote."""
        findings = (
            Finding(
                **each
                | {"rules": tuple(each["rules"]), "leads": tuple(Term(*term) for term in each["leads"])}
            )
            for each in data["findings"]
        )
        return cls(
            at=datetime.fromisoformat(data["at"]),
            leads=data["leads"],
            rules=data["rules"],
            outcomes=data["outcomes"],
            findings=tuple(findings),
            lifts=tuple(RuleLift(**each) for each in data["lifts"]),
        )
