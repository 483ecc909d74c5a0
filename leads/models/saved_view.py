"""Lists of the queue that people keep under a name."""

from django.conf import settings
from django.db import models

from leadscoring.people.models import Team


class SavedView(models.Model):
    """Filters and order of a queue under a name. `query` is as `queue.filters.kept` spells it.

    With a team its members see it too; only its owner changes it. The slug stays when the name changes, so
    that links hold.
    """

    slug = models.SlugField(max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(max_length=60)
    query = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="saved_views")
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("owner", "name"), name="leads_saved_view_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="leads_saved_view_has_name"),
        )

    def __str__(self) -> str:
        return self.name
