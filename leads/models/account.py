"""Accounts: the companies that leads work for."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from leads.models.fields import ExactDecimalField, told_by


class Account(models.Model):
    """A company.

    `attributes` holds every value as it was given, by attribute key. The other columns hold what scoring
    compares: the standard attributes normalised and typed, and in `facts` the same for defined ones.
    """

    attributes = models.JSONField(default=dict)
    company = models.TextField(
        null=True, help_text="Normalised name; finds the account where no domain is known."
    )
    company_domain = models.TextField(null=True, unique=True)
    company_size = models.TextField(null=True)
    revenue = ExactDecimalField(null=True)
    industry = models.TextField(null=True)
    company_country = models.TextField(null=True)
    is_competitor = models.BooleanField("competitor", null=True)
    facts = models.JSONField(default=dict)
    words = models.JSONField(
        null=True,
        help_text="Word forms (leads.text) by key, of those texts whose word form differs from the text.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="accounts"
    )
    created_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(
        db_default=Now(), help_text="When it was inserted: what came with it is known since then."
    )
    told_by = told_by()
    next_value_at = models.DateTimeField(
        null=True, help_text="When the next value that is known already begins to hold."
    )

    class Meta:
        indexes = (
            models.Index(fields=("industry",), name="leads_account_industry"),
            models.Index(fields=("company",), opclasses=("text_pattern_ops",), name="leads_account_begins"),
            models.Index(
                fields=("next_value_at",),
                condition=models.Q(next_value_at__isnull=False),
                name="leads_account_next_value",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("company",),
                condition=models.Q(company_domain__isnull=True),
                name="leads_account_by_name",
            ),
        )

    def __str__(self) -> str:
        return str(self.attributes.get("company") or self.company_domain or f"Account {self.pk}")
