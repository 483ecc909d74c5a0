"""Marking leads whose score may have changed."""

from collections.abc import Iterable

from leads.models import Stale
from leads.scorer import scorer


def mark_stale(lead_ids: Iterable[int]) -> None:
    """Mark leads for scoring. Call it in the transaction of the change: then no change is ever missed."""
    Stale.objects.bulk_create([Stale(lead_id=lead_id) for lead_id in sorted(set(lead_ids))])
    scorer().nudge()
