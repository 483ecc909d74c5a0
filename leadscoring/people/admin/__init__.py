"""The admin pages of the Admin role: users, teams, the audit log."""

from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group

from leadscoring.people.admin import audit, teams, users

# Groups are the four roles: given to people, never edited. (The import above has registered them.)
admin.site.unregister(Group)

__all__ = ("audit", "auth_admin", "teams", "users")
