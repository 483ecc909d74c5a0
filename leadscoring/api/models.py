"""API keys, answers kept for repeated requests, and what is left of each caller's rate."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from leadscoring.api.scopes import Scope

REQUESTS_A_MINUTE = 1_200


class ApiKey(models.Model):
    """Lets a program act as a person: with that person's roles and teams, as far as its scopes go.

    Of the secret only the SHA-512 is here. While `previous_until` lies ahead, the one before it works, too.
    """

    name = models.CharField(max_length=100)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="api_keys")
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=128)
    previous_hash = models.CharField(max_length=128, blank=True)
    previous_until = models.DateTimeField(null=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope))
    requests_a_minute = models.PositiveIntegerField(
        "requests a minute",
        default=REQUESTS_A_MINUTE,
        validators=(MinValueValidator(1), MaxValueValidator(1_000_000)),
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "API key"
        constraints = (
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_has_a_scope"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("created_at")), name="api_key_lives"),
            models.CheckConstraint(
                condition=Q(previous_hash="", previous_until=None)
                | ~Q(previous_hash="") & Q(previous_until__isnull=False),
                name="api_key_previous_secret_ends",
            ),
        )

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """The answer to a request that came with an Idempotency-Key, written in that request's transaction.

    `request` is the SHA-256 of its method, path and body: the same key for something else is refused.
    """

    caller = models.CharField(max_length=40, help_text="Whose key it is: an API key, or a signed-in person.")
    key = models.CharField(max_length=255)
    request = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("caller", "key"), name="api_kept_answer_once"),)
        indexes = (models.Index(fields=("at",), name="api_kept_answer_at"),)


class Bucket(models.Model):
    """How many requests a caller has left, as of `filled_at`. In an unlogged table: a crash fills it up."""

    caller = models.CharField(max_length=40, primary_key=True)
    tokens = models.FloatField()
    filled_at = models.DateTimeField()
