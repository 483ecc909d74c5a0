"""Whose signals and deeds a lead has: its own, and those of the leads that it absorbed."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet

from leads.models import Lead, Merge

UNDO_WITHIN = timedelta(days=30)


def absorbed_by(lead: Lead) -> Sequence[int]:
    """The ids of the leads that this one has absorbed, with what these had absorbed."""
    merges = Merge.objects.filter(kept=lead, undone_at=None)
    return list(merges.order_by("absorbed").values_list("absorbed", flat=True).distinct())


def members_of(lead: Lead) -> Sequence[int]:
    """The lead's id, and those of the leads that it has absorbed."""
    return [lead.pk, *absorbed_by(lead)]


def merges_of(lead: Lead) -> QuerySet[Merge]:
    """The merges that hold by which this lead absorbed others, the latest first."""
    merges = Merge.objects.filter(kept=lead, undone_at=None, through=None)
    return merges.select_related("absorbed", "merged_by").order_by("-merged_at", "-pk")
