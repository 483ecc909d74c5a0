from typing import ClassVar

from django.apps import AppConfig


class ScoringModelsConfig(AppConfig):
    name = "scoring_models"
    verbose_name = "Scoring models"
    default_auto_field = "django.db.models.BigAutoField"
    restricted_grants: ClassVar[dict[str, str]] = {
        "scoring_models_review": "SELECT, INSERT",
        "scoring_models_arrangement": "SELECT, INSERT",
        "scoring_models_bandagreement": "SELECT, INSERT",
        "scoring_models_versioneditor": "SELECT",  # written by trigger, with its owner's rights
    }
