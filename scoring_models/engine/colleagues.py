"""What account rules read: the newest matching signal of each lead of an account, once for all its leads."""

from scoring_models.engine.merges import is_lead
from scoring_models.engine.moments import days
from scoring_models.engine.signals import SignalColumns, counting, of_types
from scoring_models.engine.subjects import View


def joins(signals: SignalColumns, subjects: str, view: View) -> str:
    """A join for each that `signals.of_account` was asked for; `subjects` is FROM them (b) with leads (l)."""
    keys = ("as_of", "known_at") if view is View.KNOWN else ("as_of",)
    return "".join(
        f" LEFT JOIN ({_of_accounts(signals, subjects, view, keys, *asked)}) {alias}"
        f" ON {alias}.account_id = l.account_id" + "".join(f" AND {alias}.{key} = b.{key}" for key in keys)
        for asked, alias in signals.accounts.items()
    )


def _of_accounts(
    signals: SignalColumns,
    subjects: str,
    view: View,
    keys: tuple[str, ...],
    types: tuple[int, ...],
    window_days: int | None,
    where: str,
) -> str:
    """A row an account of the subjects and moment; none where nobody's signal matches."""
    asked = ", ".join(f"b.{key}" for key in keys)
    known = "k.known_at" if view is View.KNOWN else None
    of_key = ", ".join(("k.account_id", *(f"k.{key}" for key in keys)))
    matches = [counting("g", known), of_types(types)]
    matches += [f"g.occurred_at > k.as_of - {days(window_days)}"] if window_days else []
    matches += [where] if where else []
    matches += [is_lead("o.id", "k.as_of", known)] if signals.merges else []
    properties = " LEFT JOIN leads_signaldetail p ON p.key = g.key" if where else ""
    table = signals.table_at("k.as_of", known)
    of_leads = (
        f"SELECT {of_key}, max(g.occurred_at) FILTER (WHERE g.occurred_at <= k.as_of) AS newest,"
        " min(g.occurred_at) FILTER (WHERE g.occurred_at > k.as_of) AS begins"
        f" FROM (SELECT DISTINCT l.account_id, {asked} {subjects} WHERE l.account_id IS NOT NULL) k"
        f" {_members(view)} JOIN {table} g ON g.lead_id = o.id{properties}"
        f" WHERE {' AND '.join(matches)} GROUP BY {of_key}, o.id"
    )
    columns = ", ".join(("account_id", *keys))
    newest_first = "array_agg(newest ORDER BY newest DESC) FILTER (WHERE newest IS NOT NULL)"
    return (
        f"SELECT {columns}, {newest_first} AS moments, min(begins) AS begins"
        f" FROM ({of_leads}) o GROUP BY {columns}"
    )


def _members(view: View) -> str:
    """A join of the leads (o) of an account (k) as the view has it. Most never belonged to another."""
    if view is View.NOW:
        return "JOIN leads_lead o ON o.account_id = k.account_id"
    known_at = "k.known_at" if view is View.KNOWN else "NULL"
    seen = " AND o.recorded_at <= k.known_at" if view is View.KNOWN else ""
    stayed = "NOT EXISTS (SELECT FROM leads_datedvalue v WHERE v.lead_id = o.id AND v.key = '@account')"
    ever = (
        "SELECT v.lead_id FROM leads_datedvalue v"
        " WHERE v.key = '@account' AND v.value = to_jsonb(k.account_id)"
    )
    return (
        f"JOIN LATERAL (SELECT o.id FROM leads_lead o WHERE o.account_id = k.account_id{seen} AND {stayed}"
        f" UNION ALL SELECT o.id FROM leads_lead o WHERE o.id IN ({ever})"
        f" AND (leads_lead_at(o, k.as_of, {known_at})).account_id = k.account_id) o ON TRUE"
    )
