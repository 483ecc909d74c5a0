"""The secrets with which messages are signed. They are stored nowhere: each is made of a salt in the database
and a key of the environment (docs/decisions/0020-secrets-of-webhooks-are-derived.md).
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from leadscoring.hooks.models import Endpoint


def new_salt() -> str:
    return secrets.token_hex(32)


def text_of(salt: str) -> str:
    """The secret of a salt as receivers get it: `whsec_` and 32 bytes in base64."""
    return f"whsec_{base64.b64encode(_derive(salt)).decode()}"


def fingerprint_of(salt: str) -> str:
    """What tells that a secret is the one that was shown, and nothing else about it."""
    return hashlib.sha256(_derive(salt)).hexdigest()[:16]


def signing(endpoint: Endpoint, *, at: datetime) -> list[str]:
    """The secrets that sign at that moment, the present one first.

    Raises DomainError `secret.lost` where the key of the environment is another one than when the secret was
    shown: a signature that the receiver must refuse is not sent.
    """
    if fingerprint_of(endpoint.salt) != endpoint.fingerprint:
        raise DomainError(
            "secret.lost",
            _("The key of this installation (WEBHOOKS_KEY) was changed. Give the endpoint a new secret."),
        )
    salts = [endpoint.salt]
    if endpoint.previous_until is not None and endpoint.previous_until > at:
        salts.append(endpoint.previous_salt)
    return [text_of(salt) for salt in salts]


def _derive(salt: str) -> bytes:
    return hmac.digest(settings.WEBHOOKS_KEY.encode(), f"webhook secret {salt}".encode(), "sha256")
