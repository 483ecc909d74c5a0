"""What the live version says of each lead, as narrow as a million rows want it."""

from datetime import UTC, datetime
from enum import IntFlag

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from leads.models.lead import Lead

# Sorts below every real moment, and Python can hold it (which it can't -infinity).
NEVER = datetime(1900, 1, 1, tzinfo=UTC)


class Changed(IntFlag):
    """What the last evaluation changed, beside the bits TIME, VERSION, FIRST and MODEL of Cause."""

    POINTS = 1024
    BAND = 2048


class Score(models.Model):
    """One row a scored lead: which rules fired, not what they say.

    `version_id` names a model version of whoever scores (no foreign key: leads know nothing of models).
    Bit i of `hits` is set when the version's i-th enabled rule fired; `counts` holds, in the order of the
    rules that repeat, how often each counted, and `weights` the units of decayed rules at `scored_at`, which
    is the `as_of` of the evaluation. `band` is a rank from the top, -1, -2 and so on: so the bands of models
    with different numbers of them stand in one order. `changed` says what was another one before it was
    written last: bits of Cause and of Changed. `team_id`, `owner_id`, `is_open`, `snoozed_at`,
    `snoozed_until` and `returned_rank` copy the lead's (kept by trigger), so that the queue is one index
    scan.
    """

    lead = models.OneToOneField(
        Lead, primary_key=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="score"
    )
    version_id = models.IntegerField()
    scored_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    last_intent_at = models.DateTimeField(help_text="NEVER where there was none.")
    engagement = models.IntegerField()
    fit = models.IntegerField()
    total = models.IntegerField()
    band = models.SmallIntegerField()
    is_open = models.BooleanField()
    hits = models.BigIntegerField()
    counts = ArrayField(models.SmallIntegerField(), null=True)
    weights = ArrayField(models.FloatField(), null=True)
    team_id = models.BigIntegerField(null=True)
    owner_id = models.BigIntegerField(null=True)
    changed = models.SmallIntegerField(db_default=0)
    snoozed_at = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    returned_rank = models.SmallIntegerField(null=True)

    class Meta:
        indexes = (
            # By owner, so that one person's queue is a scan of nothing else; no team and nobody are 0.
            models.Index(
                Coalesce("team_id", 0),
                Coalesce("owner_id", 0),
                F("band").desc(),
                F("total").desc(),
                F("last_intent_at").desc(),
                "lead_id",
                condition=Q(is_open=True),
                name="leads_score_queue",
            ),
            models.Index(fields=("due_at",), condition=Q(due_at__isnull=False), name="leads_score_due"),
        )


class Stale(models.Model):
    """A mark, written in the transaction that changes what a lead's score depends on.

    Marks are never unique: a transaction that is still open has a mark of its own, which outlives the
    scoring of an earlier one.
    """

    lead_id = models.BigIntegerField()
    cause = models.SmallIntegerField(db_default=0, help_text="What was learned: bits of Cause.")
    marked_at = models.DateTimeField(db_default=Now())
