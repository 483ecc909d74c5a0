"""The app that holds what runs the others."""

from typing import ClassVar

from django.apps import AppConfig
from django.db.backends.signals import connection_created

from leadscoring.ops import roles


class OpsConfig(AppConfig):
    name = "leadscoring.ops"
    label = "ops"
    verbose_name = "Operation"
    # Only migrations write down what has been migrated.
    restricted_grants: ClassVar[dict[str, str]] = {"django_migrations": "SELECT"}

    def ready(self) -> None:
        connection_created.connect(roles.assume_app_role, dispatch_uid="ops.assume_app_role")
