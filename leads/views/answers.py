"""How the pages answer: who may ask, a page or only the part that htmx swaps, and refusals in words."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import resolve, reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from leads.scorer import one_moment
from leadscoring.error_pages import error_page, not_found
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

View = Callable[..., HttpResponseBase]
Refuse = Callable[[HttpRequest, DomainError], HttpResponse]

LEAD_READERS = (Role.REP, Role.MANAGER, Role.MARKETING, Role.ADMIN)
LEAD_WORKERS = (Role.REP, Role.MANAGER)


def page_for(*roles: Role) -> Callable[[View], View]:
    """A page that people with one of these roles may read. A refusal becomes a page in plain words."""
    return lambda view: require_GET(_checked(_of_one_moment(view), roles, _as_page))


def deed_for(*roles: Role) -> Callable[[View], View]:
    """A POST that changes something. A refusal becomes a message on the page that it came from."""
    return lambda view: require_POST(_with_panel(_checked(view, roles, _as_message)))


def form_for(*roles: Role) -> Callable[[View], View]:
    """A form on a page of its own, which GET shows and POST carries out."""
    return lambda view: _with_panel(_checked(view, roles, _as_message))


def _of_one_moment(view: View) -> View:
    @wraps(view)
    def of_one_moment(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with one_moment():
            return view(request, *args, **kwargs)

    return of_one_moment


def _with_panel(view: View) -> View:
    """Where the queue's panel asks, answer with the panel that one would be sent to, and say its address.

    Everybody else is sent there, which takes another request.
    """

    @wraps(view)
    def with_panel(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.headers.get("HX-Target") != "panel" or not isinstance(response, HttpResponseRedirect):
            return response
        there = urlsplit(response.url)
        if there.path != reverse("leads:queue") or not there.query:
            return response
        found: HttpResponseBase = resolve(there.path).func(_getting(request, there.path, there.query))
        if found.status_code != 200:
            return response
        found["Content-Location"] = response.url
        return found

    return with_panel


def _getting(request: HttpRequest, path: str, query: str) -> HttpRequest:
    """The request of the same person for a page, with all that is known of who asks."""
    there = HttpRequest.__new__(type(request))
    there.__dict__ |= request.__dict__ | {
        "method": "GET",
        "path": path,
        "path_info": path,
        "META": request.META | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query},
        "GET": QueryDict(query),
        "_post": QueryDict(),
    }
    return there


def _checked(view: View, roles: tuple[Role, ...], refuse: Refuse) -> View:
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not signed_in(request).has_role(*roles):
            names = ", ".join(str(role.label) for role in roles)
            raise PermissionDenied(_("This page is for these roles: %(roles)s.") % {"roles": names})
        try:
            return view(request, *args, **kwargs)
        except DomainError as refusal:
            return refuse(request, refusal)

    return login_required(checked)


def signed_in(request: HttpRequest) -> User:
    """The user of a view that only signed-in people reach."""
    assert isinstance(request.user, User)
    return request.user


def answer(
    request: HttpRequest, template: str, context: dict[str, Any], *, fragment: str = "", status: int = 200
) -> HttpResponse:
    """The page, or its `fragment` where htmx asked for it. Caches must tell the two apart."""
    wants_part = bool(fragment) and wants_fragment(request)
    response = render(request, fragment if wants_part else template, context, status=status)
    patch_vary_headers(response, ("HX-Request",))
    response["Cache-Control"] = "private, no-cache"
    return response


def wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers


def back(request: HttpRequest, default: str = "/") -> HttpResponse:
    """To the page that a form came from (its field `next`), if that is one of ours."""
    return HttpResponseRedirect(came_from(request, default))


def came_from(request: HttpRequest, default: str) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}) else default


def done(request: HttpRequest, sentence: str, *, undo: int | None = None, undo_at: str = "") -> None:
    """Say what was done. The message offers to take it back with `undo`, the id of an activity, or by a POST
    to the address `undo_at`.
    """
    path = reverse("leads:undo", args=(undo,)) if undo else undo_at
    messages.success(request, sentence, extra_tags=f"undo:{path}" if path else "")


def _as_message(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    if request.method != "POST":
        return _as_page(request, refusal)
    messages.error(request, refusal.sentence)
    return back(request)


def _as_page(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    if refusal.code.endswith(".not_found"):
        return not_found(request, refusal)
    return error_page(
        request,
        status=400,
        heading=_("That doesn't work"),
        sentence=refusal.sentence,
        fragment=wants_fragment(request),
    )
