"""Stored scores are computed again at their own moments; one that was tampered with is named."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from leads.models import Lead, Score
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
    scoring.score_leads(found)
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
