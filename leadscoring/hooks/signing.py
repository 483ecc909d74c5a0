"""Signatures of messages, as Standard Webhooks 1.0 has them (standard-webhooks.com)."""

import base64
import hmac
from collections.abc import Sequence
from datetime import datetime


def headers(webhook_id: str, body: bytes, secrets: Sequence[str], *, at: datetime) -> dict[str, str]:
    """The headers of a message that is sent at `at`, signed with each of these secrets (`whsec_…`)."""
    seconds = int(at.timestamp())
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(signature(secret, webhook_id, seconds, body) for secret in secrets),
    }


def signature(secret: str, webhook_id: str, seconds: int, body: bytes) -> str:
    """One signature: `v1,` and the base64 of an HMAC-SHA256. The secret's own padding may be missing."""
    key = base64.b64decode(secret.removeprefix("whsec_") + "==")
    signed = f"{webhook_id}.{seconds}.".encode() + body
    return f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}"
