"""Leads: the people who may buy."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from leads.models.account import Account
from leads.models.fields import ExactDecimalField, told_by
from leadscoring.people.models import Team


class Lead(models.Model):
    """A person who may buy.

    `attributes` holds every value as it was given, by attribute key. The typed columns hold what scoring
    compares: the standard attributes normalised (`leads.attributes`), and in `facts` the same for defined
    ones (text as text, numbers as JSON numbers, dates as ISO 8601 in UTC). Write them through
    `leads.ingestion`, which keeps both in step and marks the lead stale.
    """

    external_id = models.TextField(null=True, unique=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="leads")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="leads")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="leads"
    )
    absorbed_into = models.ForeignKey(
        "self",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="+",
        help_text="The lead that has this one's signals, of two that were merged (`Merge`).",
    )
    is_open = models.BooleanField(
        "open", default=True, help_text="Closed from an outcome on, until that is undone."
    )
    snoozed_at = models.DateTimeField(null=True, help_text="When it was last snoozed.")
    snoozed_until = models.DateTimeField(
        null=True, help_text="Out of all queues until then, or until an intent signal after `snoozed_at`."
    )
    objected_at = models.DateTimeField(
        null=True, help_text="Since when the person objects to profiling: nothing scores them."
    )
    returned_rank = models.SmallIntegerField(
        null=True, help_text="Of a lead that sales returned: the rank of the band that it has to get above."
    )
    created_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(
        db_default=Now(), help_text="When it was inserted: what came with it is known since then."
    )
    told_by = told_by()
    next_value_at = models.DateTimeField(
        null=True, help_text="When the next value that is known already begins to hold."
    )

    attributes = models.JSONField(default=dict)

    email = models.TextField(null=True, unique=True)
    first_name = models.TextField(null=True)
    last_name = models.TextField(null=True)
    job_title = models.TextField(null=True)
    job_function = models.TextField(null=True)
    seniority = models.TextField(null=True)
    phone = models.TextField(null=True)
    country = models.TextField(null=True)
    city = models.TextField(null=True)
    source = models.TextField(null=True)
    campaign = models.TextField(null=True)
    inbound = models.BooleanField(null=True)
    linkedin_url = models.TextField(null=True)
    ssi_score = ExactDecimalField(null=True)
    facts = models.JSONField(default=dict)
    words = models.JSONField(
        null=True,
        help_text="Word forms (leads.text) by key, of those texts whose word form differs from the text.",
    )

    class Meta:
        indexes = (
            models.Index(
                fields=("id",), condition=models.Q(objected_at__isnull=False), name="leads_lead_objected"
            ),
            models.Index(fields=("team", "owner"), name="leads_by_team_owner"),
            models.Index(fields=("source",), name="leads_by_source"),
            models.Index(fields=("country",), name="leads_by_country"),
            # For names that begin with what somebody types.
            models.Index(fields=("first_name",), opclasses=("text_pattern_ops",), name="leads_by_first_name"),
            models.Index(fields=("last_name",), opclasses=("text_pattern_ops",), name="leads_by_last_name"),
            # By these two duplicates are looked for.
            models.Index(
                fields=("account", "last_name", "first_name"),
                condition=models.Q(account__isnull=False, last_name__isnull=False, first_name__isnull=False),
                name="leads_lead_name_at",
            ),
            models.Index(
                models.Func("email", models.Value(r"\+[^@]*@"), models.Value("@"), function="regexp_replace"),
                condition=models.Q(email__contains="+"),
                name="leads_lead_mailbox",
            ),
            models.Index(
                fields=("absorbed_into",),
                condition=models.Q(absorbed_into__isnull=False),
                name="leads_lead_absorbed",
            ),
            models.Index(
                fields=("next_value_at",),
                condition=models.Q(next_value_at__isnull=False),
                name="leads_lead_next_value",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What to call this person on a page; never empty."""
        given = (str(self.attributes.get(key, "")) for key in ("first_name", "last_name"))
        return " ".join(part for part in given if part) or str(
            self.attributes.get("email") or self.external_id or f"Lead {self.pk}"
        )
