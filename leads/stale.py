"""Marking leads whose score may have changed."""

from collections.abc import Iterable

from django.db import connection

from leads.scorer import scorer


def mark_stale(lead_ids: Iterable[int]) -> None:
    """Mark leads for scoring. Call it in the transaction of the change: then no change is ever missed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_stale (lead_id) SELECT unnest(%s::bigint[])", [sorted(set(lead_ids))]
        )
    scorer().nudge()


def mark_accounts_stale(account_ids: Iterable[int]) -> None:
    """Mark all leads of these accounts, whose rows the caller has locked so that no lead joins unseen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_stale (lead_id) SELECT id FROM leads_lead WHERE account_id = ANY(%s)",
            [sorted(set(account_ids))],
        )
    scorer().nudge()
