"""Whether a webhook comes from whom it says, told from its raw bytes. All comparisons take the same time.

Sources: HubSpot's request validation v1, v2 and v3; the Standard Webhooks specification.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

TOLERANCE = 300  # seconds, both ways


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came. `headers` are found by their names in small letters; `now` is Unix time."""

    raw: bytes
    headers: Mapping[str, str]
    now: float
    method: str = "POST"
    uri: str = ""


def hubspot(call: Call, secrets: Sequence[str]) -> bool:
    """Version 3 where it is there, else the version that the header names."""
    given = call.headers.get("x-hubspot-signature-v3")
    if given is not None:
        return _hubspot_v3(call, given, secrets)
    given = call.headers.get("x-hubspot-signature", "")
    before = b"" if call.headers.get("x-hubspot-signature-version", "v1") == "v1" else _target(call)
    return _any(
        given, (hashlib.sha256(secret.encode() + before + call.raw).hexdigest() for secret in secrets)
    )


def _hubspot_v3(call: Call, given: str, secrets: Sequence[str]) -> bool:
    stamp = call.headers.get("x-hubspot-request-timestamp", "")
    if not _is_recent(stamp, call.now, unit=1000):
        return False
    signed = _target(call) + call.raw + stamp.encode()
    return _any(given, (_base64(_mac(secret.encode(), signed)) for secret in secrets))


def standard(call: Call, secrets: Sequence[str]) -> bool:
    """Standard Webhooks: any of the signatures by any of the secrets, within five minutes."""
    message_id, stamp = call.headers.get("webhook-id", ""), call.headers.get("webhook-timestamp", "")
    if not message_id or not _is_recent(stamp, call.now):
        return False
    signed = f"{message_id}.{stamp}.".encode() + call.raw
    right = [_base64(_mac(key, signed)) for secret in secrets if (key := _key(secret))]
    given = [one[3:] for one in call.headers.get("webhook-signature", "").split(" ") if one.startswith("v1,")]
    return sum(_any(one, right) for one in given) > 0


def basic(call: Call, secrets: Sequence[str]) -> bool:
    """Basic authentication; a secret is `name:password`."""
    scheme, _space, coded = call.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "basic" and _any(coded.strip(), (_base64(secret.encode()) for secret in secrets))


def hmac_header(call: Call, secrets: Sequence[str], header: str) -> bool:
    """HMAC-SHA256 of the body in a header, as hexadecimal or base64, with or without `sha256=`."""
    given = call.headers.get(header.lower(), "").removeprefix("sha256=")
    macs = [_mac(secret.encode(), call.raw) for secret in secrets]
    return _any(given, [mac.hex() for mac in macs] + [_base64(mac) for mac in macs])


def in_path(given: str, secrets: Sequence[str]) -> bool:
    """A secret that stands in the address."""
    return _any(given, secrets)


def _target(call: Call) -> bytes:
    return f"{call.method}{call.uri}".encode()


def _any(given: str, right: Iterable[str]) -> bool:
    """Whether it is one of these, which are all looked at."""
    same = [hmac.compare_digest(given.encode(), one.encode()) for one in right if one]
    return sum(same) > 0 and bool(given)


def _mac(key: bytes, signed: bytes) -> bytes:
    return hmac.new(key, signed, hashlib.sha256).digest()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _key(secret: str) -> bytes:
    text = secret.removeprefix("whsec_")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _is_recent(stamp: str, now: float, unit: int = 1) -> bool:
    return (
        stamp.isascii() and stamp.isdigit() and len(stamp) < 16 and abs(now - int(stamp) / unit) <= TOLERANCE
    )
