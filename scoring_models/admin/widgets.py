"""Choices that tell the script of the page what each option needs. Without the script they are plain."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from scoring_models.operators import OPERATORS
from scoring_models.spec import Op


class PlainSelect(forms.Select):
    """A menu written without a template for each option: a page of rules has a thousand of them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        context = self.get_context(name, value, attrs)["widget"]
        options = (option for _group, options, _place in context["optgroups"] for option in options)
        lines = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((option["value"], flatatt(option["attrs"]), option["label"]) for option in options),
        )
        return format_html('<select name="{}"{}>{}</select>', name, flatatt(context["attrs"]), lines)


class AttributeSelect(PlainSelect):
    """Each option says what kind of attribute it is."""

    kinds: Mapping[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if kind := self.kinds.get(str(value)):
            option["attrs"]["data-kind"] = kind
        return option


class OperatorSelect(PlainSelect):
    """Each option says which kinds of attributes take it, and what it takes: 0, 1, 2 values or a list."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if value:
            operator = OPERATORS[Op(value)]
            option["attrs"]["data-kinds"] = " ".join(sorted(operator.kinds))
            option["attrs"]["data-takes"] = "list" if operator.takes_list else str(operator.most)
        return option


class Checkboxes(forms.CheckboxSelectMultiple):
    """Labelled checkboxes, written without a template each: a page of rules has hundreds of them."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        stem = (attrs or {}).get("id", f"id_{name}")
        chosen = set(value or ())
        boxes = (
            (f"{stem}_{place}", name, key, mark_safe(" checked") if key in chosen else "", label)
            for place, (key, label) in enumerate(self.choices)
        )
        box = '<input type="checkbox" id="{0}" name="{1}" value="{2}"{3}>'
        line = f'<label class="choice" for="{{0}}">{box} {{4}}</label>'
        return format_html_join("\n", line, boxes)
