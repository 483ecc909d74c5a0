"""Hits of drafts: counted in turns, by one at a time, replaced when they are old, gone with their draft."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection
from django.utils import timezone

from leads.models import SignalType
from leadscoring.people.models import User
from scoring_models import drafts, hits
from scoring_models.models import Hits, HitSet, ModelVersion
from scoring_models.spec import RuleSpec, SignalAtLeast
from tests.oracle import LeadFacts
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant
from tests.scoring_models.reference import REFERENCE
from tests.strategies import BASE

RULES = hits.rules_to_count(REFERENCE)


def make_draft() -> ModelVersion:
    return drafts.create(spec=REFERENCE, actor=User.objects.system(), at=BASE)


@pytest.fixture
def draft(db: None) -> ModelVersion:
    return make_draft()


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hits, "LEADS_A_PIECE", 2)


def some_leads(number: int) -> None:
    plant([LeadFacts(BASE, {"job_title": "VP"}, None, ())] * number)


def counted(draft: ModelVersion, *, rules: tuple[RuleSpec, ...] = RULES, at: object = BASE) -> Hits:
    found = hits.begin(draft, rules, at=at)  # type: ignore[arg-type]
    assert hits.work(found, seconds=60)
    return Hits.objects.get(pk=found.pk)


def test_each_turn_counts_a_piece_and_the_last_one_finishes(draft: ModelVersion, small_pieces: None) -> None:
    some_leads(5)
    begun = hits.begin(draft, RULES, at=BASE)
    turns = [hits.work(begun, seconds=0) for _ in range(3)]
    assert turns == [False, False, True]
    found = Hits.objects.get(pk=begun.pk)
    assert found.leads == 5
    assert [row.leads for row in HitSet.objects.filter(hits=found)] == [5]


def test_nothing_is_found_before_all_is_counted(draft: ModelVersion, small_pieces: None) -> None:
    some_leads(3)
    begun = hits.begin(draft, RULES, at=BASE)
    assert not hits.work(begun, seconds=0)
    assert hits.find(draft, RULES) is None
    assert hits.begin(draft, RULES, at=BASE + timedelta(seconds=5)) == begun


def test_without_leads_there_is_a_count_of_none(draft: ModelVersion) -> None:
    assert counted(draft).leads == 0


def test_fewer_rules_are_found_among_more_but_not_others(draft: ModelVersion) -> None:
    found = counted(draft)
    assert hits.find(draft, RULES[3:5]) == found
    assert hits.find(draft, (replace(RULES[0], condition=RULES[1].condition), *RULES[1:])) == found
    changed = replace(RULES[0], condition=SignalAtLeast(("dm_received",), window_days=31))
    assert hits.find(draft, (changed,)) is None


def test_hits_of_one_draft_serve_no_other(draft: ModelVersion) -> None:
    counted(draft)
    assert hits.find(make_draft(), RULES) is None


def test_hits_by_other_stages_of_signals_serve_no_more(draft: ModelVersion) -> None:
    counted(draft)
    SignalType.objects.filter(key="dm_received").update(stage="awareness")
    assert hits.find(draft, RULES) is None
    again = counted(draft, at=BASE + timedelta(minutes=1))
    assert hits.find(draft, RULES) == again


def test_the_latest_count_wins_and_only_a_few_are_kept(draft: ModelVersion) -> None:
    for minute in range(6):
        last = counted(draft, at=BASE + timedelta(minutes=minute))
    assert hits.find(draft, RULES) == last
    assert Hits.objects.filter(version=draft).count() == hits.KEPT_A_DRAFT


def test_a_count_that_nobody_carried_on_is_begun_anew(draft: ModelVersion, small_pieces: None) -> None:
    some_leads(3)
    old = hits.begin(draft, RULES, at=BASE)
    assert not hits.work(old, seconds=0)
    new = hits.begin(draft, RULES, at=BASE + hits.ABANDONED + timedelta(seconds=1))
    assert new != old
    assert not Hits.objects.filter(pk=old.pk).exists()
    assert not HitSet.objects.filter(hits=old).exists()


def test_hits_go_with_a_discarded_draft(draft: ModelVersion) -> None:
    some_leads(1)
    counted(draft)
    drafts.discard(version=draft, actor=User.objects.system(), at=BASE)
    assert not Hits.objects.exists()
    assert not HitSet.objects.exists()


def test_hits_that_nobody_asked_for_any_more_are_forgotten(draft: ModelVersion) -> None:
    some_leads(1)
    now = timezone.now()
    fresh = counted(draft, at=now)
    counted(draft, rules=RULES[:1], at=now - hits.KEPT_FOR - timedelta(seconds=1))
    hits.forget(at=now)
    assert list(Hits.objects.all()) == [fresh]
    assert set(HitSet.objects.values_list("hits", flat=True)) == {fresh.pk}


def test_hits_of_what_is_no_draft_any_more_are_forgotten(db: None) -> None:
    now = timezone.now()
    counted(go_live(), at=now)
    hits.forget(at=now)
    assert not Hits.objects.exists()


def test_two_who_count_at_once_count_each_lead_once(
    committed_db: None, small_pieces: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    some_leads(40)
    begun = hits.begin(make_draft(), RULES, at=BASE)

    def count() -> None:
        try:
            while not hits.work(begun, seconds=60):
                pass
        finally:
            connection.close()

    threads = [Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Hits.objects.get(pk=begun.pk).leads == 40
    assert sum(HitSet.objects.values_list("leads", flat=True)) == 40
