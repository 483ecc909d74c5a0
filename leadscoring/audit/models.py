"""What people did, written in the transaction of the deed. Rows are never changed or removed."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One human action. Holds ids and codes only, so that a person can still be erased elsewhere.

    The last three fields chain it to the entry before. The database fills them at commit (`chain`), so they
    are empty only inside the transaction that writes the entry.
    """

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    data = models.JSONField(default=dict)
    sequence = models.BigIntegerField(null=True, editable=False)
    previous = models.CharField(max_length=64, blank=True, editable=False)
    hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        db_table = "audit_entry"
        indexes = (
            models.Index(fields=("object_type", "object_id"), name="audit_by_object"),
            models.Index(fields=("id",), name="audit_unchained", condition=models.Q(sequence=None)),
        )
        constraints = (models.UniqueConstraint(fields=("sequence",), name="audit_sequence_once"),)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class AuditHead(models.Model):
    """How many entries there are and the hash of the last. One row, written by the database alone."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    count = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"
        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_one_head"),)

    def __str__(self) -> str:
        return f"{self.count} {self.hash}"
