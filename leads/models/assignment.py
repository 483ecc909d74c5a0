"""Who works a lead: routing on arrival, who had it since when, and claims while someone is at it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.attribute import Attribute
from leads.models.lead import Lead
from leadscoring.people.models import Team


class RoutingEntry(models.Model):
    """A line of the routing list: new leads whose attribute has one of the values go to the team."""

    position = models.PositiveSmallIntegerField(default=0)
    attribute = models.ForeignKey(Attribute, on_delete=models.PROTECT, related_name="+")
    values = ArrayField(models.CharField(max_length=200), help_text="Any of these, one a line.")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="routing")

    class Meta:
        verbose_name_plural = "routing list"

    def __str__(self) -> str:
        return f"{self.attribute} → {self.team}"


class Turn(models.Model):
    """Whose turn it was last in a team's round robin."""

    team = models.OneToOneField(Team, primary_key=True, on_delete=models.CASCADE, related_name="turn")
    last_user_id = models.BigIntegerField(null=True)


class Claim(models.Model):
    """A lease on a lead; it comes back by itself at `expires_at`. One row a lead, taken over when expired."""

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="claim")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="claims")
    taken_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("expires_at",), name="leads_claim_end"),)


class Assigned(models.TextChoices):
    """Why a lead has its team and owner."""

    ARRIVED = "arrived", _("when it came in")
    IMPORT = "import", _("an import named them")
    REASSIGNED = "reassigned", _("reassigned")
    OTHER = "", _("changed otherwise")


class Assignment(models.Model):
    """Who had a lead from `since` on, until the next row. Append-only, written by trigger.

    So no way of changing a lead's team or owner can go past it. The trigger is told by whom, why and when
    by `leads.assigning`. A claim is no assignment.
    """

    lead = models.ForeignKey(
        Lead, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="assignments"
    )
    team = models.ForeignKey(
        Team, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    since = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    why = models.CharField(max_length=15, choices=Assigned, blank=True)

    class Meta:
        indexes = (models.Index(fields=("lead", "-id"), name="leads_assignment_of"),)
