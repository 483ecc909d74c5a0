"""How it ended with a lead."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class OutcomeKind(models.TextChoices):
    CONVERTED = "converted", _("Won")
    LOST = "lost", _("Lost")
    DISQUALIFIED = "disqualified", _("Disqualified")
    WRONG_PERSON = "wrong_person", _("Wrong person")


class OutcomeReason(models.TextChoices):
    """Why a lead was lost or disqualified. Which of them goes with which is `REASONS_OF`."""

    COMPETITOR = "competitor", _("Chose somebody else")
    PRICE = "price", _("Too expensive")
    NO_BUDGET = "no_budget", _("No budget")
    NO_NEED = "no_need", _("No need")
    IN_HOUSE = "in_house", _("Does it in-house")
    TIMING = "timing", _("Not in sight, asked us to stop")
    SILENT = "silent", _("Stopped answering")
    SIZE = "size", _("Too small or too large for us")
    MARKET = "market", _("Not a market of ours")
    NO_SAY = "no_say", _("Has no say in it")
    NOT_A_BUYER = "not_a_buyer", _("Student, applicant or supplier")
    RIVAL = "rival", _("Works for a competitor of ours")
    NOT_REAL = "not_real", _("Not a real person")
    OTHER = "other", _("Something else")


REASONS_OF: dict[str, tuple[OutcomeReason, ...]] = {
    OutcomeKind.LOST: (
        OutcomeReason.COMPETITOR,
        OutcomeReason.PRICE,
        OutcomeReason.NO_BUDGET,
        OutcomeReason.NO_NEED,
        OutcomeReason.IN_HOUSE,
        OutcomeReason.TIMING,
        OutcomeReason.SILENT,
        OutcomeReason.OTHER,
    ),
    OutcomeKind.DISQUALIFIED: (
        OutcomeReason.SIZE,
        OutcomeReason.MARKET,
        OutcomeReason.NO_NEED,
        OutcomeReason.NO_SAY,
        OutcomeReason.NOT_A_BUYER,
        OutcomeReason.RIVAL,
        OutcomeReason.NOT_REAL,
        OutcomeReason.OTHER,
    ),
}


class Outcome(models.Model):
    """A lead's end, at most one at a time; undoing it sets `voided_at`."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="outcomes")
    kind = models.CharField(max_length=15, choices=OutcomeKind)
    reason = models.CharField(max_length=20, choices=OutcomeReason, blank=True)
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

    def __str__(self) -> str:
        return f"{self.lead}: {self.get_kind_display()}"
