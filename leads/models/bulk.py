"""Changing many leads at once: a job, and a row for each lead of it."""

from django.conf import settings
from django.db import models

from leads.models.lead import Lead


class BulkJob(models.Model):
    """One thing that somebody has done to many leads, one lead after the other.

    `parameters` are those of the verb, as JSON. A worker holds the job by a lease: it commits a lead only
    under the fence that it took the job with. `undoes` names the job that this one takes back.
    """

    class Kind(models.TextChoices):
        SNOOZE = "snooze"
        ASSIGN = "assign"
        UNDO = "undo"

    kind = models.CharField(max_length=10, choices=Kind)
    parameters = models.JSONField(default=dict)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bulk_jobs")
    made_at = models.DateTimeField()
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    leased_until = models.DateTimeField(null=True)
    fence = models.IntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("made_at",),
                condition=models.Q(finished_at=None, cancelled_at=None),
                name="leads_bulk_open",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="undo", undoes__isnull=False)
                | ~models.Q(kind="undo") & models.Q(undoes__isnull=True),
                name="leads_bulk_undoes_a_job",
            ),
        )


class BulkItem(models.Model):
    """A lead of a job, in the job's order. `done` is what undoing it asks for: the id of what was made."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        REFUSED = "refused"

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="items")
    place = models.IntegerField()
    lead = models.ForeignKey(Lead, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    done = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, help_text="Why the lead was refused, as a sentence.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=("job", "place"), name="leads_bulk_in_order"),)
        indexes = (
            models.Index(
                fields=("job", "place"), condition=models.Q(state="waiting"), name="leads_bulk_waiting"
            ),
        )
