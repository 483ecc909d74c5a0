"""Attributes and signal types: what marketing may speak of in rules."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.admin.lines import LinesField
from leads.admin.usage import users_of
from leads.attributes import model_of
from leads.models import Attribute, Kind, Signal, SignalType
from leadscoring.people.role_admin import AuditedAdmin
from leadscoring.people.roles import Role


def has_values(attribute: Attribute) -> bool:
    """Whether any lead or account has a value for it."""
    return model_of(attribute)._default_manager.filter(attributes__has_key=attribute.key).exists()


class AttributeForm(forms.ModelForm[Attribute]):
    choices = LinesField(
        label=gettext_lazy("Choices"),
        required=False,
        help_text=gettext_lazy("For a choice: the values it may have, one a line. Empty: any."),
    )

    class Meta:
        model = Attribute
        fields = ("label", "key", "kind", "entity", "choices")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if cleaned and cleaned.get("choices") and cleaned.get("kind", self.instance.kind) != Kind.CHOICE:
            self.add_error("choices", _("Only an attribute of the kind choice has choices."))
        if "kind" in self.changed_data and self.instance.pk:
            self._refuse_new_kind()
        return cleaned

    def _refuse_new_kind(self) -> None:
        stored = Attribute.objects.get(pk=self.instance.pk)
        if users := users_of(stored):
            said = _("Its kind stays, since it is used by %(users)s. Make a new attribute instead.")
            self.add_error("kind", said % {"users": users})
        elif has_values(stored):
            self.add_error("kind", _("Its kind stays: leads have values of it. Make a new one instead."))


@admin.register(Attribute)
class AttributeAdmin(AuditedAdmin[Attribute]):
    viewers = (Role.MANAGER, Role.ADMIN)
    editors = (Role.MARKETING,)
    form = AttributeForm
    list_display = ("label", "key", "kind", "entity", "is_standard")
    list_filter = ("entity", "kind", "standard")
    search_fields = ("label", "key")
    ordering = ("-entity", "label", "key")

    @admin.display(description=gettext_lazy("standard"), boolean=True)
    def is_standard(self, attribute: Attribute) -> bool:
        return attribute.standard

    def get_readonly_fields(self, request: HttpRequest, obj: Attribute | None = None) -> tuple[str, ...]:
        if obj is None:
            return ()
        # Rules, imports and stored values go by the key; a standard attribute is a typed column as well.
        return ("key", "kind", "entity", "choices") if obj.standard else ("key", "entity")

    def reason_to_keep(self, obj: Attribute) -> str:
        if obj.standard:
            return _("A standard attribute can't be deleted.")
        if users := users_of(obj):
            return _("%(attribute)s can't be deleted: it is used by %(users)s.") % {
                "attribute": obj,
                "users": users,
            }
        if has_values(obj):
            return _("%(attribute)s can't be deleted: leads have values of it.") % {"attribute": obj}
        return ""


class SignalTypeForm(forms.ModelForm[SignalType]):
    class Meta:
        model = SignalType
        fields = ("label", "key", "is_engagement", "signal_class", "stage")


@admin.register(SignalType)
class SignalTypeAdmin(AuditedAdmin[SignalType]):
    viewers = (Role.MANAGER, Role.ADMIN)
    editors = (Role.MARKETING,)
    form = SignalTypeForm
    list_display = ("label", "key", "is_engagement", "signal_class", "stage")
    list_filter = ("is_engagement", "signal_class", "stage")
    search_fields = ("label", "key")
    ordering = ("signal_class", "label", "key")

    def get_readonly_fields(self, request: HttpRequest, obj: SignalType | None = None) -> tuple[str, ...]:
        return () if obj is None else ("key",)

    def reason_to_keep(self, obj: SignalType) -> str:
        if obj.standard:
            return _("A standard signal type can't be deleted.")
        if Signal.objects.filter(type=obj).exists() or users_of(obj):
            return _("%(type)s can't be deleted: there are signals of it.") % {"type": obj}
        return ""
