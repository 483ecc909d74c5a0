"""Marking leads whose score may have changed."""

from collections.abc import Iterable

from django.db import connection

from leads.models.score_change import Cause
from leads.scorer import scorer

NOTHING_LEARNED = Cause(0)


def mark_stale(lead_ids: Iterable[int], cause: Cause = NOTHING_LEARNED) -> None:
    """Mark leads for scoring, for what was learned of them.

    Call it in the transaction of the change: then no change is ever missed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_stale (lead_id, cause) SELECT unnest(%s::bigint[]), %s",
            [sorted(set(lead_ids)), cause.value],
        )
    scorer().nudge()


def mark_accounts_stale(account_ids: Iterable[int]) -> None:
    """Mark all leads of these accounts, whose rows the caller has locked so that no lead joins unseen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO leads_stale (lead_id, cause)"
            " SELECT id, %s FROM leads_lead WHERE account_id = ANY(%s)",
            [Cause.ACCOUNT.value, sorted(set(account_ids))],
        )
    scorer().nudge()
