"""Whose a lead was since when, as its page shows it."""

from collections.abc import Sequence

from leads.models import Assignment, Lead

SHOWN = 10


def assignments_of(lead: Lead) -> Sequence[Assignment]:
    """Who got the lead when, by whom and why, the latest first."""
    rows = Assignment.objects.filter(lead=lead).select_related("owner", "team", "by")
    return list(rows.order_by("-pk")[:SHOWN])
