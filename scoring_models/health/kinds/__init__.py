"""The kinds of findings, a module each with `find(subject)`."""

from collections.abc import Callable, Iterator

from scoring_models.health.findings import Finding
from scoring_models.health.kinds import (
    against_outcomes,
    always_fires,
    balance,
    carries_band,
    contradictory,
    empty_field,
    empty_list,
    hidden_by_cap,
    implied,
    never_fires,
    too_many,
    unreachable_band,
    vanity,
)
from scoring_models.health.subject import Subject

KINDS: tuple[Callable[[Subject], Iterator[Finding]], ...] = (
    unreachable_band.find,
    contradictory.find,
    empty_list.find,
    against_outcomes.find,
    vanity.find,
    always_fires.find,
    never_fires.find,
    hidden_by_cap.find,
    carries_band.find,
    balance.find,
    empty_field.find,
    too_many.find,
    implied.find,
)
