"""How it ended with a lead."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class OutcomeKind(models.TextChoices):
    CONVERTED = "converted", _("Won")
    LOST = "lost", _("Lost")
    DISQUALIFIED = "disqualified", _("Disqualified")


class Outcome(models.Model):
    """A lead's end, at most one at a time; undoing it sets `voided_at`."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=15, choices=OutcomeKind)
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    source = models.CharField(max_length=100, default="person")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    recorded_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("lead",), condition=models.Q(voided_at__isnull=True), name="leads_one_outcome_a_lead"
            ),
        )
