"""A lead that one person leaves for later."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class SkipReason(models.TextChoices):
    BAD_TIME = "bad_time", _("Not a good time to reach them")
    RESEARCH = "research", _("I need to find out more first")
    NO_DETAILS = "no_details", _("There is no number or address")
    COLLEAGUE = "colleague", _("A colleague is better placed")
    WEAK = "weak", _("Doesn't look worth it")
    OTHER = "other", _("Something else")


class Skip(models.Model):
    """Keeps a lead out of one person's queue while `at <= t < until`, unless it was ended before."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="skips")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="skips")
    at = models.DateTimeField()
    until = models.DateTimeField()
    reason = models.CharField(max_length=20, choices=SkipReason)
    note = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, help_text="When it was ended before its time.")

    class Meta:
        indexes = (
            models.Index(
                fields=("user", "until"), condition=models.Q(ended_at__isnull=True), name="leads_skip_of"
            ),
        )
