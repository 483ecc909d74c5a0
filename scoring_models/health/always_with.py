"""Pairs of rules of which one never counts without the other."""

from collections.abc import Iterator

from scoring_models.health.census import RuleCount
from scoring_models.health.subject import Subject
from scoring_models.spec import RuleSpec

Counted = tuple[RuleSpec, RuleCount]


def together(subject: Subject) -> Iterator[tuple[Counted, Counted]]:
    """Each rule that counts for somebody, with each other that counts wherever it does."""
    counted = list(subject.counted())
    for one in counted:
        for place, other in enumerate(counted):
            if one is not other and one[1].fired and one[1].always_with >> place & 1:
                yield one, other
