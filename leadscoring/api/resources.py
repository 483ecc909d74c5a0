"""An address of the API and what can be done there: the frame in which every operation runs."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotAuthenticated, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.permissions import IsAuthenticated
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from leadscoring.api import idempotency
from leadscoring.api.answers import JSON, Answer, as_json
from leadscoring.api.authentication import Caller, caller_of
from leadscoring.api.bodies import Nothing, checked, query_values
from leadscoring.api.described import describe
from leadscoring.api.operations import Call, Given, Operation
from leadscoring.api.problems import MEDIA_TYPE, Problem
from leadscoring.api.rate_limit import Allowance, take
from leadscoring.api.uploads import UploadParser, parts_of

SAFE = frozenset({"GET", "HEAD"})
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii"})
View = Callable[..., HttpResponseBase]


class Resource(APIView):
    """One address. Every request is checked for who, how often, what for, how large, what it says."""

    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    permission_classes = (IsAuthenticated,)  # for the description; `check_permissions` asks for more
    operations: ClassVar[Mapping[str, Operation]] = {}
    caller: Caller | None = None
    allowance: Allowance | None = None

    def get_renderers(self) -> list[BaseRenderer]:
        operation = self.operations.get(_method(self.request))
        own = [] if operation is None else [operation.media_type, *operation.other_types]
        return [*(_renderer(one) for one in own if one != JSON), JSONRenderer(), _renderer(MEDIA_TYPE)]

    def get_parsers(self) -> list[BaseParser]:
        # Who describes the API asks before there is a request.
        operation = self.operations.get(_method(self.request)) if self.request else None
        return [UploadParser()] if operation is not None and operation.form else super().get_parsers()

    def check_permissions(self, request: Request) -> None:
        caller = caller_of(request)
        if caller is None:
            raise NotAuthenticated
        self.caller = caller
        self.allowance = take(caller.name, limit=caller.requests_a_minute)
        if self.allowance.wait:
            said = _("That was too fast. Go on in %(seconds)d s.") % {"seconds": self.allowance.wait}
            raise Problem(429, "too_many_requests", said)
        operation = self.operations.get(_method(request))
        if operation is not None:
            _check_rights(caller, operation)
            _check_size(request, operation)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        for name, value in (self.allowance.headers() if self.allowance else {}).items():
            response[name] = value
        response["Cache-Control"] = "no-store"
        return response

    def carry_out(self, request: Request, path: Mapping[str, Any]) -> HttpResponseBase:
        """Run the operation of this method, once where the request says so."""
        caller, operation, now = self.caller, self.operations[_method(request)], timezone.now()
        assert caller is not None
        query = checked(operation.query or Nothing, query_values(request.query_params), in_query=True)
        body = {} if request.method in SAFE else _body(request, operation)
        call = Call(request, caller.user, now, body, query)
        key = None if request.method in SAFE else request.headers.get(idempotency.HEADER)
        if key is None:
            given = operation.carry_out(call, **path)
            return (
                given if isinstance(given, HttpResponseBase) else _answer(operation, call, given).response()
            )
        return idempotency.answer_once(
            caller=caller.name,
            key=idempotency.checked_key(key),
            request=_digest(request, operation),
            at=now,
            work=lambda: _answer(operation, call, operation.carry_out(call, **path)),
        ).response()


def resource(**operations: Operation) -> View:
    """The view of an address: `resource(get=show, post=add)`."""
    methods = {name: describe(_method_of(operation), operation) for name, operation in operations.items()}
    by_method = {name.upper(): operation for name, operation in operations.items()}
    view: View = type("Resource", (Resource,), {**methods, "operations": by_method}).as_view()  # type: ignore[attr-defined]
    return view


def _renderer(media_type: str) -> BaseRenderer:
    """Stands for a media type when it is agreed on in which form to answer."""
    renderer = BaseRenderer()
    renderer.media_type, renderer.format = media_type, media_type
    return renderer


def _method_of(operation: Operation) -> Callable[..., HttpResponseBase]:
    def run(self: Resource, request: Request, **path: Any) -> HttpResponseBase:
        return self.carry_out(request, path)

    run.__name__ = operation.name
    run.__doc__ = operation.text
    return run


def _method(request: HttpRequest | Request) -> str:
    return "GET" if request.method == "HEAD" else str(request.method)


def _check_rights(caller: Caller, operation: Operation) -> None:
    if operation.scope not in caller.scopes:
        said = _("This key's scopes don't include %(scope)s.") % {"scope": operation.scope}
        raise Problem(403, "scope.missing", said)
    if not caller.user.has_role(*operation.roles):
        roles = ", ".join(str(role.label) for role in operation.roles)
        raise Problem(403, "role.missing", _("This is for these roles: %(roles)s.") % {"roles": roles})


def _check_form(request: Request) -> None:
    """JSON is UTF-8, and comes as it is."""
    said = request._request.content_params or {}
    if said.get("charset", "utf-8").lower() not in CHARSETS:
        raise UnsupportedMediaType(str(request.content_type))
    _check_packing(request)


def _check_packing(request: Request) -> None:
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType(str(request.content_type))


def _check_size(request: Request, operation: Operation) -> None:
    if "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise Problem(411, "body.length", _("Send the whole body with its Content-Length."))
    length, most = request.META.get("CONTENT_LENGTH") or "0", operation.largest()
    if length.isdecimal() and int(length[:18]) > most:
        said = _("The body is larger than %(most)d bytes.") % {"most": most}
        raise Problem(413, "body.too_large", said)


def _body(request: Request, operation: Operation) -> dict[str, Any]:
    if operation.form:
        _check_packing(request)
        return checked(operation.takes or Nothing, request.data)
    if not request._request.body:
        return checked(operation.takes or Nothing, {})
    _check_form(request)
    return checked(operation.takes or Nothing, request.data)


def _digest(request: Request, operation: Operation) -> str:
    path, match = request.get_full_path(), request.headers.get("If-Match")
    # Present and empty is something else than not there: what is refused is told apart, too.
    seen = "" if match is None else match or " "
    body = parts_of(request.data) if operation.form else [request._request.body]
    return idempotency.digest_of(str(request.method).encode(), path.encode(), seen.encode(), *body)


def _answer(operation: Operation, call: Call, given: Any) -> Answer:
    if not isinstance(given, Given):
        given = Given(given)
    status = given.status or operation.statuses[0]
    kept = None
    if operation.gives is None:
        text = given.data if isinstance(given.data, str) else ""
    else:
        shown = operation.gives(given.data, context={"call": call}).data
        text = as_json(shown)
        kept = as_json({**shown, operation.shown_once: None}) if operation.shown_once else None
    return Answer(status, text, given.headers, operation.media_type, kept)
