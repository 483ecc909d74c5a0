from typing import ClassVar

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"
    default_auto_field = "django.db.models.BigAutoField"
    # Signals, dated values and merges are append-only; taking one back sets columns that say so.
    restricted_grants: ClassVar[dict[str, str]] = {
        "leads_signal": "SELECT, INSERT, UPDATE (retracted_at)",
        "leads_signal_default": "",
        "leads_datedvalue": "SELECT, INSERT, UPDATE (retracted_at)",
        "leads_merge": (
            "SELECT, INSERT, UPDATE (undone_at, undone_by_id, before, kept_email, absorbed_email)"
        ),
        "leads_assignment": "SELECT, INSERT",
        "leads_scorechange": "SELECT, INSERT",
        "leads_retraction": "SELECT, INSERT",
        "leads_signalkey": "SELECT, INSERT",
        "leads_intakekey": "SELECT, INSERT",
        "leads_signaldetail": "SELECT, INSERT",
    }
