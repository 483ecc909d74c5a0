"""What somebody typed into a form and sent after their session had ended: theirs again once they sign in.

It waits on the server, in the session of the page to sign in, at most `LARGEST` characters of it. Whose it is
says a signed cookie that signing in leaves, since the session that knew is gone. Nobody else is shown it, and
it is never sent by itself: it fills the form, which the person looks at and sends.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict

View = Callable[..., HttpResponseBase]

LARGEST = 20_000
KEY = "unsent"
COOKIE, SALT = "leadscoring_person", "leadscoring.unsent"
COOKIE_AGE = 7 * 24 * 60 * 60  # seconds


def remember_person(response: HttpResponseBase, person_id: int) -> None:
    """Let this browser know who signed in last, beyond the end of the session."""
    response.set_signed_cookie(
        COOKIE,
        str(person_id),
        salt=SALT,
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def keeps_unsent(view: View) -> View:
    """A form whose GET shows what `unsent` gives; put it around what asks for a session."""

    @wraps(view)
    def keeping(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            _keep(request)
        elif request.method == "POST" and request.session.get(KEY, {}).get("path") == request.path:
            del request.session[KEY]
        return view(request, *args, **kwargs)

    return keeping


def unsent(request: HttpRequest) -> QueryDict | None:
    """What this person typed into the form at this address, until they send it; None for nothing."""
    kept = request.session.get(KEY)
    if request.method != "GET" or kept is None or kept["path"] != request.path:
        return None
    return QueryDict(kept["fields"]) if kept["person"] == str(request.user.pk) else None


def drop_others(request: HttpRequest) -> None:
    """Forget what is somebody else's than who just signed in."""
    if request.session.get(KEY, {}).get("person") != str(request.user.pk):
        request.session.pop(KEY, None)


def fill(form: Form, typed: QueryDict) -> None:
    """Show a form with what was typed, without taking it for sent."""
    for name, field in form.fields.items():
        form.initial[name] = field.widget.value_from_datadict(typed, MultiValueDict(), form.add_prefix(name))


def _keep(request: HttpRequest) -> None:
    person = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=COOKIE_AGE)
    typed = request.POST.copy()
    typed.pop("csrfmiddlewaretoken", None)
    fields = typed.urlencode()
    # A part of a page that htmx sends is still there with all that was typed.
    if person and len(fields) <= LARGEST and "HX-Request" not in request.headers:
        request.session[KEY] = {"person": person, "path": request.path, "fields": fields}
