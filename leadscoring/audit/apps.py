from typing import ClassVar

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "leadscoring.audit"
    label = "audit"
    verbose_name = "Audit"
    default_auto_field = "django.db.models.BigAutoField"
    restricted_grants: ClassVar[dict[str, str]] = {
        "audit_entry": "SELECT, INSERT",
        "audit_head": "SELECT",  # written by trigger, with its owner's rights
    }
