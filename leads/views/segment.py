"""POST /v1/…: what Segment's SDKs and our own snippet send. 200 means kept; it is used a moment later."""

import base64
import binascii
import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from leads.attributes import MAX_INDEXED
from leads.intake import segment
from leads.intake.inbox import InboxFull, Incoming, as_text, keep
from leadscoring.api import keys, wrong_keys
from leadscoring.api.models import ApiKey
from leadscoring.api.rate_limit import take
from leadscoring.api.scopes import Scope
from leadscoring.people.roles import Role

LARGEST = 500 * 1024  # bytes of a request, unpacked, as at Segment
RETRY_AFTER = 5  # seconds, while the database is away
FULL_RETRY_AFTER = 10
MOST = 2_500  # messages in a batch
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, Content-Encoding",
    "Access-Control-Expose-Headers": "Retry-After",
    "Access-Control-Max-Age": "86400",
}
View = Callable[..., HttpResponse]


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, code: str, message: str, retry_after: int = 0) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after = status, code, message, retry_after


def from_anywhere(view: View) -> View:
    """An address that programs and pages of any origin POST to; refusals are JSON, nothing is a page."""

    @csrf_exempt
    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = answered(view, request, args, kwargs)
        for name, value in CORS.items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        return response

    return answer


def answered(view: View, request: HttpRequest, args: Any, kwargs: Any) -> HttpResponse:
    """What a program is answered by a view that raises Refused; 503 where nothing could be kept."""
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    try:
        if request.method != "POST":
            raise Refused(405, "method_not_allowed", _("Send it by POST."))
        return view(request, *args, **kwargs)
    except Refused as refused:
        return _refusal(refused)
    except RecursionError:
        # It could just be read, and not be written again.
        return _refusal(Refused(400, "invalid", _("The body isn't JSON.")))
    except InboxFull:
        full = _("Too much waits to be used just now. Come again.")
        return _refusal(Refused(503, "full", full, FULL_RETRY_AFTER))
    except (OperationalError, InterfaceError):
        away = _("The database doesn't answer just now. Nothing was kept. Come again.")
        return _refusal(Refused(503, "unavailable", away, RETRY_AFTER))


def _refusal(refused: Refused) -> JsonResponse:
    said = {"success": False, "code": refused.code, "message": refused.message}
    response = JsonResponse(said, status=refused.status)
    if refused.retry_after:
        response["Retry-After"] = str(refused.retry_after)
    if refused.status == 401:
        response["WWW-Authenticate"] = 'Basic realm="write key"'
    if refused.status == 405:
        response["Allow"] = "POST, OPTIONS"
    return response


@from_anywhere
def single(request: HttpRequest, call: str) -> HttpResponse:
    """One message, whose kind the address says."""
    raw = unpacked(request)
    if len(raw) > segment.LARGEST:
        raise Refused(413, "too_large", _("A message has 32 kB at most."))
    said = _object(raw)
    key = key_of(request, said)
    return _kept(key, [{**said, "type": call}])


@from_anywhere
def batch(request: HttpRequest) -> HttpResponse:
    """Many messages. Those that can't be used are set aside and take none of the others down."""
    said = _object(unpacked(request))
    key = key_of(request, said)
    messages = said.get("batch")
    if not isinstance(messages, list) or len(messages) > MOST:
        raise Refused(400, "invalid", _("“batch” is a list of messages, 2,500 at most."))
    shared = {name: said[name] for name in ("sentAt", "context") if name in said}
    return _kept(key, [{**shared, **one} if isinstance(one, Mapping) else one for one in messages])


def _kept(key: ApiKey, messages: list[Any]) -> HttpResponse:
    incoming = []
    for said in messages:
        if isinstance(said, dict):
            said.pop("writeKey", None)
        incoming.append(Incoming(message_id_of(said, _given_id(said)), as_text(said)))
    if incoming:
        keep(incoming, form=segment.FORM, source=f"segment:{key.prefix}", at=timezone.now())
    return JsonResponse({"success": True})


def message_id_of(said: Any, given: object) -> str:
    """The id that its sender gave, where it is one; else it is made of all that the message says."""
    if isinstance(given, str) and given.isprintable() and 0 < len(given.encode()) <= MAX_INDEXED:
        return given
    rest = {key: said[key] for key in said if key != "sentAt"} if isinstance(said, dict) else said
    text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _given_id(said: Any) -> object:
    return said.get("messageId") if isinstance(said, dict) else None


def unpacked(request: HttpRequest) -> bytes:
    """The body, unpacked where it is gzipped. Raises Refused where it is too large or can't be."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length[:18]) > LARGEST:
        raise _too_large()
    try:
        raw = request.body
    except RequestDataTooBig:
        raise _too_large() from None
    if "gzip" not in request.headers.get("Content-Encoding", "").lower():
        return raw
    unpacker = zlib.decompressobj(wbits=31)
    try:
        whole = unpacker.decompress(raw, LARGEST + 1)
    except zlib.error:
        raise Refused(400, "invalid", _("The body isn't gzip.")) from None
    if len(whole) > LARGEST:
        raise _too_large()
    if not unpacker.eof:
        raise Refused(400, "invalid", _("The gzip body is cut off."))
    return whole


def _too_large() -> Refused:
    return Refused(413, "too_large", _("A request has 500 kB at most."))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        said = read_json(raw)
    except (ValueError, RecursionError):
        raise Refused(400, "invalid", _("The body isn't JSON.")) from None
    if not isinstance(said, dict):
        raise Refused(400, "invalid", _("The body is no JSON object."))
    return said


def read_json(raw: bytes) -> Any:
    """What a body says. Raises ValueError or RecursionError where it can't be read."""
    return json.loads(raw.decode("utf-8-sig"), parse_int=_whole, parse_constant=_no_number)


def _whole(digits: str) -> int | float:
    """A number too long for Python to read is infinite, as `1e999` is: it spoils its own message at most."""
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _no_number(constant: str) -> None:
    """Refuse what Python reads as a number and JSON doesn't know."""
    raise ValueError(constant)


def key_of(request: HttpRequest, said: Mapping[str, Any]) -> ApiKey:
    """The write key that a request brings, by basic authentication or in its body. Raises Refused."""
    now = timezone.now()
    text = _text_of_key(request, said)
    key = keys.find(text, at=now)
    if key is None and (refused := wrong_keys.count(text, address=request.META.get("REMOTE_ADDR", ""))):
        raise Refused(429, "key.too_many_wrong", _("Too many wrong keys came from here."), refused.wait)
    if key is None or Scope.TRACK not in key.scopes:
        raise Refused(401, "key.invalid", _("This isn't a write key that works."))
    if not key.user.has_role(Role.MARKETING):
        raise Refused(403, "role.missing", _("The person of this key isn't in marketing any more."))
    allowance = take(f"key:{key.pk}", limit=key.requests_a_minute)
    if allowance.wait:
        raise Refused(429, "too_many_requests", _("That was too fast."), allowance.wait)
    keys.note_use(key, at=now)
    return key


def _text_of_key(request: HttpRequest, said: Mapping[str, Any]) -> str:
    scheme, _space, coded = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(coded, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    given = said.get("writeKey")
    return given if isinstance(given, str) else ""
