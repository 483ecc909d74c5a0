"""What every page tells about models: how much waits for their owner, and that another version is live."""

from typing import Any

from django import template
from django.utils import timezone

from leadscoring.people.models import User
from scoring_models import notices, upkeep

register = template.Library()


@register.simple_tag
def model_tasks(user: User) -> int:
    """How many things about models wait for this person."""
    return upkeep.open_tasks(user, at=timezone.now())


@register.inclusion_tag("scoring_models/notice.html", takes_context=True)
def live_notice(context: template.Context) -> dict[str, Any]:
    """That another version is live and what it changes, until this person has seen it."""
    request = context["request"]
    return {"notice": notices.unseen(request.user, at=timezone.now()), "request": request}
