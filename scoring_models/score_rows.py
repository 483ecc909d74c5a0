"""Writing score rows: one statement evaluates and stores. `scoring` says when which of these is used."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from leads.models.score import NEVER
from leads.models.score_change import Cause
from leads.stale import mark_stale
from leadscoring.prepared import prepared_cursor, run_together
from scoring_models import score_changes
from scoring_models.engine.compile import COPIES
from scoring_models.engine.statement import Statement

# What a pass decides anew. `scored_at` and the weights at that moment move with it; the copies of the lead's
# columns don't.
_RESULTS = (
    *("version_id", "due_at", "last_intent_at", "engagement", "fit", "total", "band"),
    *("hits", "counts"),
)
_DECIDED = ("scored_at", *_RESULTS, "weights")
_COLUMNS = ("lead_id", *_DECIDED, *COPIES, "changed")

_EVALUATED = {
    "scored_at": "e.as_of",
    "last_intent_at": "COALESCE(e.last_intent_at, %(never)s::timestamptz)",
    "changed": f"{Cause.FIRST.value}::smallint",
}


class Mark(NamedTuple):
    """That something was learned of a lead: bits of Cause."""

    lead_id: int
    cause: int


def _of(alias: str, names: Sequence[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def _evaluated(names: Sequence[str]) -> str:
    return ", ".join(_EVALUATED.get(name, f"e.{name}") for name in names)


# Leads in the order of their ids: passes that overlap wait for each other and can't lock each other up.
_ALWAYS = (
    f"INSERT INTO leads_score AS stored ({', '.join(_COLUMNS)}) SELECT {_evaluated(_COLUMNS)}"
    " FROM ({evaluation}) e{condition} ORDER BY e.lead_id ON CONFLICT (lead_id) DO UPDATE SET"
    f" ({', '.join(_DECIDED)}, changed) = ROW ({_of('excluded', _DECIDED)},"
    f" {score_changes.difference(lambda name: f'excluded.{name}')})"
    " WHERE stored.scored_at <= excluded.scored_at"
    f" RETURNING lead_id, scored_at, {', '.join(score_changes.COLUMNS)}, {', '.join(COPIES)}, changed"
)
_STRAYED = (
    "SELECT w.lead_id FROM written w JOIN leads_lead l ON l.id = w.lead_id"
    f" WHERE ({_of('w', COPIES)}) IS DISTINCT FROM ({_of('l', COPIES)})"
)
_ALWAYS_AND_STRAYED = f"WITH written AS ({_ALWAYS}), kept AS ({{keep}}) {_STRAYED}"

_DELETED = """
DELETE FROM leads_stale WHERE id IN
    (SELECT id FROM leads_stale ORDER BY id LIMIT %(limit)s::integer FOR UPDATE SKIP LOCKED)
RETURNING lead_id, cause, clock_timestamp() AS at
"""
# A mark of a lead that another one absorbed is that one's; who left it may not have known. By whether leads
# were merged.
_TAKEN = {
    False: f"taken AS ({_DELETED})",
    True: f"""deleted AS ({_DELETED}), taken AS (
        SELECT COALESCE(l.absorbed_into_id, d.lead_id) AS lead_id, d.cause, d.at
          FROM deleted d LEFT JOIN leads_lead l ON l.id = d.lead_id)""",
}
# Takes marks and says what the statement that follows in the same transaction reads (Subjects.TAKEN). Of a
# score that is lost in a crash the mark comes back with it, so nobody need wait until it is on disk.
_TAKE = """
WITH {taken}
SELECT count(*), set_config('leadscoring.taken', COALESCE({leads}, '{{}}')::text, true),
       set_config('leadscoring.taken_marks', COALESCE(array_agg(lead_id), '{{}}')::text, true),
       set_config('leadscoring.taken_causes', COALESCE(array_agg(cause), '{{}}')::text, true),
       set_config('leadscoring.taken_at', COALESCE(max(at), clock_timestamp())::text, true),
       set_config('synchronous_commit', 'off', true)
  FROM taken
