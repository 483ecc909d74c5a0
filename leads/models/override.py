"""A person's judgement beside the score."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead
from leadscoring.ranges import TsTzRange


class OverrideKind(models.TextChoices):
    SCORE = "score", _("set the score")
    BAND = "band", _("set the band")
    POINTS = "points", _("add or take points")
    HOLD = "hold", _("hold back")


class OverrideReason(models.TextChoices):
    MET = "met", _("Met or spoke with them")
    BUDGET = "budget", _("Budget or timing is known")
    REFERRAL = "referral", _("Referred by someone we trust")
    WRONG_DATA = "wrong_data", _("The data about them is wrong")
    NOT_A_BUYER = "not_a_buyer", _("Can't or won't buy")
    NOT_NOW = "not_now", _("Asked us to wait")
    OTHER = "other", _("Something else")


class Override(models.Model):
    """Active while `starts_at <= t < ends_at`; ending one moves `ends_at`, nothing is deleted."""

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="overrides")
    kind = models.CharField(max_length=10, choices=OverrideKind)
    points = models.IntegerField(
        null=True, help_text="The score to set, or the points to add (below 0: take)."
    )
    band = models.CharField(max_length=60, blank=True, help_text="Key of the band to set.")
    reason = models.CharField(max_length=20, choices=OverrideReason)
    note = models.TextField(blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="overrides")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    planned_end = models.DateTimeField(
        null=True, help_text="Of one that somebody ended: when it would have ended by itself."
    )
    replaces = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="What was running until this one began.",
    )
    resumes = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.RESTRICT,
        related_name="+",
        help_text="What had been ended and counts again as this one.",
    )
    model_total = models.IntegerField(
        null=True, help_text="What the model said when it began; empty for a lead without a score."
    )
    model_version = models.IntegerField(null=True, help_text="Which version said so.")
    model_band = models.CharField(max_length=60, blank=True, help_text="Key of its band.")
    jump = models.SmallIntegerField(
        null=True, help_text="Bands up (below 0: down) that it moved the lead; to the bottom if held back."
    )
    is_large = models.BooleanField(
        default=False, help_text="Jumps as far as the team's managers want to see, as the team was set then."
    )
    end_told = models.BooleanField(
        default=False, db_default=False, help_text="Whether other programs were told that its time was over."
    )

    # Of the lead, kept by trigger: whoever asks for a team's queue need not look up all that are overridden.
    lead_team = models.BigIntegerField(null=True, editable=False)
    lead_owner = models.BigIntegerField(null=True, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=("score", "points"), points__isnull=False, band="")
                | Q(kind="band", points__isnull=True) & ~Q(band="")
                | Q(kind="hold", points__isnull=True, band=""),
                name="leads_override_says_one_thing",
            ),
            # An override that was undone at once has ends_at = starts_at and an empty range.
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="leads_override_in_order"),
            ExclusionConstraint(
                name="leads_one_override_a_lead",
                expressions=(
                    ("lead", RangeOperators.EQUAL),
                    (TsTzRange("starts_at", "ends_at"), RangeOperators.OVERLAPS),
                ),
            ),
        )
        indexes = (
            models.Index(fields=("ends_at",), name="leads_override_end"),
            models.Index(
                fields=("ends_at",),
                condition=Q(end_told=False, planned_end=None),
                name="leads_override_end_untold",
            ),
            models.Index(Coalesce("lead_team", 0), "ends_at", name="leads_override_of_team"),
            models.Index(fields=("-id",), condition=Q(is_large=True), name="leads_override_large"),
        )

    def __str__(self) -> str:
        return f"{self.lead}: {self.get_kind_display()}"


class OverrideReview(models.Model):
    """What a manager said afterwards of a large override; undoing it sets `undone_at`."""

    class Verdict(models.TextChoices):
        KEEP = "keep", "kept"
        END = "end", "ended"

    override = models.ForeignKey(Override, on_delete=models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=4, choices=Verdict)
    comment = models.TextField(blank=True)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("override",),
                condition=Q(undone_at__isnull=True),
                name="leads_one_review_an_override",
            ),
            models.CheckConstraint(
                condition=Q(verdict="keep") | Q(verdict="end") & ~Q(comment=""),
                name="leads_review_ends_with_comment",
            ),
        )
