"""Which rows of (lead, as_of, known_at) a statement scores, with their leads and accounts as they were."""

from enum import Enum

from scoring_models.engine.merges import is_lead

AS_OF, KNOWN_AT = "%(as_of)s::timestamptz", "%(known_at)s::timestamptz"
# Transaction-local settings in which one statement tells the next which marks it took, and when.
TAKEN_LEADS = "current_setting('leadscoring.taken')::bigint[]"
TAKEN_AT = "current_setting('leadscoring.taken_at')::timestamptz"


class Subjects(Enum):
    """Which rows of (lead, as_of) a statement scores, and the parameters that name them.

    ROWS: the arrays `lead_ids` and `moments`, side by side. IDS: the array `lead_ids` at `as_of`.
    TAKEN: the leads of the marks that this transaction took (`score_rows`), at the moment after that.
    RANGE: all leads with `low` <= id < `high` at `as_of`, read as one stream.
    """

    ROWS = "rows"
    IDS = "ids"
    TAKEN = "taken"
    RANGE = "range"


class View(Enum):
    """What of the past a statement sees.

    NOW: all that is known, and attributes as they are now; for moments that are now. DATED: all that is known
    now, and attributes as they were at as_of. KNOWN: what was known at `known_at` (of ROWS an array, too).
    """

    NOW = "now"
    DATED = "dated"
    KNOWN = "known"


def moments_of(subjects: Subjects, view: View) -> tuple[str, str | None]:
    """The SQL of as_of and known_at where signals are read; known_at None: all that is known now."""
    as_of, known_at = (AS_OF, KNOWN_AT) if subjects is Subjects.RANGE else ("b.as_of", "b.known_at")
    return as_of, known_at if view is View.KNOWN else None


def subjects_with_leads(subjects: Subjects, view: View, *, merges: bool) -> str:
    """FROM subjects (b), with their leads (l) and accounts (a) as the view has them.

    Where there are `merges`, without those whom another lead has absorbed.
    """
    if view is View.NOW:
        own = " AND l.objected_at IS NULL" + (" AND l.absorbed_into_id IS NULL" if merges else "")
        return f"{_with_rows(subjects, view, 'l', own)} LEFT JOIN leads_account a ON a.id = l.account_id"
    known = "b.known_at" if view is View.KNOWN else None
    own = " AND l_now.objected_at IS NULL"
    own += f" AND {is_lead('l_now.id', 'b.as_of', known)}" if merges else ""
    return (
        f"{_with_rows(subjects, view, 'l_now', own)} CROSS JOIN LATERAL ({_dated('lead', 'l_now', view)}) l"
        " LEFT JOIN leads_account a_now ON a_now.id = l.account_id"
        f" LEFT JOIN LATERAL ({_dated('account', 'a_now', view)}) a ON a_now.id IS NOT NULL"
    )


def next_value(view: View) -> str:
    """When the next value of the lead or its account that is known by now begins."""
    if view is View.NOW:
        of_rows = (f"CASE WHEN {row}.next_value_at > b.as_of THEN {row}.next_value_at END" for row in "la")
        return f"LEAST({', '.join(of_rows)})"
    known = " AND v.recorded_at <= b.known_at" if view is View.KNOWN else ""
    rows = " OR ".join(f"v.{entity}_id = {row}.id" for entity, row in (("lead", "l"), ("account", "a")))
    return f"(SELECT min(v.since) FROM leads_datedvalue v WHERE ({rows}) AND v.since > b.as_of{known})"


def _with_rows(subjects: Subjects, view: View, lead: str, own: str) -> str:
    """Subjects with the row of their lead, where it is a lead of its `own`.

    Those of a range are made of the leads, which are read once.
    """
    rows = _rows(subjects, view, lead)
    if subjects is Subjects.RANGE:
        in_range = f"{lead}.id >= %(low)s::bigint AND {lead}.id < %(high)s::bigint"
        return f"FROM leads_lead {lead} JOIN LATERAL ({rows}) b ON {in_range}{own}"
    return f"FROM ({rows}) b JOIN leads_lead {lead} ON {lead}.id = b.lead_id{own}"


def _rows(subjects: Subjects, view: View, lead: str) -> str:
    """The rows (lead_id, as_of) that are asked for, with known_at where the view takes one."""
    known = view is View.KNOWN
    if subjects is Subjects.ROWS:
        arrays = "%(lead_ids)s::bigint[], %(moments)s::timestamptz[]"
        if known:
            return f"SELECT * FROM unnest({arrays}, {KNOWN_AT}[]) AS asked (lead_id, as_of, known_at)"
        return f"SELECT * FROM unnest({arrays}) AS asked (lead_id, as_of)"
    moment = f"(SELECT {TAKEN_AT})" if subjects is Subjects.TAKEN else AS_OF
    at = f"{moment} AS as_of" + (f", {KNOWN_AT} AS known_at" if known else "")
    return f"SELECT {_IDS.get(subjects, f'{lead}.id')} AS lead_id, {at}"


# A subquery hides from the planner how many ids there are: one plan then serves any number, and is kept.
_IDS = {
    Subjects.IDS: "unnest((SELECT %(lead_ids)s::bigint[]))",
    Subjects.TAKEN: f"unnest((SELECT {TAKEN_LEADS}))",
}


def _dated(entity: str, row: str, view: View) -> str:
    """The row of a lead or an account as it was. Most never changed and are taken as they are."""
    known_at = "b.known_at" if view is View.KNOWN else "NULL"
    changed = f"EXISTS (SELECT FROM leads_datedvalue v WHERE v.{entity}_id = {row}.id)"
    if view is View.KNOWN:
        changed = f"({row}.recorded_at > b.known_at OR {changed})"
    return (
        f"SELECT {row}.* WHERE NOT {changed}"
        f" UNION ALL SELECT * FROM leads_{entity}_at({row}, b.as_of, {known_at}) WHERE {changed}"
    )
