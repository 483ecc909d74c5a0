"""Endpoints, the events that they are told of, and what became of each message on its way."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

FIRST_THRESHOLD = 10


class EventKind(models.TextChoices):
    BAND = "lead.band_changed", _("A lead comes into another band")
    SCORE = "lead.score_changed", _("A score changes by at least so many points")
    OVERRIDE_SET = "override.set", _("Somebody overrides a score")
    OVERRIDE_ENDED = "override.ended", _("Somebody ends an override")
    ACTIVATED = "version.activated", _("Another version of a model goes live")
    TEST = "test", _("A test")


# What an endpoint can ask for; a test is sent by hand.
CHOSEN = tuple(kind for kind in EventKind if kind is not EventKind.TEST)


class Off(models.TextChoices):
    BY_HAND = "by_hand", _("switched off by hand")
    GONE = "gone", _("it said that it is gone for good (410)")
    FAILING = "failing", _("it failed for days")


class Endpoint(models.Model):
    """An address that is told of events.

    Its secret is not here: it is made of `salt` and the key of the environment (`secrets_of.py`), and so is
    the one before it, which signs as well until `previous_until`. `fingerprint` tells whether that key is
    still the one with which the secret was shown. `failures` counts tries that failed since the last good
    answer, `failing_since` is the first of them; nothing is sent before `rests_until`.
    """

    url = models.CharField(_("address"), max_length=2_000)
    description = models.CharField(_("what it is for"), max_length=200)
    events = ArrayField(models.CharField(max_length=30, choices=EventKind), verbose_name=_("told of"))
    threshold = models.PositiveIntegerField(
        _("points"),
        default=FIRST_THRESHOLD,
        validators=(MinValueValidator(1), MaxValueValidator(1_000_000)),
        help_text=_("The least change of a score that it is told of."),
    )
    is_on = models.BooleanField(_("on"), default=True)
    off_because = models.CharField(max_length=10, choices=Off, blank=True)
    off_at = models.DateTimeField(null=True)
    salt = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=16)
    previous_salt = models.CharField(max_length=64, blank=True)
    previous_until = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    rests_until = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(_("last good answer"), null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        constraints = (
            models.CheckConstraint(condition=~Q(events=[]), name="hooks_endpoint_wants_something"),
            models.CheckConstraint(condition=Q(threshold__gte=1), name="hooks_threshold_counts"),
            models.CheckConstraint(
                condition=Q(is_on=True, off_because="", off_at=None)
                | Q(is_on=False, off_at__isnull=False) & ~Q(off_because=""),
                name="hooks_endpoint_off_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(previous_salt="", previous_until=None)
                | ~Q(previous_salt="") & Q(previous_until__isnull=False),
                name="hooks_previous_secret_ends",
            ),
        )

    def __str__(self) -> str:
        return self.description


class Event(models.Model):
    """Something that happened, with the bytes in which it is told.

    `message_id` is the `webhook-id` of all its messages. Of two events of one lead, that with the greater
    `sequence` is the later one; the numbers are of one sequence of the database and have gaps.
    """

    message_id = models.UUIDField(default=uuid4, unique=True)
    kind = models.CharField(_("event"), max_length=30, choices=EventKind)
    lead_id = models.BigIntegerField(_("lead"), null=True)
    sequence = models.BigIntegerField()
    at = models.DateTimeField(_("when"))
    body = models.TextField()
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = (models.Index(fields=("recorded_at",), name="hooks_event_recorded"),)

    def __str__(self) -> str:
        return str(EventKind(self.kind).label)

    @property
    def webhook_id(self) -> str:
        return f"msg_{self.message_id.hex}"


class Delivery(models.Model):
    """An event on its way to an endpoint: due at `due_at` until it is answered, or set aside.

    A worker that sends it moves `due_at` ahead for the length of its lease. After `give_up_at` it is not
    tried again by itself.
    """

    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="deliveries")
    due_at = models.DateTimeField(_("next try"))
    give_up_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    dead_at = models.DateTimeField(_("set aside"), null=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = (
            models.UniqueConstraint(fields=("event", "endpoint"), name="hooks_one_delivery_an_endpoint"),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(dead_at=None), name="hooks_delivery_ends_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("endpoint", "id"),
                condition=Q(delivered_at__isnull=True, dead_at__isnull=True),
                name="hooks_delivery_waiting",
            ),
            models.Index(
                fields=("endpoint", "id"), condition=Q(dead_at__isnull=False), name="hooks_delivery_dead"
            ),
        )

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"

    @property
    def latest_first(self) -> models.QuerySet["Attempt"]:
        """All tries to deliver it."""
        return self.attempts.order_by("-pk")


class Attempt(models.Model):
    """One try to deliver: what came back within how many milliseconds, and how that answer began."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(_("when"))
    status = models.PositiveSmallIntegerField(_("status"), null=True)
    ms = models.PositiveIntegerField(_("milliseconds"))
    answer = models.TextField(_("answer"), blank=True)
    error = models.CharField(_("error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("try")
        verbose_name_plural = _("tries")
        indexes = (models.Index(fields=("delivery", "id"), name="hooks_attempt_of"),)
