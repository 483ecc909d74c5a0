"""What attributes of leads and accounts were, since when, and when we learned of it."""

from django.db import models
from django.db.models import Q

from leads.models.account import Account
from leads.models.fields import told_by
from leads.models.lead import Lead

# In place of an attribute's key: the account that a lead belongs to, by id. No attribute is called so.
MEMBERSHIP = "@account"


class DatedValue(models.Model):
    """One value of one attribute from `since` on (None: from the beginning), until a later one. Append-only.

    There are rows only for what changed after its lead or account was inserted: until then the value in the
    lead's or account's own row is the only one there was. Triggers write them whenever such a row changes;
    `leads.ingestion.history` writes those that come with a time of their own.

    `value` is the fact as `facts` hold one, None where there is none; `words` its word form where that
    differs, `given` how people wrote it. Of two values with one `since` the greater `message_id` holds; those
    without one came by receipt, stand after the others, and the last to come holds.

    One that was taken back (`retracted_at`, when we learned so) never held. `told_as` names the absorbed lead
    (`Merge`) by whose key it came, where that is not the lead that has it.
    """

    lead = models.ForeignKey(
        Lead, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    account = models.ForeignKey(
        Account, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    key = models.TextField()
    value = models.JSONField(null=True)
    words = models.TextField(null=True)
    given = models.TextField(null=True)
    since = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()
    message_id = models.TextField(null=True)
    retracted_at = models.DateTimeField(null=True)
    told_as = models.ForeignKey(
        Lead, null=True, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )

    told_by = told_by()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(lead=None, account__isnull=False) | Q(lead__isnull=False, account=None),
                name="leads_dated_value_of_one",
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=False) | Q(message_id=None), name="leads_dated_value_begins"
            ),
        )
        indexes = (
            models.Index(fields=("lead", "key"), condition=Q(lead__isnull=False), name="leads_value_of_lead"),
            models.Index(
                fields=("account", "key"), condition=Q(account__isnull=False), name="leads_value_of_account"
            ),
        )
