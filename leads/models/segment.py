"""Segments that marketing keeps under a name."""

from django.conf import settings
from django.db import models


class Segment(models.Model):
    """Filters and conditions of marketing's list under a name; live: who meets them now is in it.

    `query` is as `segments.saved.kept` spells it. Shared, all of marketing sees it; only its owner changes
    it. The slug stays when the name changes, so that links hold.
    """

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(max_length=60)
    query = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="segments")
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="leads_segment_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="leads_segment_has_name"),
        )

    def __str__(self) -> str:
        return self.name
