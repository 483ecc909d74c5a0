"""A lead with each class of facts as of a moment of its own, or with some of its facts not seen yet.

The engine's statement is run as it is. Common table expressions take the names of the tables that it reads,
and PostgreSQL looks there first; in them stands what was to be seen. So there is still one evaluator, and the
statements that score everybody know nothing of this.

What happened after `as_of` counts as of `as_of`, in the order in which it happened: a signal is then as fresh
as one can be.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from leads.models import Lead
from leads.score_steps import Moment
from leadscoring.errors import DomainError
from scoring_models.catalogue import load_catalogue
from scoring_models.engine.catalogue import CannotCompile
from scoring_models.engine.detail import compile_detail
from scoring_models.engine.subjects import Subjects
from scoring_models.evaluation import Detail, Evaluated, compiled, detail_of
from scoring_models.spec import Audiences, Spec


@dataclass(frozen=True, slots=True)
class Clocks:
    """The moments of each class of facts: who was merged and to which account each belongs, what attributes
    hold, which signals have come and were not taken back; and `as_of`, by which windows, ages and dates
    count.

    `unseen` are moments at which nothing was learned of signals, though it is noted so.
    """

    as_of: datetime
    account: Moment
    attributes: Moment
    signals: Moment
    unseen: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, moment: Moment) -> "Clocks":
        return cls(moment.as_of, moment, moment, moment)

    def parameters(self) -> dict[str, Any]:
        """The parameters of `_SEEN`, but for the lead."""
        found: dict[str, Any] = {"as_of": self.as_of, "unseen": list(self.unseen)}
        for name in ("account", "attributes", "signals"):
            moment: Moment = getattr(self, name)
            found |= {f"{name}_at": moment.as_of, f"{name}_known_at": moment.known_at}
        return found


def _known(column: str, clock: str) -> str:
    known_at = f"%({clock}_known_at)s::timestamptz"
    return f"({known_at} IS NULL OR {column} <= {known_at})"


def _belongs(lead: str) -> str:
    at = "%(account_at)s::timestamptz, %(account_known_at)s::timestamptz"
    return f"(leads_lead_at({lead}, {at})).account_id"


def _then(entity: str, row: str) -> str:
    at = "%(attributes_at)s::timestamptz, %(attributes_known_at)s::timestamptz"
    return f"leads_{entity}_at({row}, {at})"


# That two leads (of m) were one.
_MERGED = (
    f"m.merged_at <= %(account_at)s::timestamptz AND {_known('m.merged_at', 'account')}"
    f" AND (m.undone_at IS NULL OR NOT {_known('m.undone_at', 'account')})"
)

# Lists of leads are arrays, since the planner would read whole tables for those that it can't count.
# The lead; who belongs to its account, now or by what was recorded; who was one with any of them; and what
# each of them did.
_SEEN = f"""
WITH seen_lead AS MATERIALIZED (
    SELECT x.* FROM leads_lead l CROSS JOIN LATERAL {_then("lead", "l")} v
     CROSS JOIN LATERAL jsonb_populate_record(v, jsonb_build_object('account_id', {_belongs("l")},
         'absorbed_into_id', (SELECT max(m.kept_id) FROM leads_merge m
                               WHERE m.absorbed_id = l.id AND {_MERGED}))) x
     WHERE l.id = %(lead)s
), seen_others AS MATERIALIZED (
    SELECT x.* FROM seen_lead s JOIN leads_lead o
        ON o.id <> s.id AND o.id = ANY (ARRAY (
           SELECT c.id FROM leads_lead c WHERE c.account_id = (SELECT account_id FROM seen_lead) UNION ALL
           SELECT v.lead_id FROM leads_datedvalue v
            WHERE v.key = '@account' AND v.value = (SELECT to_jsonb(account_id) FROM seen_lead)))
     CROSS JOIN LATERAL jsonb_populate_record(o, jsonb_build_object('account_id', s.account_id)) x
     WHERE {_known("o.recorded_at", "account")} AND {_belongs("o")} = s.account_id
), seen_account AS MATERIALIZED (
    SELECT v.* FROM seen_lead s JOIN leads_account a ON a.id = s.account_id
     CROSS JOIN LATERAL {_then("account", "a")} v
), seen_merges AS MATERIALIZED (
    SELECT m.id, m.kept_id, m.absorbed_id, LEAST(m.merged_at, %(as_of)s::timestamptz) AS merged_at,
           NULL::timestamptz AS undone_at
      FROM leads_merge m
     WHERE {_MERGED} AND EXISTS (
           SELECT FROM (SELECT id FROM seen_lead UNION ALL SELECT id FROM seen_others) s
            WHERE s.id IN (m.kept_id, m.absorbed_id))
), seen_signals AS MATERIALIZED (
    SELECT row_number() OVER (ORDER BY g.occurred_at, g.id) AS id, g.lead_id, g.type_id,
           LEAST(g.occurred_at, %(as_of)s::timestamptz) AS occurred_at, g.received_at,
           NULL::timestamptz AS retracted_at, g.key
      FROM leads_signal g
     WHERE g.lead_id = ANY (ARRAY (SELECT id FROM seen_lead UNION ALL SELECT id FROM seen_others
                                   UNION ALL SELECT absorbed_id FROM seen_merges))
       AND g.occurred_at <= %(signals_at)s::timestamptz
       AND {_known("g.received_at", "signals")} AND g.received_at <> ALL (%(unseen)s::timestamptz[])
       AND (g.retracted_at IS NULL OR NOT {_known("g.retracted_at", "signals")}
            OR g.retracted_at = ANY (%(unseen)s::timestamptz[]))
), seen_values AS MATERIALIZED (
    SELECT v.id, v.lead_id, v.account_id, v.key, v.value, v.words, v.given,
           LEAST(v.since, %(as_of)s::timestamptz) AS since, v.recorded_at, v.message_id,
           NULL::timestamptz AS retracted_at
      FROM leads_datedvalue v
     WHERE v.lead_id = %(lead)s AND v.since <= %(attributes_at)s::timestamptz
       AND {_known("v.recorded_at", "attributes")}
       AND (v.retracted_at IS NULL OR NOT {_known("v.retracted_at", "attributes")})
), leads_lead AS (
    SELECT * FROM seen_lead UNION ALL SELECT * FROM seen_others
), leads_account AS (
    SELECT * FROM seen_account
), leads_merge AS (
    SELECT * FROM seen_merges
), leads_signal AS (
    SELECT * FROM seen_signals
), leads_datedvalue AS (
    SELECT * FROM seen_values
)
"""


def evaluated(spec: Spec, lead_id: int, clocks: Clocks, *, earlier: Audiences = ()) -> Evaluated | None:
    """What a version says of a lead; None where it doesn't score it, or one that is asked `earlier` does.

    Raises DomainError("cannot_compute").
    """
    statement = compiled(spec, Subjects.IDS, earlier=earlier)
    columns = ", ".join(Evaluated._fields)
    row = _run(f"SELECT {columns} FROM ({statement.sql}) e", statement.parameters, lead_id, clocks)
    return Evaluated(*row) if row else None


def detail(spec: Spec, lead_id: int, clocks: Clocks) -> Detail:
    """The same rule by rule. Raises Lead.DoesNotExist, DomainError("cannot_compute")."""
    try:
        statement = compile_detail(spec, load_catalogue())
    except CannotCompile as error:
        raise DomainError("cannot_compute", str(error)) from error
    row = _run(statement.sql, statement.parameters, lead_id, clocks)
    if row is None:
        raise Lead.DoesNotExist(f"There is no lead {lead_id}.")
    return detail_of(spec, row)


def _run(sql: str, parameters: Mapping[str, Any], lead_id: int, clocks: Clocks) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            _SEEN + sql, {**parameters, **clocks.parameters(), "lead": lead_id, "lead_ids": [lead_id]}
        )
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
