"""Touch, due and range: each leaves what a full evaluation says, and writes no more than it should."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.models import Lead, Score, Stale
from leads.models.score import NEVER
from leads.stale import mark_stale
from leadscoring.people.models import Team, User
from scoring_models import scoring
from scoring_models.live import live_versions
from scoring_models.models import Activation, ModelVersion
from scoring_models.scoring import evaluate
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant, plant_signals
from tests.scoring_models.reference import REFERENCE

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
EVERYBODY: dict[str, Any] = {"low": 0, "high": 2**63 - 1}


@pytest.fixture
def version() -> ModelVersion:
    return go_live()


@pytest.fixture
def leads(version: ModelVersion) -> list[int]:
    """Six leads whose scores change within the hour, in days and never."""
    now = timezone.now()
    acts = [
        (),
        (("dm_received", DAY),),
        (("post_comment", 90 * DAY - HOUR / 2), ("post_comment", DAY)),
        (("unsubscribed", DAY), ("profile_view", 2 * DAY)),
        (("connection_request_received", -HOUR / 2),),
        (("dm_received", 400 * DAY),),
    ]
    signals = [tuple(SignalFact(key, now - ago) for key, ago in some) for some in acts]
    return plant([LeadFacts(now - 100 * DAY, {"job_title": "VP"}, None, some) for some in signals])


def stored() -> list[tuple[object, ...]]:
    columns = ("engagement", "fit", "total", "band", "due_at", "last_intent_at", "hits", "counts")
    return list(Score.objects.order_by("lead_id").values_list("lead_id", *columns))


def in_full(at: datetime) -> list[tuple[object, ...]]:
    found = evaluate(REFERENCE, as_of=at)
    return [
        (*(row.lead_id, row.engagement, row.fit, row.total, row.band - len(REFERENCE.bands), row.due_at),
         row.last_intent_at or NEVER, row.hits, row.counts)
        for row in found
    ]  # fmt: skip


def test_marks_are_taken_and_their_leads_scored(leads: list[int]) -> None:
    mark_stale(leads)
    mark_stale(leads[:2])
    assert scoring.score_stale() == 8
    assert not Stale.objects.exists()
    assert stored() == in_full(timezone.now())


def test_a_batch_takes_no_more_marks_than_it_may(leads: list[int]) -> None:
    mark_stale(leads)
    assert scoring.score_stale(limit=4) == 4
    assert (Score.objects.count(), Stale.objects.count()) == (4, 2)
    assert [scoring.score_stale(limit=4), scoring.score_stale(limit=4)] == [2, 0]


def test_a_range_is_scored_in_full(leads: list[int]) -> None:
    assert scoring.score_range(low=leads[1], high=leads[4]) == 3
    assert [row[0] for row in stored()] == leads[1:4]
    assert scoring.score_range(**EVERYBODY) == 6
    assert stored() == in_full(timezone.now())


def test_a_range_rewrites_only_what_changed(leads: list[int]) -> None:
    scoring.score_range(**EVERYBODY)
    before = dict(Score.objects.values_list("lead_id", "scored_at"))
    plant_signals(
        [(leads[0], LeadFacts(timezone.now(), {}, None, (SignalFact("dm_received", timezone.now()),)))]
    )
    scoring.score_range(**EVERYBODY)
    after = dict(Score.objects.values_list("lead_id", "scored_at"))
    assert [lead for lead in leads if before[lead] != after[lead]] == leads[:1]


def test_a_touch_always_writes(leads: list[int]) -> None:
    scoring.score_leads(leads)
    first = Score.objects.get(lead_id=leads[0]).scored_at
    scoring.score_leads([*leads, *leads, 0])
    assert Score.objects.get(lead_id=leads[0]).scored_at > first


def test_the_due_are_scored_and_nobody_else(leads: list[int]) -> None:
    scoring.score_range(**EVERYBODY)
    before = dict(Score.objects.values_list("lead_id", "scored_at"))
    later = timezone.now() + HOUR
    assert scoring.score_due(now=later) == 2
    assert scoring.score_due(now=later) == 0
    after = dict(Score.objects.values_list("lead_id", "scored_at"))
    assert [lead for lead in leads if before[lead] != after[lead]] == [leads[2], leads[4]]
    assert stored() == in_full(later)


def test_a_value_that_is_dated_ahead_counts_when_it_begins(leads: list[int]) -> None:
    system, soon = User.objects.system(), timezone.now() + HOUR
    Lead.objects.filter(pk=leads[0]).update(external_id="x", job_title=None)
    dated = LeadRow(1, {"job_title": "VP"}, external_id="x", values_at=soon)
    Team.objects.create(name="North", is_default=True)
    save_leads([dated], at=timezone.now(), actor=system)
    scoring.score_leads(leads[:1])
    score = Score.objects.get(lead_id=leads[0])
    assert (score.fit, score.due_at) == (0, soon)
    assert [found.due_at for found in evaluate(REFERENCE, as_of=timezone.now(), leads=leads[:1])] == [soon]
    scoring.score_due(now=soon)
    score.refresh_from_db()
    assert score.fit == 15
    [then] = evaluate(REFERENCE, as_of=soon - HOUR / 2, leads=leads[:1])
    assert then.fit == 0


def test_a_new_row_copies_team_owner_and_openness(leads: list[int]) -> None:
    team = Team.objects.create(name="North")
    Lead.objects.filter(pk=leads[0]).update(team=team, is_open=False)
    scoring.score_leads(leads[:1])
    score = Score.objects.get(lead_id=leads[0])
    assert (score.team_id, score.owner_id, score.is_open) == (team.pk, None, False)
    Lead.objects.filter(pk=leads[0]).update(team=None, is_open=True)
    score.refresh_from_db()
    assert (score.team_id, score.is_open) == (None, True)


def test_an_older_moment_never_replaces_a_newer_one(leads: list[int]) -> None:
    scoring.score_range(**EVERYBODY)
    Score.objects.update(scored_at=timezone.now() + HOUR, total=999)
    scoring.score_range(**EVERYBODY)
    scoring.score_leads(leads)
    assert set(Score.objects.values_list("total", flat=True)) == {999}


def test_without_a_live_version_marks_go_and_nothing_is_scored(leads: list[int]) -> None:
    Activation.objects.update(ends_at=timezone.now())
    mark_stale(leads)
    assert scoring.score_stale() == 6
    assert scoring.score_range(**EVERYBODY) == 0
    assert live_versions(at=timezone.now()) == []
    assert not Score.objects.exists()


def test_a_score_names_its_version(leads: list[int], version: ModelVersion) -> None:
    scoring.score_leads(leads)
    assert set(Score.objects.values_list("version_id", flat=True)) == {version.pk}
    assert live_versions(at=timezone.now()) == [version]