"""
# Where a rule counts what colleagues did, whoever shares an account with a marked lead is scored with it.
_COLLEAGUES = """
SELECT lead_id FROM {marked} m UNION
SELECT o.id FROM {marked} m JOIN leads_lead l ON l.id = m.lead_id JOIN leads_lead o USING (account_id)
"""
_LEADS = {False: "array_agg(DISTINCT lead_id)", True: f"ARRAY ({_COLLEAGUES.format(marked='taken')})"}
# By whether colleagues are scored, too, and whether leads were merged.
_TAKES = {
    (colleagues, merges): _TAKE.format(taken=taken, leads=leads)
    for colleagues, leads in _LEADS.items()
    for merges, taken in _TAKEN.items()
}
_WITH_COLLEAGUES = _COLLEAGUES.format(marked="(SELECT unnest(%s::bigint[]) AS lead_id)")
_IF_LIVE = " WHERE (SELECT holds FROM thought)"
# Where another version is live than was thought, nothing is scored and the marks are put back.
_SCORE_TAKEN = (
    "WITH thought AS MATERIALIZED (SELECT EXISTS ({live}) AS holds),"
    f" written AS ({_ALWAYS}),"
    f" strayed AS ({_STRAYED}),"
    " kept AS ({keep}),"
    " marks AS (INSERT INTO leads_stale (lead_id, cause) SELECT lead_id, 0 FROM strayed UNION ALL"
    f" SELECT m.* FROM thought CROSS JOIN {score_changes.TAKEN} m WHERE NOT holds)"
    " SELECT holds, ARRAY (SELECT lead_id FROM strayed) FROM thought"
)

# Where nobody has a score. Of two that insert the same one fails; ON CONFLICT would cost a third more.
_FIRST = (
    f"INSERT INTO leads_score ({', '.join(_COLUMNS)}) SELECT {_evaluated(_COLUMNS)}"
    " FROM ({evaluation}) e ORDER BY e.lead_id"
)
# Only what differs is sorted and joined for writing. What it inserts can fail, too.
_CHANGED = (
    "MERGE INTO leads_score stored USING"
    " (SELECT e.* FROM ({evaluation}) e LEFT JOIN leads_score was ON was.lead_id = e.lead_id{was_in_range}"
    f" WHERE ({_of('was', _RESULTS)}) IS DISTINCT FROM ({_evaluated(_RESULTS)}) ORDER BY e.lead_id) e"
    " ON stored.lead_id = e.lead_id{stored_in_range}"
    " WHEN MATCHED AND stored.scored_at <= e.as_of"
    f" THEN UPDATE SET {', '.join(f'{name} = {_evaluated([name])}' for name in _DECIDED)},"
    f" changed = {score_changes.difference(lambda name: _EVALUATED.get(name, f'e.{name}'))}"
    f" WHEN NOT MATCHED THEN INSERT ({', '.join(_COLUMNS)}) VALUES ({_evaluated(_COLUMNS)})"
)


_IN_RANGE = "{0}.lead_id >= %(low)s::bigint AND {0}.lead_id < %(high)s::bigint"
_OF_IDS = "w.lead_id = ANY (%(lead_ids)s::bigint[])"


def _and_in_range(alias: str, parameters: Mapping[str, Any]) -> str:
    """What keeps a shard from reading all scores there are."""
    return f" AND {_IN_RANGE.format(alias)}" if "low" in parameters else ""


def write_all(
    statement: Statement,
    parameters: Mapping[str, Any],
    *,
    marks: Iterable[Mark],
    colleagues: bool,
) -> None:
    """Evaluate and store every row whose stored one isn't newer; set strayed copies right.

    `marks` say what was learned, and `colleagues` that this counts for those of the same accounts, too.
    """
    keep = score_changes.keep_touched(score_changes.GIVEN, colleagues=colleagues)
    learned = {"marks": [mark.lead_id for mark in marks], "causes": [mark.cause for mark in marks]}
    with prepared_cursor() as cursor:
        cursor.execute(
            _ALWAYS_AND_STRAYED.format(evaluation=statement.sql, condition="", keep=keep),
            _parameters(statement, {**parameters, **learned}),
        )
        strayed = [lead_id for (lead_id,) in cursor.fetchall()]
    if strayed:
        held = set(strayed) - set(_copy_again(strayed))
        if held:
            mark_stale(held)


def score_marked(
    statement: Statement,
    *,
    live: str,
    thought: Mapping[str, Any],
    limit: int,
    colleagues: bool,
) -> int | None:
    """Take up to `limit` marks and score their leads, in one trip; how many marks there were.

    `statement` is of Subjects.TAKEN. `live` is a query that gives a row where the version is the one that
    scores leads, with the parameters `thought`. None where it isn't: then nothing was taken. `colleagues`
    says that those of the same accounts are scored, too.
    """
    scoring = _score_taken(live, statement.sql, colleagues), _parameters(statement, thought)
    take = _TAKES[colleagues, statement.merges]
    taken, scored = run_together((take, {"limit": limit}), scoring)
    [(marks, *_)], [(holds, strayed)] = taken, scored
    if strayed:
        with transaction.atomic():
            _copy_again(strayed)
    return marks if holds else None


@lru_cache(maxsize=64)
def _score_taken(live: str, evaluation: str, colleagues: bool) -> str:
    keep = score_changes.keep_touched(score_changes.TAKEN, colleagues=colleagues)
    return _SCORE_TAKEN.format(live=live, evaluation=evaluation, condition=_IF_LIVE, keep=keep)


def write_changed(statement: Statement, parameters: Mapping[str, Any], *, colleagues: bool) -> None:
    """Evaluate and store the rows that differ from what is stored. `colleagues` as for `write_all`."""
    values = _parameters(statement, parameters)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            were_there = _are_there(cursor, parameters)
            cursor.execute(_changed(statement, parameters) if were_there else _first(statement), values)
            if cursor.rowcount and were_there:
                of_pass = _IN_RANGE.format("w") if "low" in parameters else _OF_IDS
                cursor.execute(score_changes.keep_changed(of_pass, colleagues=colleagues), values)
    except IntegrityError:
        # A touch stored a first score meanwhile, so these are few; its rows can be seen now.
        write_all(statement, parameters, marks=(), colleagues=False)


def _first(statement: Statement) -> str:
    return _FIRST.format(evaluation=statement.sql)


def _changed(statement: Statement, parameters: Mapping[str, Any]) -> str:
    return _CHANGED.format(
        evaluation=statement.sql,
        was_in_range=_and_in_range("was", parameters),
        stored_in_range=_and_in_range("stored", parameters),
    )


def _are_there(cursor: CursorWrapper, parameters: Mapping[str, Any]) -> bool:
    """Whether any of these leads has a score: where none has, there is no history to look for."""
    if "low" not in parameters:
        return True
    cursor.execute(f"SELECT EXISTS (SELECT FROM leads_score s WHERE {_IN_RANGE.format('s')})", parameters)
    [(found,)] = cursor.fetchall()
    return bool(found)


def _parameters(statement: Statement, parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {**statement.parameters, **parameters, "never": NEVER}


def _copy_again(lead_ids: list[int]) -> list[int]:
    """Copy team, owner and openness from leads that changed while their first score was being written.

    The leads' rows are locked before they are read. Whoever holds one now may be changing it: then it is
    left to a later touch, since waiting for it while holding score rows could lock both up. The ids of
    those that were copied.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM leads_lead WHERE id = ANY (%s) ORDER BY id FOR SHARE SKIP LOCKED", [lead_ids]
        )
        locked = [lead_id for (lead_id,) in cursor.fetchall()]
        cursor.execute(
            f"UPDATE leads_score s SET ({', '.join(COPIES)}) = ROW ({_of('l', COPIES)})"
            " FROM leads_lead l WHERE l.id = s.lead_id AND s.lead_id = ANY (%s)",
            [locked],
        )
    return locked


