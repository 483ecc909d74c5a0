"""Two moments of a lead compared: every step as a naive evaluator has it, and all of them add up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.ingestion.signals import add_signal, retract_signal
from leads.models import Account, Lead, Merge, Override, OverrideKind, OverrideReason
from leads.score_steps import Comparison, Moment, Step, StepKind
from leadscoring.people.models import User
from scoring_models.comparison import compare, steps_of, walk
from scoring_models.spec import Spec
from tests import oracle, strategies
from tests.oracle import Absorbed, Later, LeadFacts, SignalFact, held
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import define_attributes, plant
from tests.scoring_models.reference import REFERENCE

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
EXAMPLES = settings(max_examples=100, suppress_health_check=list(HealthCheck))
MOMENTS = st.builds(Moment, strategies.moments_asked(), st.none() | strategies.moments_asked())


# The naive version: the lead is written down anew for each step, and scored.


def knows(moment: Moment, at: datetime | None) -> bool:
    return moment.known_at is None or at is None or at <= moment.known_at


def signals_of(lead: LeadFacts, signals: Moment, as_of: datetime) -> tuple[SignalFact, ...]:
    """What had happened, in order; what happened after `as_of` as if it had just happened."""
    there = [one for one in lead.signals if one.occurred_at <= signals.as_of and one.counts(signals.known_at)]
    there.sort(key=lambda one: one.occurred_at)
    return tuple(
        replace(one, occurred_at=min(one.occurred_at, as_of), received_at=None, retracted_at=None)
        for one in there
    )


def values_of(lead: LeadFacts, at: Moment, as_of: datetime) -> tuple[Later, ...]:
    """The value that holds of each attribute that ever changed."""
    holds: dict[str, Later] = {}
    for one in sorted(lead.later, key=lambda one: (one.since, one.message_id)):
        if one.since <= at.as_of and knows(at, one.recorded_at):
            holds[one.key] = replace(one, since=min(one.since, as_of))
    return tuple(holds.values())


def merges_of(
    lead: LeadFacts, account: Moment, signals: Moment, as_of: datetime, *, colleagues: bool
) -> tuple[Absorbed, ...]:
    """Who was one with the lead, as if since just now; and who of its account would be, but is not yet."""
    return tuple(
        replace(
            one,
            lead=replace(one.lead, signals=signals_of(one.lead, signals, as_of)),
            merged_at=as_of if one.holds(account.as_of, account.known_at) else as_of + DAY,
            undone_at=None,
            is_colleague=one.is_colleague and colleagues,
        )
        for one in lead.absorbed
    )


def colleague_of(other: LeadFacts, account: Moment, signals: Moment, as_of: datetime) -> LeadFacts:
    return replace(
        other,
        signals=signals_of(other, signals, as_of),
        absorbed=merges_of(other, account, signals, as_of, colleagues=True),
    )


def written_anew(
    lead: LeadFacts, account: Moment, values: Moment, signals: Moment, as_of: datetime
) -> LeadFacts:
    """The lead with each class of facts as of its own moment."""
    belongs = lead.account if knows(account, lead.recorded_at) else None
    at_home = belongs is not None
    colleagues = lead.colleagues if belongs is not None else ()
    if belongs is not None:
        first = belongs if knows(values, lead.recorded_at) else {}
        belongs = held(first, lead.account_later, values.as_of, values.known_at)
    for move in sorted(lead.moves, key=lambda move: move.since):
        if move.since <= account.as_of and knows(account, move.recorded_at):
            belongs, colleagues, at_home = move.account, (), False
    return LeadFacts(
        created_at=lead.created_at,
        person=lead.person if knows(values, lead.recorded_at) else {},
        account=belongs,
        signals=signals_of(lead, signals, as_of),
        later=values_of(lead, values, as_of),
        colleagues=tuple(colleague_of(other, account, signals, as_of) for other in colleagues),
        absorbed=merges_of(lead, account, signals, as_of, colleagues=at_home),
    )


def naive_lines(spec: Spec, lead: LeadFacts, as_of: datetime) -> dict[str, int]:
    result = oracle.score(spec, lead, as_of)
    return {**{rule.key: rule.points for rule in result.rules}, **dict(result.clips)}


def naive_steps(
    lead: LeadFacts, first: Spec, second: Spec, a: Moment, b: Moment
) -> Iterator[tuple[str, dict[str, int]]]:
    """The name of each step, and by how many points each line changes in it."""
    states = {
        "": (first, (a, a, a, a.as_of)),
        "version": (second, (a, a, a, a.as_of)),
        "account": (second, (b, a, a, a.as_of)),
        "attributes": (second, (b, b, a, a.as_of)),
        "signals": (second, (b, b, b, a.as_of)),
        "time": (second, (b, b, b, b.as_of)),
    }
    lines = {
        name: naive_lines(spec, written_anew(lead, *clocks), clocks[3])
        for name, (spec, clocks) in states.items()
    }
    for was, now in pairwise(lines):
        keys = lines[was] | lines[now]
        changes = {key: lines[now].get(key, 0) - lines[was].get(key, 0) for key in keys}
        yield now, {key: points for key, points in changes.items() if points}


def as_plain(steps: list[Step]) -> dict[str, dict[str, int]]:
    return {step.kind: {one.key: one.points for one in step.changes} for step in steps if step.changes}


@pytest.mark.slow
@EXAMPLES
@given(
    first=strategies.specs(), second=st.none() | strategies.specs(), lead=strategies.leads(), a=MOMENTS,
    b=MOMENTS,
)  # fmt: skip
def test_the_steps_are_the_oracles_and_add_up(
    db: None, first: Spec, second: Spec | None, lead: LeadFacts, a: Moment, b: Moment
) -> None:
    second = second or first
    with transaction.atomic():
        define_attributes()
        [lead_id] = plant([lead])
        stages = walk(lead_id, first, second, before=a, after=b)
        steps = steps_of(stages)
        transaction.set_rollback(True)
    assert as_plain(steps) == {
        name: changes for name, changes in naive_steps(lead, first, second, a, b) if changes
    }
    was, now = oracle.score(first, lead, a.as_of, a.known_at), oracle.score(second, lead, b.as_of, b.known_at)
    assert (stages[0].detail.total, stages[-1].detail.total) == (was.total, now.total)
    assert sum(step.points for step in steps) == now.total - was.total


@pytest.mark.slow
@settings(EXAMPLES, max_examples=20)
@given(spec=strategies.specs(), lead=strategies.leads(), a=MOMENTS)
def test_a_moment_and_itself_differ_in_nothing(db: None, spec: Spec, lead: LeadFacts, a: Moment) -> None:
    with transaction.atomic():
        define_attributes()
        [lead_id] = plant([lead])
        assert steps_of(walk(lead_id, spec, spec, before=a, after=a)) == []
        transaction.set_rollback(True)


# By example, with all that is around it.


@pytest.fixture
def lead(db: None) -> int:
    """Somebody who came 200 days ago, when the reference model had been live for a while."""
    now = timezone.now()
    go_live(at=now - 400 * DAY)
    return plant([LeadFacts(now - 200 * DAY, {"job_title": "VP"}, {"industry": "software"})])[0]


def compared(lead_id: int, before: datetime, after: datetime | None = None) -> Comparison:
    found = compare(lead_id, before=Moment(before, before), after=Moment(after or timezone.now()))
    assert found is not None
    assert sum(step.points for step in found.steps) == found.points
    return found


def said(found: Comparison) -> list[tuple[str, str, int]]:
    return [(step.kind, one.key, one.points) for step in found.steps for one in step.changes]


def test_a_signal_that_came_in_between_was_learned(lead: int) -> None:
    now = timezone.now()
    add_signal(
        lead_id=lead, type_key="dm_received", occurred_at=now - DAY, received_at=now - DAY, source="test"
    )
    found = compared(lead, now - 3 * DAY)
    assert said(found) == [("signals", "conversation", 40), ("signals", "idle", 15)]
    assert found.steps[0].changes[0].sentence == "Started a conversation"


def test_what_left_its_window_went_by_time(lead: int) -> None:
    now = timezone.now()
    add_signal(
        lead_id=lead, type_key="content_save", occurred_at=now - 91 * DAY, received_at=now - 91 * DAY,
        source="test",
    )  # fmt: skip
    assert said(compared(lead, now - 5 * DAY)) == [("time", "saves", -15), ("time", "idle", -15)]


def test_what_was_taken_back_was_learned_too(lead: int) -> None:
    now = timezone.now()
    key = add_signal(
        lead_id=lead, type_key="dm_received", occurred_at=now - 9 * DAY, received_at=now - 9 * DAY, source="t"
    )
    assert key is not None
    retract_signal(key=key, at=now - DAY)
    assert said(compared(lead, now - 3 * DAY)) == [("signals", "conversation", -40), ("signals", "idle", -15)]


def test_attributes_and_the_account_are_steps_of_their_own(lead: int) -> None:
    before = timezone.now()
    Lead.objects.filter(pk=lead).update(job_title="clerk")
    Account.objects.update(industry="farming", company_size="51-200")
    found = compared(lead, before)
    assert [(change.key, change.points) for change in found.steps[0].changes] == [
        *(("title", -15), ("size", 10), ("industry", -10), ("floor", 5))
    ]
    assert {step.kind for step in found.steps} == {StepKind.ATTRIBUTES}
    moved = timezone.now()
    Lead.objects.filter(pk=lead).update(account=None)
    assert said(compared(lead, moved)) == [("account", "size", -10), ("account", "floor", 10)]


def test_a_merge_brings_what_the_other_did(lead: int) -> None:
    now = timezone.now()
    did = (SignalFact("dm_received", now - 4 * DAY),)
    [other] = plant([LeadFacts(now - 100 * DAY, {}, None, did)])
    Merge.objects.create(
        kept_id=lead, absorbed_id=other, merged_at=now - 2 * DAY, merged_by=User.objects.system()
    )
    assert said(compared(lead, now - 3 * DAY)) == [("account", "conversation", 40), ("account", "idle", 15)]


def test_a_version_is_the_first_step(lead: int) -> None:
    before = timezone.now()
    worth_more = replace(REFERENCE.rules[8], points=35)
    go_live(replace(REFERENCE, model="Another", rules=(*REFERENCE.rules[:8], worth_more)))
    found = compared(lead, before)
    assert said(found) == [("version", "title", 20), ("version", "industry", -10)]
    assert found.before.version_id != found.after.version_id


def overridden(lead_id: int, author: User, kind: OverrideKind, points: int, **times: datetime) -> Override:
    return Override.objects.create(
        lead_id=lead_id, kind=kind, points=points, reason=OverrideReason.MET, author=author, **times
    )


def test_an_override_is_the_last_step_with_what_its_limits_took(lead: int) -> None:
    now, ana = timezone.now(), User.objects.system()
    overridden(lead, ana, OverrideKind.POINTS, -100, starts_at=now, ends_at=now + DAY)
    found = compared(lead, now - DAY)
    assert said(found) == [("override", "override", -100), ("override", "override:clip", 90)]
    assert found.steps[0].changes[0].sentence == f"Override by {ana}"
    assert (found.before.effective, found.after.total, found.after.effective) == (10, 10, 0)


def test_an_override_that_was_ended_early_was_known_to_last_longer(lead: int) -> None:
    now, ana = timezone.now(), User.objects.system()
    begun, ended = now - 3 * DAY, now - DAY
    overridden(lead, ana, OverrideKind.SCORE, 70, starts_at=begun, ends_at=ended, planned_end=now + DAY)
    found = compare(lead, before=Moment(now, begun + DAY), after=Moment(now, now))
    assert found is not None
    assert [(step.kind, step.points) for step in found.steps] == [(StepKind.OVERRIDE, -60)]


def test_nothing_is_compared_where_nothing_was_ever_live(db: None) -> None:
    [lead_id] = plant([LeadFacts(timezone.now(), {})])
    assert compare(lead_id, before=Moment(timezone.now()), after=Moment(timezone.now())) is None
