"""The history of a lead's score: what it was, why it changed, and what it was at any moment."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.history_forms import CompareForm, ExplainForm
from leads.models import Lead
from leads.queue.cursor import instant
from leads.score_history import history
from leads.score_steps import Moment
from leads.scorer import scorer
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.breakdown import break_down
from leads.views.score_chart import chart_of
from leadscoring.errors import DomainError

PERIODS = (30, 90, 365)
USUAL_PERIOD = 90
RECENT = 5


def history_of(lead: Lead, *, now: datetime) -> dict[str, Any]:
    """The context of the section on the lead's page: the chart and the latest changes."""
    return {
        "chart": chart_of(lead, now=now, days=USUAL_PERIOD),
        "history": history(lead, now=now, size=RECENT),
    }


@page_for(*LEAD_READERS)
def history_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Every change of the score; its explanation at a moment, and two moments compared, where asked for."""
    now, days = timezone.now(), _days(request)
    lead = access.get_lead(signed_in(request), lead_id)
    context = {
        "lead": lead,
        "now": now,
        "days": days,
        "periods": PERIODS,
        "chart": chart_of(lead, now=now, days=days),
        "history": history(lead, now=now, before=_before(request)),
        **_explained(request, lead, now=now),
        **_compared(request, lead, now=now),
    }
    return answer(request, "leads/history.html", context)


def _explained(request: HttpRequest, lead: Lead, *, now: datetime) -> dict[str, Any]:
    """The form, and where it was sent and can be read, the score of the moment that it names."""
    asked = request.GET if {"as_of", "known_at"} & request.GET.keys() else None
    form = ExplainForm(asked, auto_id="explain_%s", label_suffix="")
    if asked is None or not form.is_valid():
        return {"explain_form": form}
    as_of, known_at = form.cleaned_data["as_of"] or now, form.cleaned_data["known_at"]
    try:
        found = break_down(lead, now=as_of, known_at=known_at)
    except Lead.DoesNotExist:  # another one had absorbed it then
        found = None
    return {"explain_form": form, "explained_at": as_of, "known_at": known_at, "breakdown": found}


def _compared(request: HttpRequest, lead: Lead, *, now: datetime) -> dict[str, Any]:
    """The form, and where it was sent and can be read, the steps from one moment to the other."""
    asked = request.GET if {"since", "until"} & request.GET.keys() else None
    form = CompareForm(asked, auto_id="compare_%s", label_suffix="")
    if asked is None or not form.is_valid():
        return {"compare_form": form}
    before, after = form.cleaned_data["since"], form.cleaned_data["until"] or now
    try:
        found = scorer().compare(lead.pk, before=Moment(before, before), after=Moment(after, after))
    except Lead.DoesNotExist:
        found = None
    return {"compare_form": form, "is_compared": True, "comparison": found}


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in map(str, PERIODS) else USUAL_PERIOD


def _before(request: HttpRequest) -> datetime | None:
    asked = request.GET.get("before")
    try:
        return instant(asked) if asked else None
    except ValueError:
        sentence = _("This link into the list no longer works. Start from the top.")
        raise DomainError("cursor.invalid", sentence) from None
