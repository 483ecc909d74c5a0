"""POST /hooks/<name>/: webhooks of other programs, checked on their raw bytes, kept, used a moment later."""

import time

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from leads.intake import hooks
from leads.intake.inbox import Incoming, as_text, keep
from leads.intake.mapping import at_path
from leads.intake.signatures import Call
from leads.models import InboundHook
from leads.views.segment import Refused, answered, message_id_of, read_json

LARGEST = 1024 * 1024
MOST = 1_000
# In it HubSpot counts how often it sent a message.
ATTEMPT = "attemptNumber"


@csrf_exempt
def receive(request: HttpRequest, name: str, secret: str = "") -> HttpResponse:
    """204 means kept. Whoever can't show a secret learns nothing, not even whether there is such a hook."""
    response = answered(_receive, request, (name, secret), {})
    response["Cache-Control"] = "no-store"
    return response


def _receive(request: HttpRequest, name: str, secret: str) -> HttpResponse:
    raw = _raw(request)
    hook = InboundHook.objects.filter(name=name, is_on=True).first()
    uri = settings.PUBLIC_URL + request.get_full_path()
    headers = {key.lower(): value for key, value in request.headers.items()}
    call = Call(raw, headers, time.time(), str(request.method), uri)
    if hook is None or not hooks.is_genuine(hook, call, in_path=secret):
        raise Refused(401, "signature.invalid", _("This isn't signed as it should be."))
    try:
        said = read_json(raw)
    except (ValueError, RecursionError):
        raise Refused(400, "invalid", _("The body isn't JSON.")) from None
    items = said if isinstance(said, list) else [said]
    if len(items) > MOST:
        raise Refused(413, "too_large", _("1,000 messages at once are the most."))
    given = headers.get("webhook-id") if hook.kind == InboundHook.Kind.STANDARD else None
    incoming = [
        Incoming(_message_id(hook, one, given and f"{given}#{place}"), as_text({"hook": name, "said": one}))
        for place, one in enumerate(items)
    ]
    if incoming:
        keep(incoming, form=hooks.FORM, source=f"hook:{name}", at=timezone.now())
    return JsonResponse({"success": True})


def _message_id(hook: InboundHook, said: object, given: str | None) -> str:
    found = at_path(said, hook.id_path) if hook.id_path and isinstance(said, dict) else None
    if hook.kind == InboundHook.Kind.HUBSPOT and isinstance(said, dict):
        said = {key: value for key, value in said.items() if key != ATTEMPT}
    return message_id_of(said, given or (str(found) if isinstance(found, str | int) else None))


def _raw(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    try:
        if not length.isdecimal() or int(length[:18]) > LARGEST:
            raise RequestDataTooBig
        return request.body
    except RequestDataTooBig:
        raise Refused(413, "too_large", _("A webhook has 1 MB at most.")) from None
