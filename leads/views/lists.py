"""The long list: all leads."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from leads.exporting import export_found
from leads.overrides import counted
from leads.scorer import scorer
from leads.search import find_leads
from leads.views.answers import LEAD_READERS, answer, page_for, signed_in
from leads.views.emptiness import no_leads_found
from leads.views.files import as_file


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


@page_for(*LEAD_READERS)
def leads_export(request: HttpRequest) -> HttpResponseBase:
    """All leads of the list, in columns that an import takes back."""
    now = timezone.now()
    rows = export_found(query=request.GET.get("q", ""), actor=signed_in(request), at=now)
    return as_file(rows, name=f"leads-{timezone.localdate(now)}", wanted=request.GET.get("format"))
