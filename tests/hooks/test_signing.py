"""Signatures: as the standard's own vectors have them, and as anybody would compute them."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from leadscoring.errors import DomainError
from leadscoring.hooks import endpoints, secrets_of, signing
from leadscoring.ops.state import BASE_DIR
from leadscoring.people.models import User
from tests.hooks.conftest import NOW, register

VECTORS = BASE_DIR.parent / "shared" / "data" / "webhook-vectors" / "standard_webhooks.json"
needs_vectors = pytest.mark.skipif(
    not VECTORS.exists(), reason=f"{VECTORS} isn't there: the vectors of Standard Webhooks aren't checked."
)


def vectors() -> list[Any]:
    return list(json.loads(VECTORS.read_text())["cases"])


def naive(secret: str, webhook_id: str, seconds: int, body: bytes) -> str:
    """HMAC-SHA256 written out from RFC 2104."""
    key = base64.b64decode(secret[len("whsec_") :])
    key = hashlib.sha256(key).digest() if len(key) > 64 else key
    key = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in key) + f"{webhook_id}.{seconds}.".encode() + body)
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in key) + inner.digest())
    return "v1," + base64.b64encode(outer.digest()).decode()


@needs_vectors
def test_the_vectors_of_the_standard_are_signed_as_they_say() -> None:
    signed = [case for case in vectors() if case["valid"]]
    assert len(signed) >= 5
    for case in signed:
        headers, body = case["headers"], case["body"].encode()
        ours = signing.signature(
            case["secret"], headers["webhook-id"], int(headers["webhook-timestamp"]), body
        )
        assert ours in headers["webhook-signature"].split(), case["name"]


@given(
    key=st.binary(min_size=24, max_size=80),
    webhook_id=st.uuids().map(lambda uuid: f"msg_{uuid.hex}"),
    body=st.binary(max_size=50),
    moment=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1)),
)
def test_a_signature_is_what_anybody_computes(
    key: bytes, webhook_id: str, body: bytes, moment: datetime
) -> None:
    secret, at = f"whsec_{base64.b64encode(key).decode()}", moment.replace(tzinfo=UTC)
    headers = signing.headers(webhook_id, body, [secret], at=at)
    seconds = int(headers["webhook-timestamp"])
    assert 0 <= at.timestamp() - seconds < 1
    assert headers["webhook-id"] == webhook_id
    assert headers["webhook-signature"] == naive(secret, webhook_id, seconds, body)


def test_a_secret_is_32_random_bytes_that_the_database_does_not_hold(admin: User) -> None:
    issued, other = register("https://crm.example.com/a", admin), register("https://crm.example.com/a", admin)
    assert issued.secret.startswith("whsec_") and issued.secret != other.secret
    raw = base64.b64decode(issued.secret.removeprefix("whsec_"))
    assert len(raw) == 32
    stored = str(issued.endpoint.__dict__)
    assert raw.hex() not in stored and issued.secret.removeprefix("whsec_") not in stored
    assert secrets_of.signing(issued.endpoint, at=NOW) == [issued.secret]


def test_during_the_overlap_both_secrets_sign(admin: User) -> None:
    old = register("https://crm.example.com/a", admin)
    hour = timedelta(hours=1)
    new = endpoints.rotate(endpoint_id=old.endpoint.pk, overlap=hour, actor=admin, at=NOW)
    assert secrets_of.signing(new.endpoint, at=NOW) == [new.secret, old.secret]
    assert secrets_of.signing(new.endpoint, at=NOW + hour) == [new.secret]
    assert hmac.compare_digest(new.secret, old.secret) is False


def test_with_another_key_of_the_environment_nothing_is_signed(admin: User, settings: Settings) -> None:
    endpoint = register("https://crm.example.com/a", admin).endpoint
    settings.WEBHOOKS_KEY = "another one"
    with pytest.raises(DomainError) as refused:
        secrets_of.signing(endpoint, at=NOW)
    assert refused.value.code == "secret.lost"
    issued = endpoints.rotate(endpoint_id=endpoint.pk, overlap=timedelta(), actor=admin, at=NOW)
    assert secrets_of.signing(issued.endpoint, at=NOW) == [issued.secret]
