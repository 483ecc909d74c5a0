"""Leads given to other people by a manager, many in one act, which can be taken back as one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class Reassignment(models.Model):
    """One act. `book_of` names the person whose whole book of open leads it was, if it was one."""

    class Way(models.TextChoices):
        PEOPLE = "people", _("To people, in turn")
        ROUTING = "routing", _("To the reps of each lead's team, in turn")
        NOBODY = "nobody", _("To nobody: any rep of the team may take them")

    way = models.CharField(max_length=10, choices=Way)
    book_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    leads = models.PositiveIntegerField(help_text="How many changed hands.")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = (models.Index(fields=("-at",), name="leads_reassignment_latest"),)


class ReassignedLead(models.Model):
    """From whom to whom one lead went. Ids without constraints: they are a record, whoever is still there."""

    reassignment = models.ForeignKey(Reassignment, on_delete=models.CASCADE, related_name="moves")
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="+")
    from_team_id = models.BigIntegerField(null=True)
    from_owner_id = models.BigIntegerField(null=True)
    to_team_id = models.BigIntegerField(null=True)
    to_owner_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("reassignment", "lead"), name="leads_reassigned_once_an_act"),
        )
