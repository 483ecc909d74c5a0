"""Attribute values as a readable list."""

from collections.abc import Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from leads.models import Attribute


def facts_table(values: Mapping[str, object]) -> SafeString:
    """The values as given, by label; every attribute that has one."""
    labels = dict(Attribute.objects.filter(key__in=list(values)).values_list("key", "label"))
    lines = sorted((labels.get(key, key), value) for key, value in values.items())
    rows = format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', lines)
    return format_html("<table>{}</table>", rows)
