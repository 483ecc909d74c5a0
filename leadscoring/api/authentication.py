"""Who asks: a program with an API key, or somebody who is signed in to the pages."""

from dataclasses import dataclass

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.request import Request

from leadscoring.api import wrong_keys
from leadscoring.api.models import REQUESTS_A_MINUTE, ApiKey
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User

REALM = 'Bearer realm="leadscoring"'


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer ls_…`. A header that isn't a good key is refused, whatever else is sent."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        header = request.headers.get("Authorization")
        if header is None:
            return None
        scheme, _space, text = header.partition(" ")
        given = text.strip() if scheme.lower() == "bearer" else ""
        address = str(request.META.get("REMOTE_ADDR", ""))
        key = wrong_keys.find_or_refuse(given, address=address, at=timezone.now())
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return REALM


class PageAuthentication(SessionAuthentication):
    """Somebody who is signed in to the pages; what changes something needs the CSRF token."""

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        _ = request._request.body  # kept by Django from here on; looking for the token would use it up
        return super().authenticate(request)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. `name` tells callers apart where answers are kept and requests counted."""

    user: User
    name: str
    scopes: frozenset[str]
    requests_a_minute: int


def caller_of(request: Request) -> Caller | None:
    """Who asks; None for a stranger. A signed-in person may all that their roles allow."""
    if isinstance(request.auth, ApiKey):
        key = request.auth
        return Caller(key.user, f"key:{key.pk}", frozenset(key.scopes), key.requests_a_minute)
    if isinstance(request.user, User):
        user = request.user
        return Caller(user, f"user:{user.pk}", frozenset(Scope), REQUESTS_A_MINUTE)
    return None
