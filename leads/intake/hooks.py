"""Webhooks of other programs: who may send them, and what their messages mean."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from leads.intake import signatures
from leads.intake.mapping import Mappings, at_path, scalar
from leads.intake.reading import Happened, Reading, Unusable, check_not_future, person_names
from leads.models import InboundHook
from leads.moments import parse_moment

FORM = "hook"
MILLISECONDS_FROM = 10**11  # as seconds that would be the year 5138
Kind = InboundHook.Kind


def secrets_of(hook: InboundHook) -> list[str]:
    """The secrets that count for it now; several while one is changed for another."""
    given = settings.INTAKE_SECRETS.get(hook.name, [])
    return [given] if isinstance(given, str) else list(given)


def is_genuine(hook: InboundHook, call: signatures.Call, *, in_path: str) -> bool:
    """Whether whoever called knows one of the secrets."""
    secrets = [secret for secret in secrets_of(hook) if secret]
    match Kind(hook.kind):
        case Kind.HUBSPOT:
            return signatures.hubspot(call, secrets)
        case Kind.STANDARD:
            return signatures.standard(call, secrets)
        case Kind.BASIC:
            return signatures.basic(call, secrets)
        case Kind.HMAC:
            return signatures.hmac_header(call, secrets, hook.header)
        case Kind.PATH:
            return signatures.in_path(in_path, secrets)


def read(said: Any, *, received_at: datetime, now: datetime, mappings: Mappings) -> Reading:
    """What a message says by its hook's mapping. Raises Unusable."""
    hook = InboundHook.objects.select_related("signal_type").filter(name=said["hook"]).first()
    told = said["said"]
    if hook is None:
        raise Unusable("hook", _("Its webhook isn't there any more."))
    if not isinstance(told, Mapping):
        raise Unusable("message", _("It is no JSON object."))
    names = person_names(_at(told, hook.external_id_path), _at(told, hook.email_path), None)
    if not names:
        raise Unusable("message", _("It names nobody where the webhook's mapping looks."))
    at = _moment(_at(told, hook.at_path), received_at)
    check_not_future(at, now=now)
    pairs = (line.partition(":") for line in hook.values)
    values = {key.strip(): value for key, _c, path in pairs if (value := _at(told, path.strip())) is not None}
    mappings.check(values)
    happened = Happened(hook.signal_type.key, _properties(hook, told)) if hook.signal_type else None
    return Reading(at, names, values, happened)


def _properties(hook: InboundHook, told: Mapping[str, Any]) -> dict[str, Any]:
    found = {path.rpartition(".")[2]: _at(told, path) for path in hook.properties}
    return {name: value for name, value in found.items() if value is not None}


def _at(told: Mapping[str, Any], path: str) -> Any:
    return scalar(at_path(told, path)) if path else None


def _moment(given: Any, received_at: datetime) -> datetime:
    """A moment as text, or as a number of seconds or milliseconds. Raises Unusable."""
    try:
        if isinstance(given, int | float) and not isinstance(given, bool):
            seconds = given / 1000 if abs(given) >= MILLISECONDS_FROM else given
            return datetime.fromtimestamp(seconds, UTC)
        return parse_moment(given) if isinstance(given, str) else received_at
    except (ValueError, OverflowError, OSError):
        raise Unusable(
            "moment", _("Its time can't be read: %(given)s") % {"given": str(given)[:60]}
        ) from None
