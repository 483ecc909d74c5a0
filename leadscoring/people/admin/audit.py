"""The audit log: read by Admins, written by nobody here."""

import json

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from leadscoring.audit.models import AuditEntry
from leadscoring.people.role_admin import ReadOnlyAdmin
from leadscoring.people.roles import Role

LONGEST = 32


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    viewers = (Role.ADMIN,)
    list_display = ("sequence", "at", "actor", "action", "object_type", "object_id", "details")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("=object_id", "action")
    search_help_text = _("The number of an object, or part of an action")
    date_hierarchy = "at"
    ordering = ("-sequence",)
    show_full_result_count = False

    @admin.display(description=_("details"))
    def details(self, entry: AuditEntry) -> str:
        told = ((key, value) for key, value in entry.data.items() if value not in (None, "", []))
        return ", ".join(f"{key} {shown(value)}" for key, value in told)


def shown(value: object) -> str:
    """A value of an entry, short enough for a table."""
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
