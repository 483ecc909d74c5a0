"""How much of the set-up waits for somebody, for the badge on every page."""

from django import template
from django.utils import timezone

from leadscoring.people.models import User
from scoring_models import setup_tasks

register = template.Library()


@register.simple_tag
def open_tasks(user: User) -> int:
    """How many things of the set-up page wait for this person."""
    return setup_tasks.open_tasks(user, at=timezone.now())
