"""The bell on every page."""

from django import template

from leads.notices import reading
from leadscoring.people.models import User

register = template.Library()


@register.simple_tag
def unread_notices(user: User) -> int:
    """How many notices this person hasn't read."""
    return reading.unread(user)
