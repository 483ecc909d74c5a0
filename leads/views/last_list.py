"""The list that somebody looked at last, which the queue's bare address brings back.

It is kept by the browser, a cookie a person: to look at a page changes nothing on the server.
"""

from django.http import HttpRequest, HttpResponse, QueryDict

from leads.queue.filters import kept, names_a_list
from leads.views.answers import signed_in

DAYS = 90


def last_list(request: HttpRequest) -> str:
    """The query of the list looked at last, "" where that is the whole queue."""
    return kept(QueryDict(request.COOKIES.get(_name(request), "")))


def remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let the browser keep which list this is, where the address says so."""
    if not names_a_list(request.GET):
        return response
    now, before = kept(request.GET), request.COOKIES.get(_name(request), "")
    if now and now != before:
        response.set_cookie(
            _name(request),
            now,
            max_age=DAYS * 24 * 60 * 60,
            path="/queue/",
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    elif not now and before:
        response.delete_cookie(_name(request), path="/queue/", samesite="Lax")
    return response


def _name(request: HttpRequest) -> str:
    return f"list-of-{signed_in(request).pk}"
