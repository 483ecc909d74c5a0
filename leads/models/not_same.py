"""Leads that look like one person and are two."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leads.models.lead import Lead


class NotSame(models.Model):
    """Somebody said that these two are different people. `first` has the lower id."""

    first = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="leads_not_same_in_order"),
            models.UniqueConstraint(
                fields=("first", "second"), condition=Q(undone_at=None), name="leads_not_same_once"
            ),
        )
