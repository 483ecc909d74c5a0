"""A company whose people have API keys, and a client that speaks JSON."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from leadscoring.api import keys, rate_limit
from leadscoring.api.models import ApiKey
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User
from tests import company as companies
from tests.company import Company

ALL = frozenset(Scope)
STILL = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def no_time_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing flows into buckets while a test takes from them, however slow the machine: it is `STILL`."""
    for name in ("_TAKE", "_LEFT"):
        by_the_clock = getattr(rate_limit, name)
        still = by_the_clock.replace("clock_timestamp()", f"'{STILL.isoformat()}'::timestamptz")
        monkeypatch.setattr(rate_limit, name, still)


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]
    text: str

    @property
    def code(self) -> str:
        """Of a problem."""
        return str(self.body["code"])

    @property
    def places(self) -> list[str]:
        """Of a problem: where the faults are."""
        return [fault["at"] for fault in self.body["errors"]]


class Program:
    """Asks the API with a key, or with none."""

    def __init__(self, text: str | None, client: Client | None = None) -> None:
        self.text = text
        self.client = client or Client(raise_request_exception=False)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """A request with JSON; `body` may be bytes as well. Headers such as `if_match="…"`."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.text is not None:
            sent.setdefault("authorization", f"Bearer {self.text}")
        kind = sent.pop("content-type", "application/json")
        answer = self.client.generic(method, f"/api/v1{path}", raw, content_type=kind, headers=sent)
        text = answer.content.decode()
        is_json = "json" in answer.get("Content-Type", "")
        return Reply(
            answer.status_code, json.loads(text) if is_json and text else None, dict(answer.items()), text
        )

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.ask("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.ask("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Reply:
        return self.ask("DELETE", path, **headers)


def key_for(user: User, scopes: Collection[Scope] = ALL, *, a_minute: int = 100_000) -> keys.Issued:
    """A key as if its person had made it."""
    now = timezone.now()
    text = keys.new_text()
    key = ApiKey.objects.create(
        name="Test",
        user=user,
        prefix=text.prefix,
        secret_hash=text.hash,
        scopes=sorted(scopes),
        requests_a_minute=a_minute,
        created_by=user,
        created_at=now,
        expires_at=now + timedelta(days=30),
    )
    return keys.Issued(key, str(text))


@pytest.fixture
def company(db: None, settings: Settings) -> Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    return companies.found(now=timezone.now())


@pytest.fixture
def program(company: Company) -> Callable[..., Program]:
    """A program that acts as somebody of the company: `program("ana")`, `program("ana", Scope.READ)`."""

    def make(name: str, *scopes: Scope) -> Program:
        return Program(key_for(company.person(name), scopes or ALL).text)

    return make
