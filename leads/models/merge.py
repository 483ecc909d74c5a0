"""Leads that turned out to be one person."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from leads.models.lead import Lead


class Merge(models.Model):
    """Two leads that are one: from `merged_at` on, `kept` has the signals of `absorbed`, which is none.

    Undone, it never was so. Nothing of the absorbed lead is moved or changed but what `choices` name, so that
    all of it can come back.

    `before` is what undoing puts back where it was changed. Triggers keep `Lead.absorbed_into` in step, and
    refuse a lead that is absorbed already, on either side.

    Who absorbs a lead that had absorbed others has these, too: rows of their own, which name the merge that
    they came with by `through`.
    """

    kept = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="absorptions")
    absorbed = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="merges")
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    through = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="brought")
    choices = ArrayField(models.TextField(), default=list, help_text="What was taken from the absorbed lead.")
    before = models.JSONField(default=dict)
    # Addresses that are in no lead's row meanwhile, since the kept lead took the other's: they still find it.
    kept_email = models.TextField(null=True)
    absorbed_email = models.TextField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=~Q(kept=F("absorbed")), name="leads_merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at=None) | Q(undone_at__gte=F("merged_at")), name="leads_merge_in_order"
            ),
            models.UniqueConstraint(
                fields=("absorbed",),
                condition=Q(undone_at=None, through=None),
                name="leads_absorbed_once_at_a_time",
            ),
        )
        indexes = (
            models.Index(
                fields=("kept_email",),
                condition=Q(undone_at=None, kept_email__isnull=False),
                name="leads_merge_kept_email",
            ),
            models.Index(
                fields=("absorbed_email",),
                condition=Q(undone_at=None, absorbed_email__isnull=False),
                name="leads_merge_absorbed_email",
            ),
        )
