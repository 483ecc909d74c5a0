"""The four roles. Each is a Django group of that name, made by a migration."""

from django.db import models


class Role(models.TextChoices):
    REP = "Rep"
    MARKETING = "Marketing"
    MANAGER = "Manager"
    ADMIN = "Admin"
