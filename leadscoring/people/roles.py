"""The four roles. Each is a Django group of that name, made by a migration."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    REP = "Rep", _("Rep")
    MARKETING = "Marketing", _("Marketing")
    MANAGER = "Manager", _("Manager")
    ADMIN = "Admin", _("Admin")
