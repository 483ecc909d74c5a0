"""What people did to the lists that they keep under a name, so that they can see and undo it."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ListChange(models.Model):
    """One deed on a saved view or a segment, whose row had the id `list_id`.

    `before` and `after` are its columns; null where there was none yet, or is none any more.
    """

    class Of(models.TextChoices):
        VIEW = "view", _("saved view")
        SEGMENT = "segment", _("segment")

    class Verb(models.TextChoices):
        SAVED = "saved", _("saved")
        CHANGED = "changed", _("renamed or shared")
        REPLACED = "replaced", _("given other filters")
        DELETED = "deleted", _("deleted")

    of = models.CharField(max_length=10, choices=Of)
    list_id = models.BigIntegerField()
    verb = models.CharField(max_length=10, choices=Verb)
    name = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("actor", "-at"), name="leads_list_change_by"),)
