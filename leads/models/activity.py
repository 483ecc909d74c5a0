"""What people did with a lead, so that they can see and undo it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.dated_value import DatedValue
from leads.models.handoff import Handoff
from leads.models.lead import Lead
from leads.models.merge import Merge
from leads.models.outcome import Outcome
from leads.models.override import Override
from leads.models.reassignment import Reassignment
from leads.models.skip import Skip
from leads.models.snooze import Snooze


class Activity(models.Model):
    """One deed. What it made is named here, and undoing it takes that back.

    `before` holds what the deed ended without being about it, so that undo can bring it back: `claim`, the
    claim that there was (`leads.queue.claims.remembered`), `snooze`, the id of the one that counted, and
    `returned_rank`, the lead's. A changed note has its id there, `of`, and what it says since, `to`; what it
    said before is the activity's own `note`.
    """

    class Verb(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        RELEASED = "released", _("Released")
        EXTENDED = "extended", _("kept it for longer")
        SKIPPED = "skipped", _("skipped")
        SNOOZED = "snoozed", _("snoozed")
        WOKEN = "woken", _("ended a snooze")
        NO_ANSWER = "no_answer", _("called, no answer")
        CONVERSATION = "conversation", _("had a conversation")
        MEETING = "meeting", _("booked a meeting")
        OUTCOME = "outcome", _("closed")
        SIGNAL = "signal", _("logged a signal")
        OVERRIDE = "override", _("overrode the score")
        OVERRIDE_ENDED = "override_ended", _("ended an override")
        ACCEPTED = "accepted", _("accepted the lead")
        RETURNED = "returned", _("returned the lead to marketing")
        HANDED_OVER = "handed_over", _("handed the lead over to sales")
        OBJECTED = "objected", _("noted an objection to being scored")
        OBJECTION_WITHDRAWN = "objection_withdrawn", _("withdrew an objection")
        OVERRIDE_KEPT = "override_kept", _("saw an override and kept it")
        REASSIGNED = "reassigned", _("gave the lead to somebody else")
        MERGED = "merged", _("merged it with a duplicate")
        VALUE = "value", _("set a value")
        NOTE = "note", _("noted")
        NOTE_CHANGED = "note_changed", _("changed a note that said")

    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="activities")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=20, choices=Verb)
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    signal_key = models.UUIDField(null=True)
    outcome = models.ForeignKey(Outcome, null=True, on_delete=models.PROTECT, related_name="+")
    override = models.ForeignKey(Override, null=True, on_delete=models.PROTECT, related_name="+")
    skip = models.ForeignKey(Skip, null=True, on_delete=models.RESTRICT, related_name="+")
    snooze = models.ForeignKey(Snooze, null=True, on_delete=models.RESTRICT, related_name="+")
    merge = models.ForeignKey(Merge, null=True, on_delete=models.PROTECT, related_name="+")
    dated_value = models.ForeignKey(
        DatedValue, null=True, on_delete=models.DO_NOTHING, db_constraint=False, related_name="+"
    )
    handoff = models.ForeignKey(Handoff, null=True, on_delete=models.RESTRICT, related_name="+")
    before = models.JSONField(default=dict)
    reassignment = models.ForeignKey(Reassignment, null=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("lead", "-at"), name="leads_activity_of"),
            models.Index(fields=("actor", "-at"), name="leads_activity_by"),
        )
        verbose_name_plural = "activities"
