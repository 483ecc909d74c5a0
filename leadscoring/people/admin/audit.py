"""The audit log: read by Admins, written by nobody here."""

import json

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from leadscoring.audit.models import AuditEntry
from leadscoring.people.role_admin import ReadOnlyAdmin
from leadscoring.people.roles import Role


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin[AuditEntry]):
    viewers = (Role.ADMIN,)
    list_display = ("at", "actor", "action", "object_type", "object_id", "details")
    list_filter = ("action",)
    list_select_related = ("actor",)
    search_fields = ("=object_id", "action")
    search_help_text = _("The number of an object, or part of an action")
    date_hierarchy = "at"
    ordering = ("-id",)
    show_full_result_count = False

    @admin.display(description=_("details"))
    def details(self, entry: AuditEntry) -> str:
        return json.dumps(entry.data, ensure_ascii=False) if entry.data else ""
