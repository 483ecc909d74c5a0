"""Leads that were merged: whose signals count for whom, and who is no lead of its own.

Statements read this only where there are merges at all (`Catalogue.merges`).
"""

SIGNAL = ("id", "lead_id", "type_id", "occurred_at", "received_at", "retracted_at", "key")


def holds(as_of: str, known: str | None) -> str:
    """The condition that a merge (m) holds at a moment, by what is known (None: all that is known now)."""
    if known is None:
        return f"m.undone_at IS NULL AND m.merged_at <= {as_of}"
    return f"m.merged_at <= LEAST({as_of}, {known}) AND (m.undone_at IS NULL OR m.undone_at > {known})"


def with_absorbed(table: str, as_of: str, known: str | None) -> str:
    """The signals of a table, and those of absorbed leads once more, as those of the lead that has them."""
    columns = ", ".join("m.kept_id" if name == "lead_id" else f"a.{name}" for name in SIGNAL)
    return (
        f"LATERAL (SELECT {', '.join(SIGNAL)} FROM {table} own"
        f" UNION ALL SELECT {columns} FROM leads_merge m JOIN {table} a ON a.lead_id = m.absorbed_id"
        f" WHERE {holds(as_of, known)})"
    )


def is_lead(lead_id: str, as_of: str, known: str | None) -> str:
    """The condition that a lead is one of its own: nobody has absorbed it."""
    return f"NOT EXISTS (SELECT FROM leads_merge m WHERE m.absorbed_id = {lead_id} AND {holds(as_of, known)})"


def next_merge(known: str | None) -> str:
    """When a subject (b) is merged next, though nothing new is learned."""
    return (
        f"(SELECT min(m.merged_at) FROM leads_merge m WHERE {_of_subject('b.lead_id')} AND {_ahead(known)})"
    )


def next_of_account(known: str | None) -> str:
    """When somebody of a subject's account is merged next."""
    return (
        "(SELECT min(m.merged_at) FROM leads_lead c JOIN leads_merge m ON c.id IN (m.kept_id, m.absorbed_id)"
        f" WHERE c.account_id = l.account_id AND {_ahead(known)})"
    )


def _of_subject(lead_id: str) -> str:
    return f"(m.kept_id = {lead_id} OR m.absorbed_id = {lead_id})"


def _ahead(known: str | None) -> str:
    ahead = "m.merged_at > b.as_of"
    if known is None:
        return f"{ahead} AND m.undone_at IS NULL"
    return f"{ahead} AND m.merged_at <= {known} AND (m.undone_at IS NULL OR m.undone_at > {known})"
