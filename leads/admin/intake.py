"""Marketing's mappings of what trackers send."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.admin.lines import LinesField
from leads.attributes import definitions
from leads.intake.hooks import secrets_of
from leads.models import Attribute, Entity, EventMapping, InboundHook, SignalType, TraitMapping
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


class InboundHookForm(forms.ModelForm[InboundHook]):
    signal_type = forms.ModelChoiceField(
        label=gettext_lazy("Is a signal"),
        queryset=SignalType.objects.order_by("label", "key"),
        required=False,
        help_text=gettext_lazy("Empty: the message only fills attributes."),
    )
    properties = LinesField(
        label=gettext_lazy("Properties"),
        required=False,
        help_text=gettext_lazy("Paths of what the signal keeps, one a line."),
    )
    values = LinesField(
        label=gettext_lazy("Attributes"),
        required=False,
        help_text=gettext_lazy("An attribute's key and a path, one a line: job_title: person.title"),
    )

    class Meta:
        model = InboundHook
        fields = (
            *("name", "kind", "header", "is_on", "id_path", "at_path", "email_path", "external_id_path"),
            *("signal_type", "properties", "values"),
        )

    def clean_values(self) -> list[str]:
        """Each line names an attribute that there is."""
        lines: list[str] = self.cleaned_data["values"]
        known = definitions()
        for line in lines:
            key, _colon, path = (part.strip() for part in line.partition(":"))
            if key not in known or known[key].derived or not path:
                raise forms.ValidationError(
                    _("“%(line)s” isn't an attribute's key, a colon and a path.") % {"line": line}
                )
        return lines


@admin.register(InboundHook)
class InboundHookAdmin(AuditedAdmin[InboundHook]):
    viewers = (Role.MARKETING,)
    editors = (Role.ADMIN,)
    form = InboundHookForm
    list_display = ("name", "kind", "signal_type", "is_on", "has_secret")
    list_select_related = ("signal_type",)
    ordering = ("name",)

    @admin.display(description=gettext_lazy("has a secret"), boolean=True)
    def has_secret(self, hook: InboundHook) -> bool:
        return bool(secrets_of(hook))
