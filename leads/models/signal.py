"""Signals: dated things that happened, and their retractions. Both append-only."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead


class SignalClass(models.TextChoices):
    ENGAGEMENT = "engagement", _("Engagement")
    INTENT = "intent", _("Intent")
    VANITY = "vanity", _("Vanity")
    STATE = "state", _("State")
    OTHER = "other", _("Other")


class Stage(models.TextChoices):
    NONE = "", _("none")
    AWARENESS = "awareness", _("Awareness")
    CONSIDERATION = "consideration", _("Consideration")
    DECISION = "decision", _("Decision")


class SignalType(models.Model):
    id = models.SmallAutoField(primary_key=True)
    key = models.CharField(
        max_length=60,
        unique=True,
        validators=(
            RegexValidator(r"^[a-z][a-z0-9_]*$", "Use small letters, digits and _, a letter first."),
        ),
    )
    label = models.CharField(max_length=100, help_text="What the lead did, for example Viewed the profile.")
    is_engagement = models.BooleanField(
        "counts as engagement", default=False, help_text="An inactivity rule counts from the latest of these."
    )
    signal_class = models.CharField("class", max_length=12, choices=SignalClass, default=SignalClass.OTHER)
    stage = models.CharField(max_length=15, choices=Stage, default=Stage.NONE, blank=True)
    standard = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return self.label


class Signal(models.Model):
    """One row a signal, as narrow as scoring needs it; the rest is in `SignalDetail`.

    `retracted_at` repeats when its `Retraction` was received, so that scoring needs no other table.

    The table is partitioned by `occurred_at` (one default partition so far), so in the database the key is
    (id, occurred_at). `key` is the 128-bit digest of (source, message id) that `SignalKey` keeps for ever.
    """

    id = models.BigAutoField(primary_key=True)
    lead = models.ForeignKey(Lead, on_delete=models.DO_NOTHING, db_constraint=False, related_name="signals")
    type = models.ForeignKey(SignalType, on_delete=models.PROTECT, db_constraint=False, related_name="+")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    retracted_at = models.DateTimeField(null=True)
    key = models.UUIDField()

    class Meta:
        managed = False
        db_table = "leads_signal"

    def __str__(self) -> str:
        return f"{self.lead}: {self.type}"


class SignalDetail(models.Model):
    """What scoring doesn't read at full speed: where a signal came from and what else it said.

    `properties` are as they were given, `facts` as rules compare them (`ingestion.property_facts`).
    """

    key = models.UUIDField(primary_key=True)
    lead = models.ForeignKey(Lead, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+")
    source = models.TextField()
    message_id = models.TextField()
    properties = models.JSONField(default=dict)
    facts = models.JSONField(null=True)


class SignalKey(models.Model):
    """Every (source, message id) that ever counted. `content` tells a repeat from a clash."""

    key = models.UUIDField(primary_key=True)
    content = models.BigIntegerField()


class Retraction(models.Model):
    """Takes back the signal of a (source, message id), whose key this is; it may come before it."""

    key = models.UUIDField(primary_key=True)
    received_at = models.DateTimeField()


class WaitingSignal(models.Model):
    """A signal whose lead isn't known yet; it attaches when the lead comes."""

    lead_key = models.CharField(max_length=15, choices=(("external_id", "external id"), ("email", "e-mail")))
    lead_value = models.TextField()
    type = models.ForeignKey(SignalType, on_delete=models.PROTECT, related_name="+")
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    key = models.UUIDField(unique=True)
    source = models.TextField()
    message_id = models.TextField()
    properties = models.JSONField(default=dict)
    facts = models.JSONField(null=True)

    class Meta:
        indexes = (models.Index(fields=("lead_key", "lead_value"), name="leads_waiting_for"),)
