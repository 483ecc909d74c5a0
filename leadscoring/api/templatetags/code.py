"""Words of programs in the sentences of the description."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
_QUOTED = re.compile("`([^`]+)`")


@register.filter
def with_code(text: str) -> SafeString:
    """The text with what stands between backticks as code."""
    return mark_safe(_QUOTED.sub(r"<code>\1</code>", conditional_escape(text)))  # all of it is escaped
