"""Whatever people do with a lead, undoing it step by step leads back through exactly what was before."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads import activities, handoffs, outcomes, overrides
from leads.models import (
    Activity,
    Claim,
    Lead,
    Outcome,
    OverrideKind,
    OverrideReason,
    ReturnReason,
    Signal,
    Skip,
    SkipReason,
    Snooze,
)
from leads.outcomes import CallResult
from leads.queue import claims, ranking, skips, snoozes
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from tests.leads.work.conftest import NOW, Cast, fresh, make_lead, why

Verb = Callable[[Lead, User, datetime], object]
A_MINUTE = timedelta(minutes=1)


def override(lead: Lead, actor: User, at: datetime, kind: OverrideKind, points: int | None) -> object:
    return overrides.set_override(
        lead_id=lead.pk, kind=kind, points=points, reason=OverrideReason.MET, actor=actor, at=at
    )


def end_override(lead: Lead, actor: User, at: datetime) -> object:
    running = overrides.active(at=at).filter(lead=lead).first()
    return overrides.end_override(override_id=running.pk if running else 0, actor=actor, at=at)


def log(result: CallResult) -> Verb:
    return lambda lead, actor, at: outcomes.log_call(
        lead_id=lead.pk, result=result, reason=why(result), actor=actor, at=at
    )


def snooze(lead: Lead, actor: User, at: datetime) -> object:
    return snoozes.snooze(lead_id=lead.pk, until=at + timedelta(days=1), actor=actor, at=at)


VERBS: dict[str, Verb] = {
    "claim": lambda lead, actor, at: claims.claim(lead_id=lead.pk, actor=actor, at=at),
    "release": lambda lead, actor, at: claims.release(lead_id=lead.pk, actor=actor, at=at),
    "extend": lambda lead, actor, at: claims.extend(lead_id=lead.pk, actor=actor, at=at),
    "skip": lambda lead, actor, at: skips.skip(lead_id=lead.pk, reason=SkipReason.OTHER, actor=actor, at=at),
    "snooze": snooze,
    "wake": lambda lead, actor, at: snoozes.wake(lead_id=lead.pk, actor=actor, at=at),
    "raise": lambda lead, actor, at: override(lead, actor, at, OverrideKind.POINTS, 15),
    "hold": lambda lead, actor, at: override(lead, actor, at, OverrideKind.HOLD, None),
    "end override": end_override,
    "accept": lambda lead, actor, at: handoffs.accept(lead_id=lead.pk, actor=actor, at=at),
    "return": lambda lead, actor, at: handoffs.send_back(
        lead_id=lead.pk, reason=ReturnReason.OTHER, actor=actor, at=at
    ),
    "hand over": lambda lead, actor, at: handoffs.hand_over(lead_id=lead.pk, actor=actor, at=at),
    "signal": lambda lead, actor, at: outcomes.log_signal(
        lead_id=lead.pk, type_key="dm_received", occurred_at=at, actor=actor, at=at
    ),
    **{result.value: log(result) for result in CallResult},
}
STEPS = st.lists(
    st.tuples(st.sampled_from(sorted(VERBS)), st.sampled_from(("alice", "bob", "carol", "mia"))),
    min_size=4,
    max_size=10,
)


def state(lead: Lead, at: datetime, people: list[User]) -> dict[str, Any]:
    """All that a deed may change, as it is at that moment. An override that resumed is another row of the
    same content."""
    lead.refresh_from_db()
    running = overrides.active(at=at).filter(lead=lead)
    content = ("kind", "points", "band", "reason", "author", "ends_at")
    return {
        "lead": (lead.is_open, lead.snoozed_at, lead.snoozed_until, lead.returned_rank),
        "claim": list(Claim.objects.filter(expires_at__gt=at).values_list("user", "taken_at", "expires_at")),
        "outcome": list(Outcome.objects.filter(voided_at=None).values_list("pk", flat=True)),
        "override": list(running.values_list(*content)),
        "snooze": list(Snooze.objects.filter(ended_at=None).values_list("pk", flat=True)),
        "skips": set(Skip.objects.filter(ended_at=None).values_list("pk", flat=True)),
        "said": handoffs.last_of(lead),
        "signals": set(Signal.objects.filter(retracted_at=None).values_list("key", flat=True)),
        "queues": [len(ranking.ranked(user=user, now=at).rows) for user in people],
    }


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_each_undo_restores_exactly_what_was(cast: Cast, steps: list[tuple[str, str]]) -> None:
    with transaction.atomic():
        lead, people = make_lead(cast.north), [fresh(cast.alice), fresh(cast.bob)]
        done: list[tuple[Activity, User, dict[str, Any]]] = []
        at = NOW
        for verb, name in steps:
            actor, before = fresh(getattr(cast, name)), state(lead, at, people)
            count = Activity.objects.count()
            try:
                with transaction.atomic():
                    VERBS[verb](lead, actor, at)
            except DomainError:
                assert state(lead, at, people) == before
                continue
            assert Activity.objects.count() == count + 1, verb
            done.append((Activity.objects.latest("pk"), actor, before))
            at += A_MINUTE / 4
        for activity, actor, before in reversed(done):
            at += A_MINUTE / 4
            activities.undo(activity_id=activity.pk, actor=actor, at=at)
            assert state(lead, at, people) == before, activity.verb
        transaction.set_rollback(True)
