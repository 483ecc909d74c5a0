from typing import ClassVar

from django.apps import AppConfig


class LeadsConfig(AppConfig):
    name = "leads"
    verbose_name = "Leads"
    default_auto_field = "django.db.models.BigAutoField"
    # Signals and retractions are append-only; a retraction sets one column of its signal.
    restricted_grants: ClassVar[dict[str, str]] = {
        "leads_signal": "SELECT, INSERT, UPDATE (retracted_at)",
        "leads_signal_default": "",
        "leads_datedvalue": "SELECT, INSERT",
        "leads_assignment": "SELECT, INSERT",
        "leads_scorechange": "SELECT, INSERT",
        "leads_retraction": "SELECT, INSERT",
        "leads_signalkey": "SELECT, INSERT",
        "leads_signaldetail": "SELECT, INSERT",
    }
