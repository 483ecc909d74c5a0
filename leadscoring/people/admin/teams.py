"""Teams, their members and which one is the default."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadscoring.people import teams
from leadscoring.people.forms import TeamForm
from leadscoring.people.models import Team
from leadscoring.people.role_admin import RoleAdmin, signed_in
from leadscoring.people.roles import Role


@admin.register(Team)
class TeamAdmin(RoleAdmin[Team]):
    viewers = (Role.MANAGER, Role.MARKETING)
    editors = (Role.ADMIN,)
    form = TeamForm
    fields = ("name", "people", "default_team", "leads_a_rep_a_day")
    list_display = ("name", "member_count", "leads_a_rep_a_day", "is_default")
    shown = ("name", "names", "is_default", "leads_a_rep_a_day")
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(members_now=Count("members"))

    def get_fields(self, request: HttpRequest, obj: Team | None = None) -> Any:
        return self.fields if self.has_change_permission(request, obj) else self.shown

    @admin.display(description=_("members"), ordering="members_now")
    def member_count(self, team: Team) -> int:
        return int(getattr(team, "members_now", 0))

    @admin.display(description=_("members"))
    def names(self, team: Team) -> str:
        return ", ".join(str(member) for member in team.members.order_by("name")) or "-"

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> Any:
        return () if self.has_change_permission(request, obj) else self.shown

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Team:
        """Let the verb write; a form that saves its instance first would go round it."""
        given = form.cleaned_data
        return teams.save(
            team=form.instance,
            name=given["name"],
            members=given["people"],
            is_default=given["default_team"],
            leads_a_rep_a_day=given["leads_a_rep_a_day"],
            actor=signed_in(request),
            at=timezone.now(),
        )

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        """Nothing is left to save."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save."""

    def reason_to_keep(self, obj: Team) -> str:
        return teams.reason_to_keep(obj)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        teams.delete(team=obj, actor=signed_in(request), at=timezone.now())
