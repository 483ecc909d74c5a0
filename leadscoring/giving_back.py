"""Gives people back what they sent after their session had ended, in the form that it came from.

One middleware for all forms: it keeps what was sent in vain, and when that person opens the page again, puts
it into the form there. A form that its page no longer has is shown on a page of its own.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.shortcuts import render, resolve_url
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views import csrf
from django.views.decorators.http import require_GET, require_POST

from leadscoring import unsent
from leadscoring.error_pages import for_programs
from leadscoring.refilling import Fields, refilled
from leadscoring.unsent import Unsent

# What a form carries that nobody typed.
CARRIED = ("next", "opened_on", "seen")


class UnsentMiddleware:
    """Keeps a form that asked for signing in, fills it in when its page is opened, forgets it once sent."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if for_programs(request):
            return self.get_response(request)
        waiting = request.session.get(unsent.KEY) if request.method == "POST" else None
        response = self.get_response(request)
        if not isinstance(response, HttpResponse):
            return response
        if request.method == "POST":
            _note_sent(request, response, waiting)
        elif request.method == "GET" and _is_page(response) and unsent.KEY in request.session:
            return _given_back(request, response)
        return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of before one signed in again: kept, and shown again, where it was sent from our own pages.

    A part of a page that htmx sends still has what was typed; it gets the token of the new session.
    """
    if not _is_ours(request) or request.path == resolve_url(settings.LOGIN_URL):
        return csrf.csrf_failure(request, reason)
    if "HX-Request" in request.headers:
        sentence = _("You signed in since this page was opened. Try again.")
        response = render(request, "error_message.html", {"sentence": sentence}, status=403)
        response["X-CSRFToken"] = get_token(request)
        return response
    if not request.user.is_authenticated:
        _keep_for_last(request)
        return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?next=/")
    kept = unsent.keep(request, str(request.user.pk))
    return csrf.csrf_failure(request, reason) if kept is None else HttpResponseRedirect(kept.places[0])


@require_GET
@login_required
def unsent_page(request: HttpRequest) -> HttpResponse:
    """A form of which no page is left: all that was typed, to be sent as it is or changed."""
    kept = unsent.kept_for(request)
    if kept is None:
        return HttpResponseRedirect("/")
    return render(request, "unsent_page.html", _shown(kept, dict(kept.typed.lists())))


@require_POST
@login_required
def drop_unsent(request: HttpRequest) -> HttpResponse:
    """Forget what was typed and show the page as it is."""
    kept = unsent.kept_for(request)
    unsent.forget(request)
    shown = kept is not None and kept.places[0] != resolve_url(unsent.PAGE)
    return HttpResponseRedirect(kept.places[0] if kept is not None and shown else "/")


def _note_sent(request: HttpRequest, response: HttpResponse, waiting: Any) -> None:
    """Keep what was sent in vain; forget what was `waiting`, once it arrived."""
    if not request.user.is_authenticated:
        # A part of a page that htmx sends is still there with all that was typed.
        if unsent.asks_to_sign_in(response) and "HX-Request" not in request.headers:
            _keep_for_last(request)
    elif waiting and waiting == request.session.get(unsent.KEY) and response.status_code < 500:
        kept = unsent.kept_for(request)
        if kept is not None and kept.to == request.get_full_path():
            unsent.forget(request)


def _is_page(response: HttpResponse) -> bool:
    """Asked first: what watches the server must not need sessions."""
    return response.status_code < 500 and response.headers.get("Content-Type", "").startswith("text/html")


def _keep_for_last(request: HttpRequest) -> None:
    person = unsent.remembered_person(request)
    if person is not None:
        unsent.keep(request, person)


def _given_back(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The page with its form filled in, or on to the next that may have it."""
    here, kept = request.get_full_path(), None
    if request.user.is_authenticated and "HX-Request" not in request.headers:
        kept = unsent.kept_for(request)
    if kept is None or here != kept.places[0] or len(kept.places) == 1:
        return response
    filled = None
    if response.status_code == 200:
        typed = dict(kept.typed.lists())
        html = response.content.decode()
        filled = refilled(html, page=here, to=kept.to, typed=typed, around=_around(request, kept))
    if filled is None:
        return HttpResponseRedirect(unsent.onward(request, kept))
    response.content = filled.encode()
    return response


def _shown(kept: Unsent, fields: Fields) -> dict[str, Any]:
    """What the templates show: single values to be changed; many of one name are only counted."""
    single = {name: values[0] for name, values in fields.items() if len(values) == 1}
    typed = {name: value for name, value in single.items() if value and name not in CARRIED}
    rest = {name: values for name, values in fields.items() if values and name not in typed}
    counted = [(_in_words(name), len(values)) for name, values in rest.items() if len(values) > 1]
    shown = [(_in_words(name), name, value) for name, value in typed.items()]
    return {"kept": kept, "fields": shown, "carried": rest, "counted": counted}


def _in_words(name: str) -> str:
    """What a field is called where its form is gone: `buying_stage` is “Buying stage”."""
    return name.rpartition(".")[2].strip("@").replace("_", " ").replace("-", " ").capitalize()


def _around(request: HttpRequest, kept: Unsent) -> Callable[[Fields], tuple[str, str]]:
    def around(rest: Fields) -> tuple[str, str]:
        show = _shown(kept, rest)
        before = render_to_string("unsent.html", show, request)
        return before, render_to_string("unsent_rest.html", show, request)

    return around


def _is_ours(request: HttpRequest) -> bool:
    """Whether a browser says that one of our pages sent this."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return origin.netloc == request.get_host() and origin.scheme == request.scheme
