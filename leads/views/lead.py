"""Everything about one lead on a page of its own: each section has a template and a context of its own."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads import access
from leads.models import Lead, Override
from leads.timeline import timeline, types_of
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.assigned import assignments_of
from leads.views.company import company_of
from leads.views.duplicates import hints_of
from leads.views.history import history_of
from leads.views.known import known_of
from leads.views.merging import merged_of, to_the_kept_one
from leads.views.parts import log_with_undo, parts_of
from leadscoring.errors import DomainError

LOGGED = 30
OVERRIDES = 10


@page_for(*LEAD_READERS)
def lead_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """The score and why, what happened, what is known, who else is there and what may be done."""
    user, now = signed_in(request), timezone.now()
    try:
        lead = access.get_lead(user, lead_id)
    except DomainError:
        if (kept := to_the_kept_one(request, lead_id)) is not None:
            return kept
        raise
    parts = parts_of(request, lead, now=now)
    context: dict[str, Any] = {
        **parts,
        **known_of(lead, now=now, may_work=parts["may_work"], may_contact=not parts["why_not_contact"]),
        **company_of(lead, user=user, now=now),
        **history_of(lead, now=now),
        **merged_of(lead, user=user, now=now),
        "assignments": assignments_of(lead),
        "maybe_same": hints_of(lead, user=user, now=now),
        "here": request.get_full_path(),
        "manages": access.manages(user, lead),
        "timeline": timeline(lead, before=request.GET.get("before"), type_key=request.GET.get("type", "")),
        "types": types_of(lead),
        "activities": log_with_undo(user, parts["members"], now=now, limit=LOGGED),
        "overrides": past_overrides(lead, now=now),
    }
    return answer(request, "leads/lead.html", context, fragment="leads/timeline.html")


def past_overrides(lead: Lead, *, now: datetime) -> Sequence[Override]:
    """The overrides that no longer count, the latest first."""
    ended = lead.overrides.filter(ends_at__lte=now).select_related("author")
    return list(ended.order_by("-starts_at", "-pk")[:OVERRIDES])
