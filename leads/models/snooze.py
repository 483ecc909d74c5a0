"""A lead that nobody works until a moment."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from leads.models.lead import Lead


class Snooze(models.Model):
    """Keeps a lead out of all queues while `at <= t < until`, or until a newer intent signal.

    The last one of a lead that nobody ended (`ended_at`) is the one that counts, or that brought the lead
    back; `Lead.snoozed_at` and `snoozed_until` say the same, for the queue.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="snoozes")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="snoozes")
    at = models.DateTimeField()
    until = models.DateTimeField()
    note = models.TextField(blank=True)
    ended_at = models.DateTimeField(
        null=True, help_text="When another took its place, or somebody ended or undid it."
    )

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="leads_snooze_in_order"),
            models.UniqueConstraint(
                fields=("lead",), condition=Q(ended_at__isnull=True), name="leads_one_snooze_a_lead"
            ),
        )
        indexes = (
            models.Index(
                fields=("user", "until"), condition=Q(ended_at__isnull=True), name="leads_snooze_of"
            ),
        )
