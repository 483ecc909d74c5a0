"""Scores of now and of the past are computed again at their own moments; a wrong one is named."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from leads.ingestion.signals import add_signal
from leads.models import Cause, Lead, Score, ScoreChange
from scoring_models import scoring
from scoring_models.score_audit import differences
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant

pytestmark = pytest.mark.django_db


@pytest.fixture
def leads() -> list[int]:
    go_live()
    now = timezone.now()
    signals = (SignalFact("dm_received", now - timedelta(days=2)), SignalFact("post_comment", now))
    found = plant([LeadFacts(now - timedelta(days=9), {"job_title": "VP"}, None, signals) for _ in range(3)])
    scoring.score_range(low=min(found), high=max(found) + 1)
    return found


def test_scores_that_were_computed_are_right(leads: list[int]) -> None:
    assert list(differences(sample=100)) == []
    call_command("audit_scores")


def test_what_is_learned_later_makes_no_difference(leads: list[int]) -> None:
    Lead.objects.filter(pk=leads[0]).update(job_title="clerk")
    assert list(differences(sample=100)) == []


def test_a_falsified_score_is_named(leads: list[int]) -> None:
    Score.objects.filter(lead_id=leads[1]).update(total=99)
    [found] = differences(sample=100)
    assert (found.lead_id, found.stored, found.computed["total"] != 99) == (leads[1], {"total": 99}, True)
    with pytest.raises(CommandError, match="1 of the scores"):
        call_command("audit_scores", "--sample", "50")
    call_command("audit_scores", "--since", (timezone.now() + timedelta(hours=1)).isoformat())


MINUTE = timedelta(minutes=1)


def past(lead_id: int, at: datetime, **columns: Any) -> ScoreChange:
    """Write into the history what a score was shown as.

    Before anything is learned, or the history would begin with a score that couldn't know what came long ago.
    """
    score = Score.objects.get(lead_id=lead_id)
    shown = {name: getattr(score, name) for name in ("version_id", "total", "engagement", "fit", "band")}
    return ScoreChange.objects.create(lead_id=lead_id, at=at, cause=Cause.SIGNAL, **{**shown, **columns})


def learn(lead_id: int, kind: str, received_at: datetime) -> None:
    add_signal(
        lead_id=lead_id,
        type_key=kind,
        occurred_at=received_at - timedelta(hours=1),
        received_at=received_at,
        source="test",
    )
    scoring.score_stale()  # what is stored now knows it


def test_a_past_score_that_was_not_so_is_named(leads: list[int]) -> None:
    long_ago = timezone.now() - timedelta(hours=30)
    past(leads[1], long_ago, engagement=40, fit=15, total=55, band=-3)
    assert list(differences(sample=100)) == []
    past(leads[2], long_ago, engagement=60, fit=15, total=75, band=-2)
    [found] = differences(sample=100)
    assert (found.lead_id, found.scored_at) == (leads[2], long_ago)
    assert found.stored == {"engagement": 60, "total": 75, "band": -2}
    assert found.computed == {"engagement": 40, "total": 55, "band": -3}
    assert list(differences(sample=100, since=timezone.now() - timedelta(hours=1))) == []


def test_what_was_not_committed_yet_is_no_difference(leads: list[int]) -> None:
    """An import that began first wrote last: the score in between saw the later fact and not the earlier."""
    lead, then = leads[0], timezone.now() - timedelta(hours=20)
    past(lead, then, engagement=40 + 15, fit=15, total=70, band=-2)
    learn(lead, "connection_request_received", then - 2 * MINUTE)
    learn(lead, "content_save", then - MINUTE)
    assert list(differences(sample=100)) == []
    past(lead, then - timedelta(seconds=1), engagement=40 + 30, fit=15, total=85, band=-1)
    past(lead, then + MINUTE, engagement=40, fit=15, total=55, band=-3)
    assert list(differences(sample=100)) == []
    past(lead, then + 2 * MINUTE, engagement=40 + 20, fit=15, total=75, band=-2)
    assert [found.stored["total"] for found in differences(sample=100)] == [75]


def test_what_was_seen_by_a_clock_that_is_ahead_is_no_difference(leads: list[int]) -> None:
    lead, then = leads[0], timezone.now() - timedelta(hours=20)
    past(lead, then, engagement=55, fit=15, total=70, band=-2)
    learn(lead, "content_save", then + timedelta(seconds=2))
    past(lead, then - timedelta(hours=1), engagement=55, fit=15, total=70, band=-2)
    [found] = differences(sample=100)
    assert found.scored_at == then - timedelta(hours=1)


def test_what_was_unseen_for_too_long_is_a_difference(leads: list[int]) -> None:
    lead, then = leads[0], timezone.now() - timedelta(hours=20)
    past(lead, then, engagement=40, fit=15, total=55, band=-3)
    learn(lead, "content_save", then - timedelta(hours=7))
    assert len(list(differences(sample=100))) == 1
