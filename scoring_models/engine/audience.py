"""Whom a version scores when models are asked one after the other, in SQL."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from scoring_models.engine.catalogue import Catalogue
from scoring_models.engine.conditions import ConditionSql, ConditionWriter
from scoring_models.engine.parameters import Parameters
from scoring_models.engine.signals import SignalColumns
from scoring_models.engine.source import source
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View, moments_of
from scoring_models.spec import Audience, Audiences


@dataclass(frozen=True, slots=True)
class GuardSql:
    """`holds` is whether a version scores the lead, never NULL; `changes` are when time alone flips that."""

    holds: str
    changes: tuple[str, ...]


def write_guard(own: Audience, earlier: Audiences, writer: ConditionWriter) -> GuardSql | None:
    """The condition that a lead meets a version's own audience and none that is asked before it.

    None where that is everybody. Raises CannotCompile.
    """
    if not own.conditions and not earlier:
        return None
    others = [_matches(audience, writer) for audience in earlier]
    mine = _matches(own, writer)
    holds = " AND ".join((*(f"NOT {other.holds}" for other in others), mine.holds))
    return GuardSql(holds, tuple(moment for each in (*others, mine) for moment in each.changes))


@lru_cache(maxsize=32)
def compile_choice(
    audiences: Audiences, catalogue: Catalogue, view: View, subjects: Subjects = Subjects.IDS
) -> Statement:
    """The statement that gives `lead_id` and the place of the first audience that the lead meets.

    Places count from 0; NULL where it meets none. Raises CannotCompile.
    """
    parameters = Parameters()
    signals = SignalColumns(*moments_of(subjects, view), catalogue.merges)
    writer = ConditionWriter(catalogue, parameters, signals)
    cases = " ".join(
        f"WHEN {_matches(audience, writer).holds} THEN {place}" for place, audience in enumerate(audiences)
    )
    columns = f"b.lead_id, CASE {cases} END AS place"
    return Statement(f"SELECT {columns} {source(signals, subjects, view)}", parameters.values)


def _matches(audience: Audience, writer: ConditionWriter) -> GuardSql:
    """Whether all conditions of an audience are met; what can't be told is no match."""
    written = [replace(writer, stages=audience.stages).write(condition) for condition in audience.conditions]
    met = " AND ".join(f"({condition.met})" for condition in written)
    return GuardSql(f"(({met}) IS TRUE)" if met else "TRUE", tuple(_moments(written)))


def _moments(written: list[ConditionSql]) -> Iterator[str]:
    return (condition.changes_at for condition in written if condition.changes_at is not None)
