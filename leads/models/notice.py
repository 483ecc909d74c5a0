"""What people are told without asking, and its way to them (docs/notices.md)."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leads.models.lead import Lead
from leadscoring.people.models import Team


class NoticeKind(models.TextChoices):
    REACHED = "reached", _("A lead of mine comes into one of the two top bands")
    OVERDUE = "overdue", _("An answer of mine is overdue")
    REVIEW = "review", _("A version waits for my review")
    OVERRIDE_REVIEW = "override_review", _("A large override waits for my review")
    OVERRIDE_ENDED = "override_ended", _("An override of mine has ended")
    ENDPOINT_OFF = "endpoint_off", _("An endpoint of webhooks was switched off (for Admins)")


class Channel(models.TextChoices):
    APP = "app", _("In the app")
    EMAIL = "email", _("By e-mail")
    CHAT = "chat", _("In my team's chat")


# Told to all who could do it, in the same words.
TO_MANY = frozenset({NoticeKind.REVIEW.value, NoticeKind.OVERRIDE_REVIEW.value})


class Notice(models.Model):
    """One thing that one person is told, once: `subject` is what it is about, `occasion` which time.

    `data` has names and numbers of the sentence (`leads.notices.wording`), never a person's.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=20, choices=NoticeKind)
    subject = models.CharField(max_length=60)
    occasion = models.CharField(max_length=60)
    lead = models.ForeignKey(Lead, null=True, on_delete=models.CASCADE, related_name="+")
    link = models.CharField(max_length=200)
    data = models.JSONField(default=dict)
    in_app = models.BooleanField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("person", "kind", "subject", "occasion"), name="leads_one_notice_an_occasion"
            ),
        )
        indexes = (
            models.Index(
                fields=("person",), condition=Q(in_app=True, read_at__isnull=True), name="leads_notice_unread"
            ),
            models.Index(fields=("person", "-at"), condition=Q(in_app=True), name="leads_notice_of"),
        )


class Delivery(models.Model):
    """A notice on its way through one channel: due at `due_at` until it is sent, or set aside.

    `team` is whose chat it goes to, and no other channel's.
    """

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    set_aside_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True, help_text="Why the last try failed.")

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("notice", "channel", "team"),
                nulls_distinct=False,
                name="leads_one_delivery_a_channel",
            ),
        )
        indexes = (
            models.Index(
                fields=("due_at",),
                condition=Q(sent_at__isnull=True, set_aside_at__isnull=True),
                name="leads_delivery_due",
            ),
            models.Index(
                fields=("team", "-id"), condition=Q(team__isnull=False), name="leads_delivery_to_chat"
            ),
        )
        verbose_name_plural = "deliveries"


class NoticeOptOut(models.Model):
    """Something that a person doesn't want to be told through a channel."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=NoticeKind)
    channel = models.CharField(max_length=10, choices=Channel)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("person", "kind", "channel"), name="leads_one_opt_out"),
        )


class RiseMark(models.Model):
    """A lead came into one of the two top bands, or was there before; written with the change by trigger."""

    lead_id = models.BigIntegerField()
    at = models.DateTimeField()
    version_id = models.IntegerField()
    band = models.SmallIntegerField()
