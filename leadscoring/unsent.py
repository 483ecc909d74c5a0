"""What somebody typed into a form and sent after their session had ended: theirs again once they sign in.

It waits on the server, in the session of the page to sign in, for some hours and at most `LARGEST` characters
of it. Whose it is says a signed cookie that signing in leaves, since the session that knew is gone. Nobody
else is shown it, and it is never sent by itself: `giving_back` puts it into the form that it came from.
"""

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

if TYPE_CHECKING:
    from django.http.request import _ImmutableQueryDict

LARGEST = 200_000
KEPT_FOR = 12 * 60 * 60  # seconds
KEY = "unsent"
PAGE = "unsent"
COOKIE, SALT = "leadscoring_person", "leadscoring.unsent"
COOKIE_AGE = 7 * 24 * 60 * 60  # seconds
# Fields that are never kept: what opens something, and addresses of other programs, which often do.
SECRET = re.compile(r"password|secret|token|^address$|^url$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unsent:
    """A form that was not carried out: where it posts to, and its fields as in an address.

    `places` are the pages that may show it, the likeliest first; the last shows any form.
    """

    person: str
    to: str
    places: list[str]
    fields: str
    had_files: bool
    at: float

    @property
    def typed(self) -> "_ImmutableQueryDict":
        return QueryDict(self.fields)


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


def remembered_person(request: HttpRequest) -> str | None:
    """Who signed in last in this browser; None where nobody knows."""
    person: str | None = request.get_signed_cookie(COOKIE, default=None, salt=SALT, max_age=COOKIE_AGE)
    return person


def keep(request: HttpRequest, person: str) -> Unsent | None:
    """Keep the form that was just sent, in place of another; None for one that is too long."""
    typed = request.POST.copy()
    for name in [name for name in typed if SECRET.search(name) or name == "csrfmiddlewaretoken"]:
        del typed[name]
    fields, to = typed.urlencode(), request.get_full_path()
    if len(fields) > LARGEST:
        return None
    places = [to, *_page_before(request), resolve_url(PAGE)]
    kept = Unsent(person, to, places, fields, bool(request.FILES), timezone.now().timestamp())
    _store(request, kept)
    return kept


def kept_for(request: HttpRequest) -> Unsent | None:
    """What waits for who is signed in; what waits for somebody else, or for too long, is forgotten."""
    found: dict[str, Any] | None = request.session.get(KEY)
    if found is None:
        return None
    kept = Unsent(**found)
    fresh = timezone.now().timestamp() - kept.at < KEPT_FOR
    if fresh and kept.person == str(request.user.pk):
        return kept
    forget(request)
    return None


def forget(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def onward(request: HttpRequest, kept: Unsent) -> str:
    """The next place that may show the form, where the first one doesn't."""
    _store(request, Unsent(**asdict(kept) | {"places": kept.places[1:]}))
    return kept.places[1]


def asks_to_sign_in(response: HttpResponse) -> bool:
    """Whether a form came to nothing because nobody was signed in."""
    parts = urlsplit(response.headers.get("Location", ""))
    return parts.path in (resolve_url(settings.LOGIN_URL), "/admin/login/") and "next=" in parts.query


def _store(request: HttpRequest, kept: Unsent) -> None:
    request.session[KEY] = asdict(kept)


def _page_before(request: HttpRequest) -> list[str]:
    """The page of ours that the form stood on, as far as the browser says."""
    before = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(before, allowed_hosts={request.get_host()}):
        return []
    parts = urlsplit(before)
    return [parts.path + (f"?{parts.query}" if parts.query else "")]
