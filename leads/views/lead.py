"""Everything about one lead on a page of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads import access
from leads.models import Attribute, Entity, Lead, Override
from leads.timeline import timeline
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.parts import log_with_undo, parts_of

LOGGED = 30
COLLEAGUES = 12
OVERRIDES = 10


@dataclass(frozen=True, slots=True)
class Fact:
    """A value as it was given. `href` is where one gets by it, "" for nowhere."""

    label: str
    value: object
    href: str


@page_for(*LEAD_READERS)
def lead_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The score and why, what happened, what is known, who else is there and what may be done."""
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    context = parts_of(request, lead, now=now) | {
        "here": request.get_full_path(),
        "timeline": timeline(lead, before=request.GET.get("before")),
        "person": facts_of(lead.attributes, Entity.LEAD),
        "company": facts_of(lead.account.attributes, Entity.ACCOUNT) if lead.account else [],
        "colleagues": colleagues_of(request, lead),
        "activities": log_with_undo(request, lead, now=now, limit=LOGGED),
        "overrides": past_overrides(lead, now=now),
    }
    return answer(request, "leads/lead.html", context, fragment="leads/timeline.html")


def facts_of(given: Mapping[str, Any], entity: Entity) -> list[Fact]:
    """The values as they were given, in the order in which the attributes are defined."""
    known = Attribute.objects.filter(entity=entity, derived=False).order_by("-standard", "pk")
    return [
        Fact(attribute.label, given[attribute.key], href_of(attribute.key, str(given[attribute.key])))
        for attribute in known
        if given.get(attribute.key) not in (None, "")
    ]


def href_of(key: str, value: str) -> str:
    """A link to write, call or look, where the value is one's address."""
    if key == "email" and "@" in value:
        return f"mailto:{quote(value, safe='@')}"
    if key == "phone":
        return "tel:" + "".join(character for character in value if character in "+0123456789")
    return value if key == "linkedin_url" and value.lower().startswith("https://") else ""


def colleagues_of(request: HttpRequest, lead: Lead) -> Sequence[Lead]:
    """The other people of the lead's company that this person may see, best score first."""
    if lead.account_id is None:
        return []
    others = access.visible_leads(signed_in(request)).filter(account=lead.account_id).exclude(pk=lead.pk)
    return list(others.select_related("score").order_by("-score__total", "pk")[:COLLEAGUES])


def past_overrides(lead: Lead, *, now: datetime) -> Sequence[Override]:
    """The overrides that no longer count, the latest first."""
    ended = lead.overrides.filter(ends_at__lte=now).select_related("author")
    return list(ended.order_by("-starts_at", "-pk")[:OVERRIDES])
