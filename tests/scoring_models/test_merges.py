"""Scores of leads that were merged: stored, computed, at any moment, and after undoing it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.ingestion.rows import SignalRow
from leads.ingestion.signals import add_signal, retract_signal, save_signals
from leads.merging.offer import offers
from leads.merging.pair import Pair
from leads.merging.preview import preview
from leads.merging.verbs import merge, undo_merge
from leads.models import Lead, Score, Signal
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from scoring_models import scoring
from scoring_models.evaluation import detail, evaluate, evaluate_pairs
from scoring_models.explanation import lines_of
from scoring_models.merged import score_of
from scoring_models.score_audit import differences
from scoring_models.spec import AccountActivity, SignalEach, Spec
from tests import strategies
from tests.leads.work.conftest import person
from tests.oracle import Absorbed, Later, LeadFacts, SignalFact
from tests.scoring_models.engine.build import version
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import define_attributes, plant, stored
from tests.scoring_models.test_engine_against_oracle import Row, expected, found
from tests.strategies import BASE

pytestmark = pytest.mark.django_db

VIEWS = version(SignalEach(("profile_view",), at_most=9, window_days=90))
EXAMPLES = settings(max_examples=60, suppress_health_check=list(HealthCheck))


@pytest.fixture
def manager(db: None) -> User:
    return person("Carol", Role.MANAGER, Team.objects.create(name="Sales", is_default=True))


def viewed(*days_ago: int) -> LeadFacts:
    """A lead that viewed the profile so many days ago."""
    now = timezone.now()
    return LeadFacts(
        now - timedelta(days=100),
        {},
        signals=tuple(SignalFact("profile_view", now - timedelta(days=days)) for days in days_ago),
    )


def touch() -> None:
    while scoring.score_stale():
        pass


def totals(*lead_ids: int) -> list[int]:
    return [Score.objects.get(pk=lead_id).total for lead_id in lead_ids]


def test_the_kept_lead_scores_with_the_signals_of_both_and_the_other_no_more(manager: User) -> None:
    kept, absorbed = plant([viewed(1), viewed(2, 3)])
    go_live(VIEWS)
    scoring.score_range(low=0, high=absorbed + 1)
    assert totals(kept, absorbed) == [10, 20]
    made = merge(kept_id=kept, absorbed_id=absorbed, actor=manager, at=timezone.now())
    touch()
    assert totals(kept) == [30]
    assert not Score.objects.get(pk=absorbed).is_open
    undo_merge(merge_id=made.pk, actor=manager, at=timezone.now())
    touch()
    assert totals(kept, absorbed) == [10, 20]
    assert Score.objects.get(pk=absorbed).is_open


def test_a_signal_of_the_absorbed_lead_scores_the_kept_one_and_so_does_taking_it_back(manager: User) -> None:
    kept, absorbed = plant([viewed(1), viewed()])
    Lead.objects.filter(pk=absorbed).update(external_id="dup")
    go_live(VIEWS)
    merge(kept_id=kept, absorbed_id=absorbed, actor=manager, at=timezone.now())
    touch()
    row = SignalRow(0, "external_id", "dup", "profile_view", timezone.now() - timedelta(hours=1), "m")
    save_signals([row], source="site", received_at=timezone.now())
    touch()
    assert totals(kept) == [20]
    retract_signal(key=Signal.objects.get(lead=absorbed).key, at=timezone.now())
    touch()
    assert totals(kept) == [10]


def test_every_pass_says_the_same_of_merged_leads(manager: User) -> None:
    kept, absorbed, other = plant([viewed(1), viewed(2, 3), viewed(4)])
    go_live(VIEWS)
    merge(kept_id=kept, absorbed_id=absorbed, actor=manager, at=timezone.now())
    now = timezone.now()
    said = [(score.lead_id, score.total) for score in evaluate(VIEWS, as_of=now)]
    assert said == [(kept, 30), (other, 10)]
    for known_at in (None, now):
        assert [
            (score.lead_id, score.total)
            for score in evaluate(VIEWS, as_of=now, known_at=known_at, leads=[kept, absorbed, other])
        ] == said
    assert scoring.score_range(low=0, high=other + 1) == 3
    assert totals(kept, other) == [30, 10]
    touch()
    assert totals(kept, other) == [30, 10]
    scoring.score_leads([absorbed])
    assert totals(kept) == [30]
    assert list(differences(sample=10)) == []


def test_an_absorbed_lead_is_never_due(manager: User) -> None:
    kept, absorbed = plant([viewed(1), viewed(2)])
    go_live(VIEWS)
    touch()
    merge(kept_id=kept, absorbed_id=absorbed, actor=manager, at=timezone.now())
    touch()
    Score.objects.filter(pk=absorbed).update(due_at=timezone.now() - timedelta(days=1))
    assert scoring.score_due() == 0


def test_colleagues_who_are_one_person_count_once(manager: User) -> None:
    colleague = replace(viewed(2), person={})
    lead = replace(viewed(), account={"industry": "Software"}, colleagues=(colleague, viewed(3)))
    two = version(AccountActivity(("profile_view",), people=2, window_days=30))
    [lead_id] = plant([lead])
    go_live(two)
    scoring.score_leads([lead_id])
    assert totals(lead_id) == [10]
    first, second = Lead.objects.exclude(pk=lead_id).order_by("pk").values_list("pk", flat=True)
    made = merge(kept_id=first, absorbed_id=second, actor=manager, at=timezone.now())
    touch()
    assert totals(lead_id) == [0]
    undo_merge(merge_id=made.pk, actor=manager, at=timezone.now())
    touch()
    assert totals(lead_id) == [10]


def test_a_reason_rests_on_the_signals_of_both(manager: User) -> None:
    kept, absorbed = plant([viewed(1), viewed(2, 3)])
    go_live(VIEWS)
    merge(kept_id=kept, absorbed_id=absorbed, actor=manager, at=timezone.now())
    [line] = lines_of(VIEWS, detail(VIEWS, kept, timezone.now()))
    assert line.points == 30
    assert "3" in line.evidence


def test_a_signal_that_somebody_logs_counts_once(manager: User) -> None:
    kept, absorbed = plant([viewed(1), viewed()])
    go_live(VIEWS)
    merge(kept_id=kept, absorbed_id=absorbed, actor=manager, at=timezone.now())
    now = timezone.now()
    add_signal(lead_id=kept, type_key="profile_view", occurred_at=now, received_at=now, source="person")
    touch()
    assert totals(kept) == [20]


@pytest.mark.slow
@EXAMPLES
@given(
    spec=strategies.specs(),
    kept=strategies.leads(),
    absorbed=strategies.leads(),
    moments=st.lists(strategies.moments_asked(), min_size=1, max_size=3, unique=True),
    data=st.data(),
)
def test_merging_is_what_the_oracle_says_and_undoing_it_leaves_no_trace(
    manager_of_all: User,
    spec: Spec,
    kept: LeadFacts,
    absorbed: LeadFacts,
    moments: list[datetime],
    data: st.DataObject,
) -> None:
    at = BASE + timedelta(days=1, microseconds=777)  # no other moment is so odd
    kept, absorbed = replace(kept, absorbed=()), replace(absorbed, absorbed=(), later=(), colleagues=())
    with transaction.atomic():
        ids = plant([kept, absorbed])
        asked = [(lead_id, moment, None) for lead_id in ids for moment in moments]
        before = found(evaluate_pairs(spec, asked))
        chosen = give_and_choose(ids, absorbed, data)
        one, other = Lead.objects.order_by("pk").filter(pk__in=ids)
        said = score_of(spec, preview(Pair(one, other, at), chosen).merging, as_of=at)
        made = merge(kept_id=ids[0], absorbed_id=ids[1], actor=manager_of_all, at=at, choices=chosen)
        taken = tuple(Later(key, stored(absorbed.person[key]), at, at, "taken") for key in sorted(chosen))
        joined = replace(kept, absorbed=(Absorbed(absorbed, at),), later=(*kept.later, *taken))
        assert found(evaluate_pairs(spec, asked)) == {
            **rows_of(spec, ids[0], joined, moments),
            **rows_of(spec, ids[1], absorbed, (moment for moment in moments if moment < at)),
        }
        [now] = evaluate(spec, as_of=at, leads=ids)
        if not (kept.later or kept.account_later or kept.moves):  # whose rows say what holds
            assert said is not None
            assert (said.engagement, said.fit, said.total) == (now.engagement, now.fit, now.total)
        undone_at = at + timedelta(days=2)
        undo_merge(merge_id=made.pk, actor=manager_of_all, at=undone_at)
        assert found(evaluate_pairs(spec, asked)) == before
        known = [(ids[0], moment, undone_at - timedelta(hours=1)) for moment in moments]
        assert found(evaluate_pairs(spec, known)) == {
            (ids[0], moment): expected(spec, joined, moment, undone_at - timedelta(hours=1))
            for moment in moments
        }
        transaction.set_rollback(True)


@pytest.fixture
def manager_of_all(manager: User) -> User:
    define_attributes()
    return manager


def give_and_choose(ids: list[int], absorbed: LeadFacts, data: st.DataObject) -> list[str]:
    """Some of what the absorbed lead's row says, in words, too."""
    said = {key: str(value) for key, value in absorbed.person.items() if stored(value) is not None}
    Lead.objects.filter(pk=ids[1]).update(attributes=said)
    one, other = (Lead.objects.get(pk=lead_id) for lead_id in ids)
    offered = sorted(
        line.key for line in offers(Pair(one, other, BASE)) if line.can_choose and line.key[0] != "@"
    )
    return data.draw(st.lists(st.sampled_from(offered), unique=True)) if offered else []


def rows_of(
    spec: Spec, lead_id: int, lead: LeadFacts, moments: Iterable[datetime]
) -> dict[tuple[int, datetime], Row]:
    return {(lead_id, moment): expected(spec, lead, moment) for moment in moments}
