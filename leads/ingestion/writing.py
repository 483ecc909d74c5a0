"""Writing leads and accounts set by set: COPY for new rows, one UPDATE for changed ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from django.db import connection

from leads.attributes import Fact
from leads.ingestion.records import ACCOUNT_COLUMNS, LEAD_COLUMNS, AccountRecord, LeadRecord, Record
from leads.ingestion.told import json_of
from leads.models import Outcome

_KEPT = {"attributes": "jsonb", "facts": "jsonb", "words": "jsonb"}
_LEAD_OWN = {
    "external_id": "text",
    "account_id": "bigint",
    "team_id": "bigint",
    "owner_id": "bigint",
    "is_open": "boolean",
    "created_at": "timestamptz",
}


def write_accounts(accounts: Sequence[AccountRecord], *, at: datetime) -> list[int]:
    """Insert new accounts, which get their ids, and update changed ones; the ids of the changed ones."""
    new = [account for account in accounts if account.id is None]
    changed = [account for account in accounts if account.id is not None and account.changed]
    _number("leads_account", new)
    _copy(
        "leads_account",
        ("id", "owner_id", "created_at", "recorded_at", *_KEPT, *ACCOUNT_COLUMNS),
        ((account.id, None, at, at, *_kept(account), *_typed(account, ACCOUNT_COLUMNS)) for account in new),
    )
    _update(
        "leads_account",
        _KEPT,
        ACCOUNT_COLUMNS,
        [(account.id, *_kept(account), *_typed(account, ACCOUNT_COLUMNS)) for account in changed],
    )
    return [account.id for account in changed if account.id is not None]


def write_leads(leads: Sequence[LeadRecord], *, at: datetime) -> None:
    """Insert new leads, which get their ids, and update the others; accounts have theirs by now."""
    new = [lead for lead in leads if lead.id is None]
    changed = [lead for lead in leads if lead.id is not None]
    _free_emails(changed)
    _update(
        "leads_lead",
        _LEAD_OWN | _KEPT,
        LEAD_COLUMNS,
        [(lead.id, *_own(lead), *_kept(lead), *_typed(lead, LEAD_COLUMNS)) for lead in changed],
    )
    _number("leads_lead", new)
    _copy(
        "leads_lead",
        ("id", "recorded_at", *_LEAD_OWN, *_KEPT, *LEAD_COLUMNS),
        ((lead.id, at, *_own(lead), *_kept(lead), *_typed(lead, LEAD_COLUMNS)) for lead in new),
    )


def write_outcomes(leads: Iterable[LeadRecord], *, actor_id: int, at: datetime) -> None:
    """Give these leads the outcome that they hold, in place of an earlier one."""
    closed = [(lead.id, lead.outcome) for lead in leads if lead.id is not None and lead.outcome is not None]
    Outcome.objects.filter(lead__in=[pk for pk, _ in closed], voided_at=None).update(voided_at=at)
    Outcome.objects.bulk_create(
        Outcome(lead_id=pk, kind=kind, at=at, source="import", recorded_by_id=actor_id, recorded_at=at)
        for pk, kind in closed
    )


def _own(lead: LeadRecord) -> tuple[object, ...]:
    account_id = lead.account.id if lead.account else lead.account_id
    return (
        lead.external_id,
        account_id,
        lead.team_id,
        lead.owner_id,
        lead.outcome is None,
        lead.created_at,
    )


def _kept(record: Record) -> tuple[str, str, str | None]:
    words = json_of(record.words) if record.words else None
    return json_of(record.attributes), json_of(record.facts), words


def _typed(record: Record, columns: Iterable[str]) -> Iterator[Fact | None]:
    return (record.columns.get(column) for column in columns)


def _number(table: str, records: Sequence[Record]) -> None:
    """Give new rows their ids, in their order."""
    if not records:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, len(records)],
        )
        for record, (pk,) in zip(records, cursor.fetchall(), strict=True):
            record.id = pk


def _copy(table: str, columns: Sequence[str], rows: Iterable[tuple[object, ...]]) -> None:
    with (
        connection.wrap_database_errors,  # Django wraps all but COPY by itself.
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _update(
    table: str, own: Mapping[str, str], typed: Mapping[str, str], rows: Sequence[tuple[object, ...]]
) -> None:
    """Set `own` columns to what the rows say, `typed` ones only where they say something."""
    if not rows:
        return
    columns = {"id": "bigint", **own, **typed}
    sets = [f"{name} = i.{name}" for name in own]
    sets += [f"{name} = coalesce(i.{name}, t.{name})" for name in typed]
    arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
    statement = f"""
        UPDATE {table} t SET {", ".join(sets)}
          FROM unnest({arrays}) AS i({", ".join(columns)}) WHERE t.id = i.id
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(column) for column in zip(*rows, strict=True)])


def _free_emails(leads: Iterable[LeadRecord]) -> None:
    """Let go of addresses that change, so that leads can hand them on within one statement."""
    ids = [lead.id for lead in leads if lead.known_as[1] not in (None, lead.email)]
    if ids:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE leads_lead SET email = NULL WHERE id = ANY(%s)", [ids])
