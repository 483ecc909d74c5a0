"""How many leads are somebody's, for the page on which an Admin deactivates them."""

from django import template

from leads.models import Lead
from leadscoring.people.models import User

register = template.Library()


@register.simple_tag
def open_book(person: User) -> int:
    """How many open leads this person owns."""
    return Lead.objects.filter(owner=person, is_open=True).count()
