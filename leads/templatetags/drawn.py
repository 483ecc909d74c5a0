"""Empty forms as HTML that is kept: a panel has five of them, longer to draw than all else in it."""

from hashlib import sha256

from django import template
from django.core.cache import cache
from django.forms import BoundField, Form
from django.template import Context
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

KEPT_SECONDS = 3600


@register.simple_tag(takes_context=True)
def drawn(context: Context, form: Form, fields: str) -> SafeString:
    """The form by its template `fields`; an empty one from what was drawn before with the same looks.

    Such a template may look at `form` and nothing else.
    """
    if form.is_bound:
        return _draw(context, form, fields)
    looks = (fields, get_language(), [_looks(field) for field in form])
    key = f"drawn-{sha256(repr(looks).encode()).hexdigest()}"
    kept: str | None = cache.get(key)
    if kept is None:
        kept = _draw(context, form, fields)
        cache.set(key, str(kept), KEPT_SECONDS)
    return mark_safe(kept)


def _draw(context: Context, form: Form, fields: str) -> SafeString:
    assert context.template is not None
    return context.template.engine.get_template(fields).render(Context({"form": form}))


def _looks(bound: BoundField) -> tuple[str, ...]:
    """All that the HTML of an empty field depends on, as texts."""
    choices = getattr(bound.field, "choices", ())
    return (
        bound.auto_id,
        str(bound.label),
        str(bound.help_text),
        str(bound.field.widget.format_value(bound.value())),
        repr([(str(key), str(label)) for key, label in choices]),
        repr([(name, str(value)) for name, value in bound.field.widget.attrs.items()]),
    )
