"""What stands on every page: badges, the bell, and that another version is live."""

from django import template
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from leadscoring.people.models import User
from scoring_models.every_page import EveryPage
from scoring_models.every_page import every_page as told_to

register = template.Library()


@register.simple_tag(takes_context=True)
def every_page(context: template.Context) -> EveryPage:
    """What there is to tell whoever asked for the page; nothing where nobody is signed in."""
    user: User | AnonymousUser = context["request"].user
    return told_to(user, at=timezone.now()) if isinstance(user, User) else EveryPage()
