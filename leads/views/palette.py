"""The palette and the sheet of keys: what they ask the server."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from leads.queue import saved_views
from leads.scorer import scorer
from leads.search import find_fast
from leads.views.answers import answer, deed_for, page_for, signed_in
from leadscoring.people import preferences
from leadscoring.people.roles import Role

LEADS = 8
VIEWS = 6


@page_for(*Role)
def palette(request: HttpRequest) -> HttpResponse:
    """Leads and saved views that what is typed (`q`) may mean: the options below the palette's field."""
    user, typed = signed_in(request), request.GET.get("q", "").strip()
    views = [view for view in saved_views.listed(user) if typed.casefold() in view.name.casefold()]
    context = {
        "typed": typed,
        "leads": find_fast(user=user, query=typed, size=LEADS),
        "views": views[:VIEWS],
        "scales": scorer().scales(),
    }
    return answer(request, "leads/palette_found.html", context)


@deed_for(*Role)
def switch_shortcuts(request: HttpRequest) -> HttpResponse:
    """Turn this person's keys on or off. A checkbox sends nothing where it isn't checked."""
    on = request.POST.get("on") == "on"
    preferences.switch_shortcuts(on=on, actor=signed_in(request), at=timezone.now())
    return HttpResponse(status=204)
