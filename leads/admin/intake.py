"""Marketing's mappings of what trackers send."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.admin.lines import LinesField
from leads.models import Attribute, Entity, EventMapping, SignalType, TraitMapping
from leadscoring.people.role_admin import AuditedAdmin
from leadscoring.people.roles import Role


class EventMappingForm(forms.ModelForm[EventMapping]):
    signal_type = forms.ModelChoiceField(
        label=gettext_lazy("Becomes"),
        queryset=SignalType.objects.order_by("label", "key"),
        required=False,
        empty_label=gettext_lazy("nothing: ignored, and counted"),
    )
    properties = LinesField(
        label=gettext_lazy("Properties kept"),
        required=False,
        help_text=gettext_lazy("One a line, such as path. Empty: all that are no lists or objects."),
    )

    class Meta:
        model = EventMapping
        fields = ("call", "pattern", "signal_type", "properties", "position")


@admin.register(EventMapping)
class EventMappingAdmin(AuditedAdmin[EventMapping]):
    viewers = (Role.MANAGER, Role.ADMIN)
    editors = (Role.MARKETING,)
    form = EventMappingForm
    list_display = ("pattern", "call", "becomes", "position")
    list_filter = ("call",)
    list_select_related = ("signal_type",)
    search_fields = ("pattern",)
    ordering = ("call", "position", "pk")

    @admin.display(description=gettext_lazy("becomes"))
    def becomes(self, mapping: EventMapping) -> str:
        return str(mapping.signal_type or _("ignored"))


class TraitMappingForm(forms.ModelForm[TraitMapping]):
    attribute = forms.ModelChoiceField(
        label=gettext_lazy("Fills"), queryset=Attribute.objects.filter(derived=False).order_by("label", "key")
    )

    class Meta:
        model = TraitMapping
        fields = ("call", "trait", "attribute")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        attribute = cleaned.get("attribute")
        is_company = cleaned.get("call") == TraitMapping.Call.GROUP
        if attribute and is_company and attribute.entity != Entity.ACCOUNT:
            self.add_error("attribute", _("A trait of the company fills an attribute of the company."))
        return cleaned


@admin.register(TraitMapping)
class TraitMappingAdmin(AuditedAdmin[TraitMapping]):
    viewers = (Role.MANAGER, Role.ADMIN)
    editors = (Role.MARKETING,)
    form = TraitMappingForm
    list_display = ("trait", "call", "attribute")
    list_filter = ("call",)
    list_select_related = ("attribute",)
    search_fields = ("trait",)
    ordering = ("call", "trait", "pk")
