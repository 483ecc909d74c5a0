"""docs/webhooks.md: what it tells receivers to do is right, and its examples look like real messages."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from leadscoring.hooks import signing
from leadscoring.hooks.models import EventKind
from tests.hooks.conftest import NOW, blocks
from tests.hooks.test_signing import needs_vectors, vectors

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def example(kind: EventKind) -> Any:
    return next(found for text in blocks("json") if (found := json.loads(text))["type"] == kind)


def shape(value: Any) -> Any:
    """The names of all fields of a message, whatever they say."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


def accepts(
    verified: Callable[..., bytes], headers: Mapping[str, str], body: bytes, secret: str, now: int
) -> bool:
    try:
        return verified(headers, body, secret, now=now) == body
    except (ValueError, KeyError):
        return False


@needs_vectors
def test_the_snippet_accepts_and_refuses_what_the_standard_does(verified: Callable[..., bytes]) -> None:
    for case in vectors():
        given = case["headers"], case["body"].encode(), case["secret"], case["now"]
        assert accepts(verified, *given) == case["valid"], case["name"]


def test_the_snippet_accepts_our_messages_and_no_others(verified: Callable[..., bytes]) -> None:
    body, seconds = b'{"type":"test"}', int(NOW.timestamp())
    headers = signing.headers("msg_1", body, ["whsec_b3RoZXI=", SECRET], at=NOW)
    assert accepts(verified, headers, body, SECRET, seconds)
    assert not accepts(verified, headers, body + b" ", SECRET, seconds)
    assert not accepts(verified, headers | {"webhook-id": "msg_2"}, body, SECRET, seconds)
    assert not accepts(verified, headers, body, SECRET, seconds + 301)
    assert not accepts(verified, headers, body, "whsec_c3RpbGwgYW5vdGhlcg==", seconds)


def test_there_is_an_example_of_each_type() -> None:
    told = {json.loads(text)["type"] for text in blocks("json")}
    # These say the same as the one before them.
    assert told | {EventKind.SCORE, EventKind.OVERRIDE_ENDED} == set(EventKind)
