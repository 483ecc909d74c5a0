"""Inline tables of the admin whose inputs have names that a screen reader can say."""

from typing import Any, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.forms import BaseInlineFormSet, Form
from django.http import HttpRequest

Child = TypeVar("Child", bound=Model)
Parent = TypeVar("Parent", bound=Model)


class LabelledFormSet(BaseInlineFormSet[Any, Any, Any]):
    """Puts each field's label on its input, since a table has them only in its head."""

    def add_fields(self, form: Form, index: int | None) -> None:
        super().add_fields(form, index)
        for name, field in form.fields.items():
            label = field.label or name.replace("_", " ").capitalize()
            field.widget.attrs.setdefault("aria-label", str(label))


class LabelledTabularInline(admin.TabularInline[Child, Parent]):
    """A tabular inline to build on in place of Django's own."""

    def get_formset(self, request: HttpRequest, obj: Parent | None = None, **kwargs: Any) -> Any:
        kwargs.setdefault("formset", labelled(self.formset))
        return super().get_formset(request, obj, **kwargs)


def labelled(formset: type[Any]) -> type[Any]:
    """The same formset with labels on its inputs."""
    if issubclass(formset, LabelledFormSet):
        return formset
    return type(formset.__name__, (LabelledFormSet, formset), {})
