"""CloudEvents at /api/v1/signals/: one, many, or in headers. Each is put into the words of a signal first.

Source: CloudEvents 1.0, JSON format, batch format and HTTP binding. `id` and `source` are the message id and
the source, so that each counts once; `type` ends with the key of a signal type (`com.example.pricing_view`);
whose it is say `subject` (an external id or an e-mail address), or `external_id` or `email` in `data`.
"""

import json
from collections.abc import Mapping
from functools import wraps
from typing import Any
from urllib.parse import unquote

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from leadscoring.api import parsing
from leadscoring.api.operations import MEGABYTE
from leadscoring.api.problems import Problem, problem_of
from leadscoring.api.resources import View

ONE = "application/cloudevents+json"
MANY = "application/cloudevents-batch+json"
LARGEST = 5 * MEGABYTE
NAMES = ("external_id", "email")


def cloud_events(one: View, many: View) -> View:
    """The view of signals, which takes CloudEvents as well: `many` answers their batches."""

    @wraps(one)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        media_type = (request.content_type or "").lower()
        is_binary = media_type == "application/json" and "Ce-Specversion" in request.headers
        if request.method != "POST" or not (media_type in (ONE, MANY) or is_binary) or _is_large(request):
            return one(request, *args, **kwargs)
        try:
            said = parsing.parse(request.body)
            body = _said(request, said, media_type)
        except (Problem, APIException) as error:
            return problem_of(error).answer().response()
        _replace_body(request, body)
        return (many if media_type == MANY else one)(request, *args, **kwargs)

    return view


def _said(request: HttpRequest, said: Any, media_type: str) -> Any:
    if media_type == MANY:
        if not isinstance(said, list):
            raise Problem(400, "invalid", _("A batch of CloudEvents is a list."))
        return {"signals": [signal_of(one) if isinstance(one, Mapping) else one for one in said]}
    if media_type == ONE:
        if not isinstance(said, Mapping):
            raise Problem(400, "invalid", _("A CloudEvent is an object."))
        return signal_of(said)
    return signal_of({**_in_headers(request), "data": said})


def signal_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The signal that an event tells of; what is wrong in it is refused as in any signal."""
    data = event.get("data")
    data = dict(data) if isinstance(data, Mapping) else {} if data is None else {"data": data}
    signal = {
        "type": str(event.get("type", "")).rpartition(".")[2],
        "source": event.get("source"),
        "message_id": event.get("id"),
        "occurred_at": event.get("time") or timezone.now().isoformat(),
        **_who(event.get("subject"), data),
        "properties": {key: value for key, value in data.items() if key not in NAMES},
    }
    return {key: value for key, value in signal.items() if value is not None}


def _who(subject: Any, data: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(subject, str):
        return {"email" if "@" in subject else "external_id": subject}
    named = [key for key in NAMES if key in data]
    return {named[0]: data[named[0]]} if named else {}


def _in_headers(request: HttpRequest) -> dict[str, Any]:
    names = ("id", "source", "type", "time", "subject")
    found = {name: request.headers.get(f"Ce-{name.title()}") for name in names}
    return {name: unquote(value) for name, value in found.items() if value is not None}


def _is_large(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length[:18]) > LARGEST


def _replace_body(request: HttpRequest, said: Any) -> None:
    """Let the request be one that brought this as JSON."""
    raw = json.dumps(said, default=float).encode()
    request._body = raw
    request.META["CONTENT_TYPE"], request.META["CONTENT_LENGTH"] = "application/json", str(len(raw))