def need_not_wait_for_the_disk() -> None:
    """Let this transaction commit before it is on disk.

    For scores alone: if one is lost in a crash, so is what says that it was written (a mark that is gone, a
    shard that is done), and the work is done again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")


def drop_objected() -> None:
    """Take away what a pass under way wrote of leads who objected meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_score WHERE lead_id IN"
            " (SELECT id FROM leads_lead WHERE objected_at IS NOT NULL)"
        )


def lock_due(*, before: datetime | None, limit: int) -> list[int]:
    """Lock scores that are due by `before` (None: the database's clock), but for those that others hold."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT lead_id FROM leads_score s WHERE due_at <= COALESCE(%s::timestamptz, clock_timestamp())"
            " AND EXISTS (SELECT FROM leads_lead l WHERE l.id = s.lead_id AND l.absorbed_into_id IS NULL)"
            " ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED",
            [before, limit],
        )
        return [lead_id for (lead_id,) in cursor.fetchall()]


def take_marks(limit: int) -> tuple[list[Mark], datetime | None]:
    """Delete the oldest stale marks that nobody holds; these, and a moment after they committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM leads_stale WHERE id IN"
            " (SELECT id FROM leads_stale ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)"
            " RETURNING lead_id, cause, clock_timestamp()",
            [limit],
        )
        rows = cursor.fetchall()
    return [Mark(*row) for *row, _ in rows], max((moment for *_, moment in rows), default=None)


def inherited(marks: Iterable[Mark]) -> list[Mark]:
    """These marks; of a lead that another one absorbed, as that one's."""
    given = list(marks)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, absorbed_into_id FROM leads_lead"
            " WHERE id = ANY (%s) AND absorbed_into_id IS NOT NULL",
            [[mark.lead_id for mark in given]],
        )
        heirs = dict(cursor.fetchall())
    return [Mark(heirs.get(mark.lead_id, mark.lead_id), mark.cause) for mark in given]


def with_colleagues(lead_ids: Iterable[int]) -> list[int]:
    """These leads and all others of their accounts."""
    with connection.cursor() as cursor:
        ids = list(lead_ids)
        cursor.execute(_WITH_COLLEAGUES, [ids, ids])
        return [lead_id for (lead_id,) in cursor.fetchall()]


def database_clock() -> datetime:
    """The moment now, by the one clock that all writers of scores share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment
