"""What stands on every page: the places a person may go to, and undo in a message."""

import re
from dataclasses import dataclass

from django import template
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import Message
from django.template import Context
from django.utils.translation import gettext as _

from leads import access
from leads.shortcuts import SHORTCUTS
from leadscoring.people.models import User
from leadscoring.people.roles import Role

register = template.Library()

UNDO = re.compile(r"\bundo:(\S+)")
EVERYWHERE = tuple(Role)
# Pages that stand elsewhere than their address says, and the place that leads to them.
BELOW = {
    "/admin/scoring_models/modelversion/": "/models/",
    "/how-scores-are-assigned/": "/models/",
    "/response-times/": "/team/",
    "/handoffs/": "/team/",
    "/duplicates/": "/leads/",
    "/merges/": "/leads/",
    "/bulk/": "/queue/",
}
LEAD_ROLES = (Role.REP, Role.MANAGER, Role.MARKETING)


@dataclass(frozen=True, slots=True)
class Place:
    label: str
    path: str
    current: bool


@register.simple_tag(takes_context=True)
def places(context: Context) -> tuple[Place, ...]:
    """The main places of the product that this person's roles open."""
    request = context["request"]
    return tuple(
        Place(label, path, _stands(request.path).startswith(path))
        for label, path, roles in _all_places()
        if request.user.has_role(*roles)
    )


def _stands(path: str) -> str:
    """Where a page stands among the places: drafts are edited in the admin, and are models all the same."""
    return next((place for below, place in BELOW.items() if path.startswith(below)), path)


def _all_places() -> tuple[tuple[str, str, tuple[Role, ...]], ...]:
    return (
        (_("Queue"), "/queue/", (Role.REP, Role.MANAGER)),
        (_("Today"), "/today/", (Role.REP, Role.MANAGER)),
        (_("Leads"), "/leads/", LEAD_ROLES),
        (_("Nurture"), "/nurture/", (Role.MARKETING,)),
        (_("Import"), "/imports/", (Role.MARKETING, Role.ADMIN)),
        (_("Team"), "/team/", (Role.MANAGER,)),
        (_("Models"), "/models/", EVERYWHERE),
        (_("Intake"), "/intake/", (Role.MARKETING, Role.ADMIN)),
        (_("Set-up"), "/set-up/", (Role.MARKETING, Role.MANAGER, Role.ADMIN)),
        (_("Admin"), "/admin/", (Role.MARKETING, Role.MANAGER, Role.ADMIN)),
    )


@register.inclusion_tag("shortcuts.html", takes_context=True)
def shortcuts(context: Context, only: str = "") -> dict[str, object]:
    """The sheet of keys, which is also where the handler reads them: all, or those of these commands."""
    shown = [each for each in SHORTCUTS if not only or each.command in only.split()]
    return {"shortcuts": shown, "user": context["request"].user}


@register.filter
def may_see_leads(user: User | AnonymousUser) -> bool:
    return isinstance(user, User) and user.has_role(*LEAD_ROLES)


@register.filter
def manages_teams(user: User) -> bool:
    return access.works_whole_teams(user)


@register.filter
def works_leads(user: User) -> bool:
    return access.works_leads(user)


@register.filter
def sets_response_times(user: User) -> bool:
    return user.has_role(Role.MANAGER, Role.ADMIN)


@register.filter
def undoes_at(message: Message) -> str:
    """The address to which a message posts to undo what it says (its tag `undo:ADDRESS`), or ""."""
    found = UNDO.search(message.extra_tags or "")
    return found[1] if found else ""
