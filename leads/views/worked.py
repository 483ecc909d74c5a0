"""Forms about a lead: carried out, or shown again where something is wrong or the lead was changed since."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads import access
from leads.models import Lead
from leads.stale_forms import Moved, check_unmoved, sealed, state_of, unsealed
from leads.views.answers import answer, came_from, signed_in
from leadscoring.errors import DomainError


def worked(
    request: HttpRequest,
    lead: Lead,
    form: Form,
    *,
    heading: str,
    fields: str,
    deed: Callable[[], HttpResponse],
) -> HttpResponse:
    """Carry out `deed` where the form is valid and nobody changed the lead since it was opened.

    Else the form on a page of its own, with what was written in it: for who has no script (200), what was
    filled in wrongly (422), and what was overtaken (409), which can then be applied on top.
    """
    show = {"lead": lead, "form": form, "heading": heading, "fields": fields}
    if not form.is_valid():
        return _page(request, show, status=422 if form.is_bound else 200)
    seen = unsealed(request.POST.get("opened_on", ""))
    try:
        with transaction.atomic():
            check_unmoved(lead_id=lead.pk, seen=seen, actor=signed_in(request), at=timezone.now())
            return deed()
    except Moved as moved:
        show |= {"moved": moved.changes, "refused": _refusal(request, lead)}
        return _page(request, show, status=409)


def _refusal(request: HttpRequest, lead: Lead) -> str:
    """Why this person may not work the lead now; "" where they may."""
    try:
        access.check_may_work(signed_in(request), lead, now=timezone.now())
    except DomainError as refused:
        return refused.sentence
    return ""


def _page(request: HttpRequest, show: dict[str, Any], *, status: int) -> HttpResponse:
    lead: Lead = show["lead"]
    show = {
        "opened_on": sealed(state_of(lead.pk, now=timezone.now())),
        "next": came_from(request, f"/leads/{lead.pk}/"),
    } | show
    return answer(request, "leads/form_page.html", show, status=status)
