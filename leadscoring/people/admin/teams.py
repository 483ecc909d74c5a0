"""Teams, their members, when they are at work and which one is the default."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from leadscoring.people import hours, teams
from leadscoring.people.forms import TeamForm
from leadscoring.people.hours_form import HoursForm, opening_fields
from leadscoring.people.models import Team
from leadscoring.people.role_admin import VerbAdmin, signed_in
from leadscoring.people.roles import Role


@admin.register(Team)
class TeamAdmin(VerbAdmin[Team]):
    viewers = (Role.MANAGER, Role.MARKETING)
    editors = (Role.ADMIN,)
    form = TeamForm
    fields = (
        "name",
        "people",
        "default_team",
        "leads_a_rep_a_day",
        "large_override_bands",
        "second_look_percent",
    )
    hours_fields = ("time_zone", *opening_fields(), "holidays")
    list_display = ("name", "member_count", "leads_a_rep_a_day", "is_default")
    shown = (
        "name",
        "names",
        "is_default",
        "leads_a_rep_a_day",
        "large_override_bands",
        "second_look_percent",
    )
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(members_now=Count("members"))

    def has_change_permission(self, request: HttpRequest, obj: Team | None = None) -> bool:
        """Admins change teams; their managers when they work."""
        return self._edits_all(request) or (obj is not None and hours.may_set(signed_in(request), obj))

    def get_form(
        self, request: HttpRequest, obj: Team | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = TeamForm if self._edits_all(request) else HoursForm
        return super().get_form(request, obj, change, form=form, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Team | None = None) -> Any:
        """The team, and its hours: to be filled in, or in words for who may only read."""
        team = self.fields if self._edits_all(request) else self.shown
        at_work = self.hours_fields if self.has_change_permission(request, obj) else ("at_work",)
        options = {"fields": at_work, "description": _("Without opening hours a team is always at work.")}
        return ((None, {"fields": team}), (_("When the team is at work"), options))

    @admin.display(description=_("members"), ordering="members_now")
    def member_count(self, team: Team) -> int:
        return int(getattr(team, "members_now", 0))

    @admin.display(description=_("members"))
    def names(self, team: Team) -> str:
        return ", ".join(str(member) for member in team.members.order_by("name")) or "-"

    def get_readonly_fields(self, request: HttpRequest, obj: Team | None = None) -> Any:
        return () if self._edits_all(request) else (*self.shown, "at_work")

    @admin.display(description=_("hours"))
    def at_work(self, team: Team) -> str:
        return hours.in_words(team)

    def _edits_all(self, request: HttpRequest) -> bool:
        return super().has_change_permission(request)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Team:
        team: Team = form.instance
        actor, at = signed_in(request), timezone.now()
        if self._edits_all(request):
            given = form.cleaned_data
            teams.save(
                team=team,
                name=given["name"],
                members=given["people"],
                is_default=given["default_team"],
                leads_a_rep_a_day=given["leads_a_rep_a_day"],
                large_override_bands=given["large_override_bands"],
                second_look_percent=given["second_look_percent"],
                actor=actor,
                at=at,
            )
        hours.set_hours(team=team, hours=form.hours, actor=actor, at=at)
        self.offer_undo(request, at=at)
        return team

    def reason_to_keep(self, obj: Team) -> str:
        return teams.reason_to_keep(obj)

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        at = timezone.now()
        teams.delete(team=obj, actor=signed_in(request), at=at)
        self.offer_undo(request, at=at)
