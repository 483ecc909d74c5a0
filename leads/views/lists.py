"""The long list: all leads, found by name and filtered."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone

from leads.exporting import export_found
from leads.lead_filters import LeadFilters
from leads.overrides import counted
from leads.scorer import scorer
from leads.search import find_leads
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.emptiness import no_leads_found
from leads.views.files import as_file
from leads.views.filters import Pill, choices_of_filter, pill, words_of


@page_for(*LEAD_READERS)
def leads(request: HttpRequest) -> HttpResponse:
    """All leads that this person may see, found by name, e-mail or company, and filtered."""
    user, now, search = signed_in(request), timezone.now(), request.GET.get("q", "")
    filters = LeadFilters(request.GET, user=user, now=now)
    page = find_leads(user=user, query=search, after=request.GET.get("after"), among=filters.qs)
    judged = counted(page.leads, now=now)
    filtered = any(request.GET.get(name) for name in filters.filters)
    context = {
        "page": page,
        "rows": [(lead, judged.get(lead.pk)) for lead in page.leads],
        "search": search,
        "scales": scorer().scales(),
        "filters": _pills(request.GET, filters),
        "filtered": filtered,
        "empty": None if page.leads else no_leads_found(user, search=search, filtered=filtered),
    }
    return answer(request, "leads/list.html", context)


@page_for(*LEAD_READERS)
def leads_export(request: HttpRequest) -> HttpResponseBase:
    """All leads of the list, in columns that an import takes back."""
    user, now = signed_in(request), timezone.now()
    among = LeadFilters(request.GET, user=user, now=now).qs
    rows = export_found(query=request.GET.get("q", ""), actor=user, at=now, among=among)
    return as_file(rows, name=f"leads-{timezone.localdate(now)}", wanted=request.GET.get("format"))


def _pills(query: QueryDict, filters: LeadFilters) -> list[Pill]:
    """The filters that make a difference to this person."""
    offered = {name: choices_of_filter(filters, name) for name in filters.filters if name != "source"}
    offered["source"] = words_of(filters.choices.values["source"])
    least = {"team": 3, "model": 2}  # one of the teams is "no team"
    return [
        pill(query, name, str(each.label), offered[name])
        for name, each in filters.filters.items()
        if query.get(name) or len(offered[name]) >= least.get(name, 1)
    ]
