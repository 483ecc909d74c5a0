"""Leads, signals, outcomes and overrides: here they can only be read, since verbs write them."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from leads import access
from leads.admin.facts import facts_table
from leads.models import Lead, Outcome, Override, Signal
from leadscoring.people.role_admin import ReadOnlyAdmin, signed_in
from leadscoring.people.roles import Role

M = TypeVar("M", bound=Model)


class RecordAdmin(ReadOnlyAdmin[M]):
    """Shows what belongs to leads that this person may see."""

    viewers = (Role.MARKETING, Role.MANAGER, Role.ADMIN)
    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        rows = super().get_queryset(request)
        user = signed_in(request)
        if access.sees_all(user):
            return rows
        return rows.filter(**{self.lead_lookup: access.visible_leads(user).values("pk")})

    lead_lookup = "lead__in"


@admin.register(Lead)
class LeadAdmin(RecordAdmin[Lead]):
    lead_lookup = "pk__in"
    list_display = ("name", "title", "account", "team", "owner", "came_from", "is_open")
    list_filter = ("is_open", "team")
    list_select_related = ("account", "team", "owner")
    search_fields = ("=email", "=external_id", "last_name__startswith")
    search_help_text = _("E-mail address, external id, or how the last name begins")
    ordering = ("-id",)
    fields = ("page", "external_id", "account", "team", "owner", "is_open", "created_at", "known")
    readonly_fields = ("page", "known")

    @admin.display(description=_("job title"))
    def title(self, lead: Lead) -> str:
        return str(lead.attributes.get("job_title", ""))

    @admin.display(description=_("source"), ordering="source")
    def came_from(self, lead: Lead) -> str:
        return str(lead.attributes.get("source", ""))

    @admin.display(description=_("lead"))
    def page(self, lead: Lead) -> str:
        return format_html('<a href="{}">{}</a>', reverse("leads:lead", args=(lead.pk,)), lead.name)

    @admin.display(description=_("what is known"))
    def known(self, lead: Lead) -> str:
        return facts_table(lead.attributes)


@admin.register(Signal)
class SignalAdmin(RecordAdmin[Signal]):
    list_display = ("lead", "type", "occurred_at", "received_at", "retracted_at")
    list_select_related = ("lead", "type")
    list_filter = ("type",)
    search_fields = ("=lead__email", "=lead__external_id")
    search_help_text = _("The lead's e-mail address or external id")
    ordering = ("-id",)


@admin.register(Outcome)
class OutcomeAdmin(RecordAdmin[Outcome]):
    list_display = ("lead", "kind", "at", "note", "source", "recorded_by", "voided_at")
    list_select_related = ("lead", "recorded_by")
    list_filter = ("kind", "source")
    date_hierarchy = "at"
    ordering = ("-at", "-pk")


@admin.register(Override)
class OverrideAdmin(RecordAdmin[Override]):
    list_display = ("lead", "kind", "points", "band", "reason", "author", "starts_at", "ends_at")
    list_select_related = ("lead", "author")
    list_filter = ("kind", "reason")
    ordering = ("-starts_at", "-pk")

    def get_fields(self, request: HttpRequest, obj: Override | None = None) -> Any:
        return (*self.list_display, "note", "ended_by")
