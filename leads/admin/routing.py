"""The routing list: which team gets which new leads."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from leads.admin.lines import LinesField
from leads.attributes import read_value
from leads.models import Attribute, RoutingEntry
from leadscoring.errors import DomainError
from leadscoring.people.role_admin import AuditedAdmin
from leadscoring.people.roles import Role


class RoutingForm(forms.ModelForm[RoutingEntry]):
    attribute = forms.ModelChoiceField(
        label=_("Attribute"), queryset=Attribute.objects.filter(derived=False).order_by("label", "key")
    )
    values = LinesField(label=_("Is any of"), help_text=_("One value a line."))

    class Meta:
        model = RoutingEntry
        fields = ("position", "attribute", "values", "team")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for value in (cleaned or {}).get("values") or []:
            try:
                if "attribute" in self.cleaned_data:
                    read_value(self.cleaned_data["attribute"], value)
            except DomainError as refusal:
                self.add_error("values", refusal.sentence)
        return cleaned


@admin.register(RoutingEntry)
class RoutingEntryAdmin(AuditedAdmin[RoutingEntry]):
    viewers = (Role.MARKETING,)
    editors = (Role.MANAGER, Role.ADMIN)
    form = RoutingForm
    list_display = ("position", "attribute", "any_of", "team")
    list_display_links = ("position", "attribute")
    list_select_related = ("attribute", "team")
    ordering = ("position", "pk")

    @admin.display(description=_("is any of"))
    def any_of(self, entry: RoutingEntry) -> str:
        return ", ".join(entry.values)
