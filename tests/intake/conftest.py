"""A company with a write key, and a tracker that posts with it."""

import base64
import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from leads.intake import work
from leads.models import IntakeMessage, Lead, Signal
from leadscoring.api.scopes import Scope
from leadscoring.people.models import Team
from tests import company as companies
from tests.api.conftest import key_for

NOON = datetime(2026, 3, 15, 12, tzinfo=UTC)


class Tracker:
    """Posts to /v1/ with a write key."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.client = Client(raise_request_exception=False)

    def post(self, call: str, said: Any, *, packed: bool = False, **headers: str) -> HttpResponse:
        raw = said if isinstance(said, bytes) else json.dumps(said).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"authorization": self.basic} | named
        if packed:
            raw, given = gzip.compress(raw), given | {"content-encoding": "gzip"}
        return self.client.generic("POST", f"/v1/{call}", raw, "application/json", headers=given)  # type: ignore[return-value]

    @property
    def basic(self) -> str:
        return "Basic " + base64.b64encode(f"{self.text}:".encode()).decode()

    def batch(self, *messages: Any, **options: Any) -> HttpResponse:
        return self.post("batch", {"batch": list(messages)}, **options)


@pytest.fixture
def people(_django_db_helper: None) -> Callable[[str], Any]:
    """People of a company without leads or models."""
    team, _made = Team.objects.get_or_create(name="Europe", defaults={"is_default": True})
    made: dict[str, Any] = {}

    def person(name: str) -> Any:
        if name not in made:
            role, of = companies.ROLES[name]
            made[name] = companies._hire(name, role, team if of else None)
        return made[name]

    return person


@pytest.fixture
def tracker(people: Callable[[str], Any]) -> Tracker:
    return Tracker(key_for(people("sam"), {Scope.TRACK}).text)


def use() -> None:
    """Do what a worker does with the inbox."""
    while work.work():
        pass


def said(kind: str, **fields: Any) -> dict[str, Any]:
    """A message with an id of its own, unless one is given."""
    given: dict[str, Any] = {"type": kind, "timestamp": NOON.isoformat(), **fields}
    given.setdefault("messageId", f"m-{sorted(given.items(), key=str)}")
    return given


def signals_of(email: str) -> list[str]:
    """The types of what a lead did, in the order of its times."""
    found = Signal.objects.filter(lead=Lead.objects.get(email=email)).order_by("occurred_at", "type__key")
    return list(found.values_list("type__key", flat=True))


def set_aside() -> list[tuple[str, str]]:
    """What is in quarantine: message ids with their codes."""
    found = IntakeMessage.objects.filter(state=IntakeMessage.State.QUARANTINED).order_by("pk")
    return list(found.values_list("message_id", "code"))


def now() -> datetime:
    return timezone.now()
