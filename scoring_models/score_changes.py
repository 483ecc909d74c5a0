"""Keeping what scores were, in the transaction that writes them (`score_rows`), and why they changed.

Why history says nothing that was not stored, and leaves out nothing that it should say. A score row says in
`changed` what its last writer changed. The database works that out from the row that the writer has locked,
never from what its snapshot saw; so of two passes over one lead the second compares with what the first one
wrote. A writer that is turned away writes neither. History is then made of the rows written: of a touch, of
those that its statement returns; of the other passes, in the same transaction, of the rows that bear their
moment, which nobody else can have written since.

What was learned is told by the marks that a touch took. Due and range may see what was learned before the
touch whose marks wait gets to it; that touch then finds nothing changed, so they look at the marks that wait.
"""

from collections.abc import Callable

from leads.models.score import Changed
from leads.models.score_change import Cause

COLUMNS = ("version_id", "total", "engagement", "fit", "band")
_SEEN = Cause.TIME | Cause.VERSION | Cause.FIRST | Cause.MODEL
# While a run is not through, another version may be because of what went live; afterwards every lead is
# scored by what is live, so whoever comes to another version went over to another model.
_RUNS = "EXISTS (SELECT FROM scoring_models_rescorerun WHERE finished_at IS NULL)"
_LEARNED = "COALESCE(c.cause, 0)"
# The marks that a touch took, as rows of (lead_id, cause), and those that wait.
TAKEN = (
    "(SELECT * FROM unnest(current_setting('leadscoring.taken_marks')::bigint[],"
    " current_setting('leadscoring.taken_causes')::smallint[]) AS m (lead_id, cause))"
)
GIVEN = "(SELECT * FROM unnest(%(marks)s::bigint[], %(causes)s::smallint[]) AS m (lead_id, cause))"
WAITING = "(SELECT lead_id, cause FROM leads_stale)"


def difference(written: Callable[[str], str]) -> str:
    """The bits of `changed` where `stored` is written over; `written` gives a column's new value."""
    points = ("engagement", "fit", "total")
    bits = {
        f"({', '.join(f'stored.{name}' for name in points)})"
        f" IS DISTINCT FROM ({', '.join(map(written, points))})": Changed.POINTS,
        f"stored.band <> {written('band')}": Changed.BAND,
        f"stored.version_id <> {written('version_id')} AND {_RUNS}": Cause.VERSION,
        f"stored.version_id <> {written('version_id')} AND NOT {_RUNS}": Cause.MODEL,
        f"stored.due_at <= {written('scored_at')}": Cause.TIME,
    }
    cases = (f"CASE WHEN {condition} THEN {bit.value} ELSE 0 END" for condition, bit in bits.items())
    return f"({' | '.join(cases)})::smallint"


def keep_touched(marks: str, *, colleagues: bool) -> str:
    """The statement that keeps what a touch changed; `written` are its rows.

    All that changed the points, whatever brought it about, and what is scored for the first time. With a
    lead's first change goes what its score was before: a pass over all leads keeps no first scores.
    """
    condition = f"w.changed & {(Changed.POINTS | Changed.BAND).value | Cause.FIRST.value} <> 0"
    return _keep("written", condition, marks, colleagues=colleagues, and_first=_UNKEPT)


def keep_changed(of_pass: str, *, colleagues: bool) -> str:
    """The statement that keeps what due or range changed at `as_of`; `of_pass` says of which leads (w).

    What time alone took counts only where the band changed; first scores, which are many, are left out.
    """
    points, band = Changed.POINTS.value, Changed.BAND.value
    other_version = (Cause.VERSION | Cause.MODEL).value
    more_than_time = (
        f"(w.changed & {Cause.TIME.value} = 0 OR w.changed & {other_version} <> 0 OR {_LEARNED} <> 0)"
    )
    condition = (
        f"w.scored_at = %(as_of)s::timestamptz AND {of_pass}"
        f" AND (w.changed & {band} <> 0 OR (w.changed & {points} <> 0 AND {more_than_time}))"
    )
    return _keep("leads_score", condition, WAITING, colleagues=colleagues)


# The score rows as the touch's statement found them, of leads of which nothing is kept yet. VERSION says that
# nothing was learned: a run over all leads gave these.
_UNKEPT = (
    f" UNION ALL SELECT w.lead_id, s.scored_at, {', '.join(f's.{name}' for name in COLUMNS)},"
    f" {(Cause.FIRST | Cause.VERSION).value}::smallint FROM written w CROSS JOIN LATERAL ("
    " SELECT * FROM leads_score b WHERE b.lead_id = w.lead_id AND b.version_id <> 0 AND NOT EXISTS ("
    " SELECT FROM leads_scorechange c WHERE c.lead_id = w.lead_id) OFFSET 0) s"
    f" WHERE w.changed & {(Changed.POINTS | Changed.BAND).value} <> 0"
)


def _keep(source: str, condition: str, marks: str, *, colleagues: bool, and_first: str = "") -> str:
    return (
        f"INSERT INTO leads_scorechange (lead_id, at, {', '.join(COLUMNS)}, cause)"
        f" SELECT w.lead_id, w.scored_at, {', '.join(f'w.{name}' for name in COLUMNS)},"
        f" (w.changed & {_SEEN.value} | {_LEARNED})::smallint"
        f" FROM {source} w LEFT JOIN ({_causes(marks, colleagues=colleagues)}) c ON c.lead_id = w.lead_id"
        f" WHERE {condition}{and_first} ON CONFLICT DO NOTHING"
    )


def _causes(marks: str, *, colleagues: bool) -> str:
    """What was learned of each lead, and of those of its account where that counts, in one row a lead."""
    if colleagues:
        marks = (
            f"(SELECT * FROM {marks} m UNION ALL SELECT o.id, {Cause.COLLEAGUE.value} FROM {marks} m"
            " JOIN leads_lead l ON l.id = m.lead_id JOIN leads_lead o USING (account_id)"
            " WHERE o.id <> l.id AND m.cause <> 0)"
        )
    return f"SELECT lead_id, bit_or(cause) AS cause FROM {marks} m GROUP BY lead_id"
