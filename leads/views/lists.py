"""The long lists: all leads, and those that marketing nurtures."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from leads import handoffs
from leads.overrides import counted
from leads.queue.filters import QueueFilters
from leads.queue.nurture import nurture, nurture_csv, waiting
from leads.queue.ranking import MARKETING
from leads.scorer import scorer
from leads.search import find_leads
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.emptiness import no_leads_found
from leads.views.filters import is_filtered, pills_of
from leads.views.queue import grouped
from leads.views.tallies import bands_of, shown_count
from leadscoring.people.roles import Role

MARKETERS = (Role.MARKETING, Role.ADMIN)


@page_for(*LEAD_READERS)
def leads(request: HttpRequest) -> HttpResponse:
    """All leads that this person may see, found by name, e-mail or company."""
    user, search = signed_in(request), request.GET.get("q", "")
    page = find_leads(user=user, query=search, after=request.GET.get("after"))
    judged = counted(page.leads, now=timezone.now())
    context = {
        "page": page,
        "rows": [(lead, judged.get(lead.pk)) for lead in page.leads],
        "search": search,
        "scales": scorer().scales(),
        "empty": None if page.leads else no_leads_found(user, search=search),
    }
    return answer(request, "leads/list.html", context)


@page_for(*MARKETERS)
def nurture_list(request: HttpRequest) -> HttpResponse:
    """The leads of the bands that marketing works."""
    user, now, filters = signed_in(request), timezone.now(), _filters(request)
    page = nurture(user=user, now=now, criteria=filters.criteria, after=request.GET.get("after"))
    counts = waiting(user=user, now=now, criteria=filters.criteria)
    count, more = shown_count(request.GET, counts)
    context = {
        "returned": handoffs.returned(user),
        "now": now,
        "page": page,
        "groups": grouped(page.rows),
        "bands": bands_of(request.GET, counts),
        "count": count,
        "more": more,
        "filters": pills_of(request.GET, filters),
        "filtered": is_filtered(request.GET),
    }
    return answer(request, "leads/nurture.html", context)


@page_for(*MARKETERS)
def nurture_export(request: HttpRequest) -> StreamingHttpResponse:
    """The same list, whole, as CSV."""
    now = timezone.now()
    lines = nurture_csv(user=signed_in(request), now=now, criteria=_filters(request).criteria)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="nurture-{timezone.localdate(now)}.csv"'
    return response


def _filters(request: HttpRequest) -> QueueFilters:
    return QueueFilters(request.GET, user=signed_in(request), worked_by=MARKETING)
