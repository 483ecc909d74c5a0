"""Where a team's notices are posted in its chat."""

from urllib.parse import urlsplit

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from leads.models.notice import NoticeKind
from leadscoring.people.models import Team


class ChatWebhook(models.Model):
    """The address that a chat gave out for posting into a channel. What follows its host is a secret."""

    # Without a name back: a team is deleted with its webhook.
    team = models.OneToOneField(Team, on_delete=models.CASCADE, related_name="+", verbose_name=_("team"))
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=20, choices=NoticeKind))

    class Meta:
        verbose_name = _("chat webhook")
        verbose_name_plural = _("chat webhooks")

    def __str__(self) -> str:
        return str(self.team)

    @property
    def masked(self) -> str:
        """The address without its secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}/…"
