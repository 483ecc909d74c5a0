"""Several connections at once: whoever commits last, what was learned last stands."""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from leads.models import Lead, Score, Stale
from leads.stale import mark_stale
from leadscoring.ops.processes import wait_until
from leadscoring.people.models import Team
from scoring_models import score_rows, scoring
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant, plant_signals
from tests.scoring_models.reference import REFERENCE
from tests.waiting import somebody_waits

DAY = timedelta(days=1)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def leads(committed_db: None) -> list[int]:
    ids = plant([LeadFacts(timezone.now() - DAY, {"job_title": "VP"})] * 4)
    go_live()
    return ids


def says(lead_id: int) -> None:
    """The lead starts a conversation, which gives 40."""
    now = timezone.now()
    with transaction.atomic():
        plant_signals([(lead_id, LeadFacts(now, {}, None, (SignalFact("dm_received", now),)))])
        mark_stale([lead_id])


def total(lead_id: int) -> int:
    return Score.objects.get(lead_id=lead_id).total


def as_if_new(knows_the_version: bool) -> None:
    """Have touches go on with the version that this process saw last, or look it up as new ones do."""
    if not knows_the_version:
        scoring._last.ready = None


class Pause:
    """Holds a writer between its evaluation's clock and its write until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        self.reached, self.go = threading.Event(), threading.Event()
        self._write, self._held = getattr(score_rows, name), False
        monkeypatch.setattr(score_rows, name, self)

    def __call__(self, *args: object, **options: object) -> object:
        if not self._held:
            self._held = True
            self.reached.set()
            assert self.go.wait(60)
        return self._write(*args, **options)


def test_a_signal_that_is_not_committed_keeps_its_mark(
    leads: list[int], owner_connection: psycopg.Connection, elsewhere: Callable[..., "Future[object]"]
) -> None:
    mark_stale(leads[:1])
    with transaction.atomic():
        says(leads[0])
        assert elsewhere(scoring.score_stale).result() == 1
        assert elsewhere(lambda: total(leads[0])).result() == 15
    assert Stale.objects.count() == 1
    assert scoring.score_stale() == 1
    assert total(leads[0]) == 55


def test_a_slow_range_does_not_undo_what_a_touch_learned(
    leads: list[int], elsewhere: Callable[..., "Future[object]"], monkeypatch: pytest.MonkeyPatch
) -> None:
    scoring.score_leads(leads)
    pause = Pause(monkeypatch, "write_changed")
    slow = elsewhere(lambda: scoring.score_range(low=0, high=2**62))
    assert pause.reached.wait(60)
    says(leads[0])
    scoring.score_stale()
    pause.go.set()
    slow.result()
    assert total(leads[0]) == 55


@pytest.mark.parametrize("knows_the_version", [False, True])
def test_two_touches_of_one_lead_take_different_marks_and_both_are_right(
    leads: list[int], elsewhere: Callable[..., "Future[object]"], knows_the_version: bool
) -> None:
    scoring.score_leads(leads)
    as_if_new(knows_the_version)
    mark_stale(leads[:1])
    with transaction.atomic():
        Score.objects.select_for_update().get(lead_id=leads[0])
        slow = elsewhere(scoring.score_stale)
        assert wait_until(somebody_waits, 60)
        says(leads[0])
        assert scoring.score_stale() == 1
    assert slow.result(60) == 1
    assert total(leads[0]) == 55
    assert not Stale.objects.exists()


def test_a_range_and_a_touch_may_insert_the_same_new_row(
    leads: list[int], elsewhere: Callable[..., "Future[object]"]
) -> None:
    with transaction.atomic():
        scoring.score_leads(leads[:2])
        ranged = elsewhere(lambda: scoring.score_range(low=0, high=2**62))
        with pytest.raises(TimeoutError):  # it waits for this transaction's rows
            ranged.result(timeout=0.5)
    assert ranged.result(timeout=60) == 4
    assert Score.objects.count() == 4


@pytest.mark.parametrize("knows_the_version", [False, True])
def test_a_touch_that_dies_leaves_its_marks(
    leads: list[int], elsewhere: Callable[..., "Future[object]"], knows_the_version: bool
) -> None:
    scoring.score_leads(leads)
    as_if_new(knows_the_version)
    mark_stale(leads)
    with transaction.atomic():
        Score.objects.select_for_update().get(lead_id=leads[-1])
        elsewhere(lambda: connection.cursor().execute("SET statement_timeout = 300")).result()
        with pytest.raises(OperationalError):
            elsewhere(scoring.score_stale).result()
    assert Stale.objects.count() == 4


def test_a_touch_that_thinks_of_another_version_scores_with_the_live_one(leads: list[int]) -> None:
    mark_stale(leads)
    scoring.score_stale()
    other = go_live(replace(REFERENCE, model="Another", rules=REFERENCE.rules[:1]))
    mark_stale(leads)
    mark_stale(leads[:1])
    assert scoring.score_stale() == 5
    assert set(Score.objects.values_list("version_id", "total")) == {(other.pk, 0)}
    assert not Stale.objects.exists()


def test_a_lead_that_changes_hands_during_its_first_scoring_is_set_right(
    leads: list[int], elsewhere: Callable[..., "Future[object]"]
) -> None:
    team = Team.objects.create(name="North")
    with transaction.atomic():
        scoring.score_leads(leads[:1])  # inserts the row with no team, unseen by others yet
        elsewhere(lambda: Lead.objects.filter(pk=leads[0]).update(team=team)).result()
    assert Score.objects.get(lead_id=leads[0]).team_id is None
    assert scoring.score_stale() == 1
    assert Score.objects.get(lead_id=leads[0]).team_id == team.pk


def test_a_lead_that_is_held_is_set_right_later(
    leads: list[int], elsewhere: Callable[..., "Future[object]"]
) -> None:
    team = Team.objects.create(name="North")
    with transaction.atomic():
        scoring.score_leads(leads[:1])
        elsewhere(lambda: Lead.objects.filter(pk=leads[0]).update(team=team)).result()
    with transaction.atomic():
        Lead.objects.select_for_update().get(pk=leads[0])
        assert elsewhere(scoring.score_stale).result() == 1
    assert scoring.score_stale() == 1
    assert Score.objects.get(lead_id=leads[0]).team_id == team.pk


def test_due_scores_that_another_worker_holds_are_left_to_it(
    leads: list[int], elsewhere: Callable[..., "Future[object]"]
) -> None:
    says(leads[0])
    scoring.score_stale()
    later = timezone.now() + 91 * DAY
    with transaction.atomic():
        assert score_rows.lock_due(before=later, limit=10) == leads[:1]
        assert elsewhere(lambda: scoring.score_due(now=later)).result() == 0
    assert scoring.score_due(now=later) == 1
