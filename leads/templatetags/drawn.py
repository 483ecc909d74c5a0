"""Empty forms as HTML that is kept: a panel has five of them, longer to draw than all else in it."""

from hashlib import sha256

from django import template
from django.core.cache import cache
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from leads.blank_forms import Blank
from leadscoring.local_times import zone_name

register = template.Library()

KEPT_SECONDS = 3600


@register.simple_tag(takes_context=True)
def drawn(context: Context, form: Blank, fields: str) -> SafeString:
    """An empty form by its template `fields`, or what was drawn before with the same looks.

    Such a template may look at `form` and nothing else.
    """
    looks = (fields, get_language(), zone_name(), form.looks)
    key = f"drawn-{sha256(repr(looks).encode()).hexdigest()}"
    kept: str | None = cache.get(key)
    if kept is None:
        assert context.template is not None
        made = context.template.engine.get_template(fields).render(Context({"form": form.make()}))
        kept = str(made)
        cache.set(key, kept, KEPT_SECONDS)
    return mark_safe(kept)
