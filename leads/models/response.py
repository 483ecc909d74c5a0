"""Who waits for an answer and until when: the two response clocks of a lead (docs/response.md)."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from leads.models.lead import Lead
from leadscoring.people.models import Team

GREATEST_HOURS = 2_000


class Response(models.Model):
    """A lead whose clocks run; who was answered has no row.

    `signal_at` and `assigned_at` are when each clock started, the `…_due_at` when it runs out in the team's
    business hours, None for a clock that doesn't run; `due_at` is the sooner of the two. `team_id` and
    `owner_id` copy the lead's (0 for none), so that what is overdue is counted by one index. All of it
    follows from other tables (`leads.response.refresh`).
    """

    lead = models.OneToOneField(
        Lead, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="response"
    )
    team_id = models.BigIntegerField()
    owner_id = models.BigIntegerField()
    signal_at = models.DateTimeField(null=True)
    signal_due_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    assigned_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    told = models.BooleanField(db_default=False, help_text="Its owner was told that it is overdue.")

    class Meta:
        indexes = (
            models.Index(fields=("team_id", "owner_id", "due_at"), name="leads_response_due"),
            models.Index(fields=("due_at",), name="leads_response_by"),
        )


class ResponseMark(models.Model):
    """Says that a lead's clocks may have started or ended; written with what did it, never unique."""

    lead_id = models.BigIntegerField()


class ResponseTime(models.Model):
    """Within how many business hours a team answers leads of a band, from `since` on; the latest row holds.

    `hours` None: as the live version says again.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    band = models.CharField(max_length=60, help_text="Key of the band.")
    hours = models.PositiveSmallIntegerField(
        null=True, validators=(MinValueValidator(1), MaxValueValidator(GREATEST_HOURS))
    )
    since = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = (models.Index(fields=("team", "band", "-id"), name="leads_responsetime_of"),)


class ResponseBasis(models.Model):
    """What the stored due instants were computed with: a digest of response times, hours and holidays."""

    only = models.BooleanField(primary_key=True, default=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(only=True), name="leads_one_responsebasis"),)
