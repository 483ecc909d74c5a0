"""What sales said to a lead that reached one of its bands."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class ReturnReason(models.TextChoices):
    NOT_QUALIFIED = "not_qualified", _("Not qualified, whatever the score")
    TOO_EARLY = "too_early", _("Too early, keep in touch")
    NO_INTEREST = "no_interest", _("No interest in us")
    NO_ANSWER = "no_answer", _("Can't be reached")
    WRONG_DATA = "wrong_data", _("What we know is wrong or missing")
    OTHER = "other", _("Something else")


class Handoff(models.Model):
    """A lead of a band that sales works, accepted, or returned to marketing with a reason.

    Band, source and version are kept as they were then, so that acceptance can be counted by each.
    """

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="handoffs")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="handoffs")
    at = models.DateTimeField()
    accepted = models.BooleanField()
    reason = models.CharField(max_length=20, choices=ReturnReason, blank=True)
    note = models.TextField(blank=True)
    band = models.CharField(max_length=60, help_text="Key of the band that it counted for.")
    rank = models.SmallIntegerField(help_text="That band's rank from the top: -1, -2 and so on.")
    source = models.TextField(blank=True, help_text="The lead's source in normal form.")
    version_id = models.IntegerField(help_text="The model version that had scored it.")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(accepted=True, reason="") | Q(accepted=False) & ~Q(reason=""),
                name="leads_handoff_returned_for_a_reason",
            ),
        )
        indexes = (
            models.Index(fields=("lead", "-at"), name="leads_handoff_of"),
            models.Index(fields=("at",), name="leads_handoff_at"),
        )
