"""What people did, written in the transaction of the deed. Rows are never changed or removed."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One human action. Holds ids and codes only, so that a person can still be erased elsewhere."""

    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    data = models.JSONField(default=dict)

    class Meta:
        db_table = "audit_entry"
        indexes = (models.Index(fields=("object_type", "object_id"), name="audit_by_object"),)
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"
