"""What went wrong, in plain words, with something to do next. The pages for 400, 500 and 503 need nothing.

Programs are told as problems (RFC 9457) also where Django itself refuses, before any view is reached.
"""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults

from leadscoring.api import problems
from leadscoring.api.problems import Problem

OF_PROGRAMS = ("/api/", "/v1/", "/hooks/", "/healthz", "/readyz", "/metrics")


def error_page(
    request: HttpRequest, *, status: int, heading: str, sentence: str, fragment: bool = False
) -> HttpResponse:
    """A page, or only its message where htmx asked for a part of a page."""
    template = "error_message.html" if fragment else "error.html"
    return render(request, template, {"heading": heading, "sentence": sentence}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What no page can answer, such as a host that isn't ours. The page needs nothing of the request."""
    if for_programs(request):
        return Problem(400, "bad_request", _("This request can't be answered as it is.")).answer().response()
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """What nobody foresaw; while the database is away, that one may come back later."""
    is_away = isinstance(sys.exception(), OperationalError | InterfaceError)
    problem = problems.unavailable() if is_away else problems.internal()
    if for_programs(request):
        return problem.answer().response()
    page = defaults.server_error(request, "503.html" if is_away else "500.html")
    page.status_code = problem.status
    for name, value in problem.headers.items():
        page[name] = value
    return page


def for_programs(request: HttpRequest) -> bool:
    return request.path.startswith(OF_PROGRAMS)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    sentence = str(exception) or _("Your role doesn't open this page. Your admin can change that.")
    return error_page(request, status=403, heading=_("This isn't open to you"), sentence=sentence)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(
        request,
        status=404,
        heading=_("There is nothing here"),
        sentence=_("The address is wrong, or what was here is gone, or it belongs to another team."),
    )
