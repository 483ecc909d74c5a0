"""That something happened to a lead of which other programs are to be told."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from leadscoring.hooks.models import EventKind


class WebhookMark(models.Model):
    """One thing to tell of, with the score as it was then; written in the transaction of its cause.

    Changes of scores are marked by trigger, overrides by `leads.webhook_marks`; only what an endpoint asked
    for. A worker takes the marks and makes messages of them (`leads.webhooks`). The columns are those of
    Score, empty for a lead that had none; `previous_*` are of the change before, empty where there was none.
    """

    sequence = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=30, choices=EventKind)
    lead_id = models.BigIntegerField()
    at = models.DateTimeField()
    override_id = models.BigIntegerField(null=True)
    cause = models.SmallIntegerField(default=0, db_default=0, help_text="Bits of Cause.")
    version_id = models.IntegerField(null=True)
    total = models.IntegerField(null=True)
    engagement = models.IntegerField(null=True)
    fit = models.IntegerField(null=True)
    band = models.SmallIntegerField(null=True)
    due_at = models.DateTimeField(null=True)
    hits = models.BigIntegerField(null=True)
    counts = ArrayField(models.SmallIntegerField(), null=True)
    weights = ArrayField(models.FloatField(), null=True)
    previous_total = models.IntegerField(null=True)
    previous_band = models.SmallIntegerField(null=True)
    previous_version_id = models.IntegerField(null=True)
