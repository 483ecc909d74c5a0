"""Models take turns: a lead is scored by the first whose live version's audience it matches.

Whatever scores a lead by the order of models asks here: the passes that store scores, explanations of any
moment, and what a draft would do in its model's place.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from leadscoring.errors import DomainError
from leadscoring.prepared import prepared_cursor
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.audience import compile_choice
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.compile import SCORE_COLUMNS
from scoring_models.engine.statement import Statement
from scoring_models.engine.subjects import Subjects, View
from scoring_models.evaluation import compiled, frozen_spec
from scoring_models.live import live_before, live_versions
from scoring_models.models import ModelVersion, ScoringModel
from scoring_models.spec import Audiences, Spec

__all__ = ("Audiences", "Turn", "as_score_rows", "asked_before", "in_turn", "version_for")


class Turn(NamedTuple):
    """A live version, with the audiences that are asked before its own."""

    version_id: int
    digest: str
    earlier: Audiences = ()

    @property
    def spec(self) -> Spec:
        return frozen_spec(self.digest)


@lru_cache(maxsize=64)
def in_turn(live: tuple[tuple[int, str], ...]) -> tuple[Turn, ...]:
    """The turns of live versions, by id and digest in the order of their models.

    They end with the first whose audience is everybody: those that follow it score nobody.
    """
    turns: list[Turn] = []
    earlier: Audiences = ()
    for version_id, digest in live:
        turns.append(Turn(version_id, digest, earlier))
        whom = frozen_spec(digest).whom
        if not whom.conditions:
            break
        earlier = (*earlier, whom)
    return tuple(turns)


def as_score_rows(turns: Sequence[Turn], subjects: Subjects) -> Statement:
    """The statement that scores each lead by its version, in the form of score rows.

    That is SCORE_COLUMNS with bands ranked from the top, and `version_id`. One snapshot decides whose turn it
    is, so no lead comes twice or not at all. Raises DomainError("cannot_compute").
    """
    each = [_as_score_rows(turn, subjects) for turn in turns]
    if len(each) > 1:
        each = [one.apart(f"m{place}") for place, one in enumerate(each)]
    parameters = {name: value for one in each for name, value in one.parameters.items()}
    sql = " UNION ALL ".join(one.sql for one in each)
    return Statement(sql, parameters, any(one.merges for one in each))


def _as_score_rows(turn: Turn, subjects: Subjects) -> Statement:
    found = compiled(turn.spec, subjects, View.NOW, turn.earlier)
    columns = ", ".join(name for name in SCORE_COLUMNS if name != "band")
    own = f"(band - {len(turn.spec.bands)})::smallint AS band, {turn.version_id} AS version_id"
    return replace(found, sql=f"SELECT {columns}, {own} FROM ({found.sql}) v")


def version_for(
    lead_id: int, *, as_of: datetime, known_at: datetime | None = None, live_at: datetime | None = None
) -> tuple[ModelVersion, Audiences] | None:
    """The version that scores a lead at a moment, with the audiences that are asked before it.

    None where nothing was live, or nothing scores the lead, and where there is no such lead. `live_at` asks
    the versions that were live at another moment. Raises DomainError("cannot_compute").
    """
    versions = live_versions(at=live_at or as_of)
    turns = in_turn(tuple((version.pk, version.digest) for version in versions))
    place = _place(lead_id, turns, as_of, known_at)
    return None if place is None else (versions[place], turns[place].earlier)


def _place(lead_id: int, turns: Sequence[Turn], as_of: datetime, known_at: datetime | None) -> int | None:
    if len(turns) == 1 and not turns[0].spec.audience:
        return 0
    if not turns:
        return None
    view = View.DATED if known_at is None else View.KNOWN
    try:
        statement = compile_choice(tuple(turn.spec.whom for turn in turns), load_catalogue(), view)
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    asked = {"lead_ids": [lead_id], "as_of": as_of, "known_at": known_at}
    with prepared_cursor() as cursor:
        cursor.execute(statement.sql, statement.parameters | asked)
        row = cursor.fetchone()
    return None if row is None else row[1]


def asked_before(model: ScoringModel, *, at: datetime) -> Audiences:
    """The audiences of the live versions whose models are asked before this one, at that moment."""
    return tuple(frozen_spec(version.digest).whom for version in live_before(model, at=at))
