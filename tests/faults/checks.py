"""What must be true after faults."""

import hashlib
import json
import time
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from leads.models import EventMapping, IntakeMessage, Lead, Score, Signal, SignalType, Stale
from leadscoring.api import keys
from leadscoring.api.scopes import Scope
from leadscoring.people import users


def prepare(types: tuple[str, ...]) -> str:
    """Map the events of the story and make a write key; its text."""
    for key in types:
        EventMapping.objects.create(pattern=key, signal_type=SignalType.objects.get(key=key))
    admin, now = users.admins().get(), timezone.now()
    issued = keys.create(
        name="Faults",
        user=admin,
        scopes=[Scope.TRACK],
        expires_at=now + timedelta(days=1),
        actor=admin,
        at=now,
        requests_a_minute=1_000_000,
    )
    return issued.text


def await_used(seconds: float) -> float:
    """Wait until nothing waits in the inbox and no lead for its score; how long that took."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        try:
            if not IntakeMessage.objects.filter(state=0).exists() and not Stale.objects.exists():
                return time.monotonic() - start
        except DatabaseError:
            connection.close()
        time.sleep(0.2)
    raise AssertionError(f"After {seconds} s something still waits.")


def compare(told: list[dict[str, Any]], faulty: str, clean: str) -> None:
    """Raises AssertionError where something was lost or counted twice, or where a score differs."""
    assert not IntakeMessage.objects.exists(), "Something is held or in quarantine."
    events = sum(one["type"] == "track" for one in told)
    counted = {prefix: _signals(prefix) for prefix in (faulty, clean)}
    assert counted == {faulty: events, clean: events}, f"{events} events, counted {counted}"
    assert state_hash(faulty) == state_hash(clean), "The scores differ."


def _signals(prefix: str) -> int:
    return Signal.objects.filter(lead__in=Lead.objects.filter(external_id__startswith=prefix)).count()


def state_hash(prefix: str) -> str:
    """One hash of all scores of the people of a story, whatever their prefix."""
    found = Score.objects.filter(lead__external_id__startswith=prefix)
    rows = sorted(
        (str(name)[1:], *rest)
        for name, *rest in found.values_list("lead__external_id", "engagement", "fit", "total", "band")
    )
    assert rows and len({row[3] for row in rows}) > 1, "All scores are the same: that proves nothing."
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()
