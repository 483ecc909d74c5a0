"""The inbox: messages as they came, until they have been used; and what intake has to remember of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.attribute import Attribute
from leads.models.lead import Lead
from leads.models.signal import SignalType


class IntakeKey(models.Model):
    """The digest of every (source, message id) that ever came in: none is taken twice.

    Apart from the messages, which go when they have been used: 16 bytes are all that a message leaves.
    """

    key = models.UUIDField(primary_key=True)


class IntakeMessage(models.Model):
    """A message that waits, is held until its person is known (`waits_for`), or can't be used (`reason`)."""

    class State(models.IntegerChoices):
        WAITING = 0
        HELD = 1
        QUARANTINED = 2

    form = models.CharField(max_length=20, help_text="Who reads it.")
    source = models.TextField()
    message_id = models.TextField()
    raw = models.TextField(help_text="As it came, as JSON.")
    received_at = models.DateTimeField()
    state = models.SmallIntegerField(choices=State, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    waits_for = models.TextField(null=True)
    code = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("id",), condition=Q(state=0), name="leads_intake_waiting"),
            models.Index(fields=("waits_for",), condition=Q(state=1), name="leads_intake_held"),
            models.Index(fields=("code", "id"), condition=Q(state=2), name="leads_intake_quarantine"),
            models.Index(fields=("received_at",), condition=~Q(state=0), name="leads_intake_kept"),
        )
        constraints = (
            models.CheckConstraint(
                condition=~Q(state=1) | Q(waits_for__isnull=False), name="leads_intake_held_for_somebody"
            ),
            models.CheckConstraint(condition=~Q(state=2) | ~Q(code=""), name="leads_intake_has_a_reason"),
            # What trackers and webhooks send is kept once by IntakeKey.
            models.UniqueConstraint(
                fields=("source", "message_id"), condition=Q(form="signal"), name="leads_intake_signal_once"
            ),
        )


class IntakeAlias(models.Model):
    """`name` stands for whoever `means` stands for; both are written as a kind, a colon and a value."""

    name = models.TextField(primary_key=True)
    means = models.TextField()


class IntakeBelonging(models.Model):
    """Somebody said at a time whose an anonymous id (`name`) is. Who signs in (`identifies`) says so for all
    that follows; of what else names both, only the earliest is kept.
    """

    name = models.TextField()
    at = models.DateTimeField()
    message_id = models.TextField()
    means = models.TextField()
    identifies = models.BooleanField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("name", "at", "message_id"), name="leads_intake_said_once"),
        )


class IntakeAttached(models.Model):
    """A message without a name that became a signal of whoever its anonymous id was said to be (`means`):
    kept in case that turns out to be somebody else.
    """

    name = models.TextField(db_index=True)
    means = models.TextField()
    at = models.DateTimeField()
    form = models.CharField(max_length=20)
    source = models.TextField()
    message_id = models.TextField()
    raw = models.TextField()
    received_at = models.DateTimeField(db_index=True)


class IntakeIdentity(models.Model):
    """By what a lead was last known, by the messages' own times; so older ones that come late change nothing.

    `told` has by field a list: the time and message id, then what was said.
    """

    lead = models.OneToOneField(Lead, primary_key=True, on_delete=models.CASCADE, related_name="+")
    told = models.JSONField(default=dict)


class Call(models.TextChoices):
    TRACK = "track", _("event (track)")
    PAGE = "page", _("page (page, screen)")


class IgnoredEvents(models.Model):
    """How many events of a name a mapping has ignored."""

    call = models.CharField(max_length=10, choices=Call)
    name = models.TextField()
    count = models.BigIntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("call", "name"), name="leads_ignored_event_once"),)


class EventMapping(models.Model):
    """Which events are signals of which type. The first that matches holds; one without a type ignores."""

    position = models.PositiveSmallIntegerField(
        _("place"), default=100, help_text=_("The lowest that matches holds.")
    )
    call = models.CharField(_("for"), max_length=10, choices=Call, default=Call.TRACK)
    pattern = models.CharField(
        _("name"),
        max_length=200,
        help_text=_("Of an event its name, of a page its name or path. * stands for anything."),
    )
    signal_type = models.ForeignKey(
        SignalType,
        verbose_name=_("becomes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: such events are ignored and only counted."),
    )
    properties = ArrayField(
        models.CharField(max_length=200),
        verbose_name=_("properties kept"),
        default=list,
        blank=True,
    )

    class Meta:
        verbose_name = _("event mapping")
        constraints = (models.UniqueConstraint(fields=("call", "pattern"), name="leads_event_mapping_once"),)

    def __str__(self) -> str:
        return self.pattern


class TraitMapping(models.Model):
    """Which trait of a person (identify) or of their company (group) fills which attribute."""

    class Call(models.TextChoices):
        IDENTIFY = "identify", _("the person (identify)")
        GROUP = "group", _("the company (group)")

    call = models.CharField(_("of"), max_length=10, choices=Call, default=Call.IDENTIFY)
    trait = models.CharField(
        _("trait"), max_length=200, help_text=_("As it is sent; of one inside another: address.city.")
    )
    attribute = models.ForeignKey(
        Attribute, verbose_name=_("fills"), on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        verbose_name = _("trait mapping")
        constraints = (models.UniqueConstraint(fields=("call", "trait"), name="leads_trait_mapping_once"),)

    def __str__(self) -> str:
        return self.trait
