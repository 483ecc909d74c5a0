"""What is kept of scores that were: each change with its cause, once, and nothing that was never stored."""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from leads.ingestion.leads import save_leads
from leads.ingestion.rows import LeadRow
from leads.ingestion.signals import add_signal, retract_signal
from leads.models import Account, Cause, Lead, ResponseMark, Score, ScoreChange, Stale
from leads.notices.watching import watch
from leads.stale import mark_stale
from leadscoring.ops.processes import wait_until
from leadscoring.people.models import Team, User
from scoring_models import scoring
from scoring_models.models import Activation, ModelVersion, RescoreRun
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Dimension,
    HalfLife,
    Kind,
    Op,
    RuleSpec,
    SignalAtLeast,
)
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant, plant_signals
from tests.scoring_models.reference import REFERENCE
from tests.waiting import somebody_waits

DAY = timedelta(days=1)
EVERYBODY: dict[str, Any] = {"low": 0, "high": 2**63 - 1}
FADING = replace(
    REFERENCE,
    model="Fading",
    rules=(
        RuleSpec(
            "talks",
            Dimension.ENGAGEMENT,
            70,
            SignalAtLeast(("dm_received",), window_days=90, decay=HalfLife(30)),
        ),
    ),
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def version() -> ModelVersion:
    return go_live()


@pytest.fixture
def lead(version: ModelVersion) -> int:
    """A scored lead with fit 15 and no signals."""
    [lead_id] = plant([LeadFacts(timezone.now() - DAY, {"job_title": "VP"})])
    mark_stale([lead_id])
    scoring.score_stale()
    return lead_id


def kept(lead_id: int) -> list[tuple[int, Cause]]:
    rows = ScoreChange.objects.filter(lead_id=lead_id).order_by("at")
    return [(row.total, Cause(row.cause)) for row in rows]


def send(lead_id: int, kind: str = "dm_received", days_ago: float = 0) -> Any:
    now = timezone.now()
    return add_signal(
        lead_id=lead_id, type_key=kind, occurred_at=now - days_ago * DAY, received_at=now, source="test"
    )


def test_a_first_score_is_kept_as_such(lead: int, version: ModelVersion) -> None:
    [row], score = ScoreChange.objects.all(), Score.objects.get()
    assert (row.lead_id, row.at, row.version_id) == (lead, score.scored_at, version.pk)
    assert (row.total, row.engagement, row.fit, row.band, row.cause) == (15, 0, 15, -4, Cause.FIRST)


def test_a_signal_and_its_retraction_are_causes(lead: int) -> None:
    key = send(lead)
    scoring.score_stale()
    retract_signal(key=key, at=timezone.now())
    scoring.score_stale()
    assert kept(lead) == [(15, Cause.FIRST), (55, Cause.SIGNAL), (15, Cause.RETRACTION)]


def test_an_attribute_is_a_cause_of_its_lead_and_of_its_account(lead: int) -> None:
    Team.objects.create(name="North", is_default=True)
    Lead.objects.filter(pk=lead).update(external_id="x")
    said = LeadRow(1, {"job_title": "Clerk", "company": "Acme"}, external_id="x")
    save_leads([said], at=timezone.now(), actor=User.objects.system())
    scoring.score_stale()
    of_company = LeadRow(1, {"company": "Acme", "industry": "Software"}, external_id="x")
    save_leads([of_company], at=timezone.now(), actor=User.objects.system())
    scoring.score_stale()
    assert kept(lead) == [(15, Cause.FIRST), (0, Cause.ATTRIBUTE), (10, Cause.ACCOUNT)]


def test_causes_of_one_batch_are_joined(lead: int) -> None:
    key = send(lead, "post_comment")
    send(lead)
    retract_signal(key=key, at=timezone.now())
    scoring.score_stale()
    assert kept(lead)[1:] == [(55, Cause.SIGNAL | Cause.RETRACTION)]


def test_what_changes_no_points_is_not_kept(lead: int) -> None:
    send(lead, "email_open")
    scoring.score_stale()
    scoring.score_leads([lead])
    scoring.score_range(**EVERYBODY)
    assert len(kept(lead)) == 1


def test_dimensions_that_even_out_are_kept(lead: int) -> None:
    send(lead, "content_save")
    Lead.objects.filter(pk=lead).update(job_title="clerk")
    scoring.score_stale()
    assert kept(lead) == [(15, Cause.FIRST), (15, Cause.SIGNAL)]


def test_first_scores_of_a_range_are_left_out(version: ModelVersion) -> None:
    plant([LeadFacts(timezone.now(), {"job_title": "VP"})] * 3)
    scoring.score_range(**EVERYBODY)
    assert Score.objects.count() == 3
    assert not ScoreChange.objects.exists()


def test_with_the_first_change_goes_what_a_range_had_scored_before(version: ModelVersion) -> None:
    lead, other = plant([LeadFacts(timezone.now() - DAY, {"job_title": "VP"})] * 2)
    scoring.score_range(**EVERYBODY)
    was = Score.objects.get(pk=lead)
    scoring.score_leads([lead])  # changes nothing, and moves the moment of the row
    moved = Score.objects.get(pk=lead).scored_at
    for _again in range(2):
        send(lead, "post_comment")
        scoring.score_stale()
    assert kept(lead) == [(15, Cause.FIRST | Cause.VERSION), (35, Cause.SIGNAL), (55, Cause.SIGNAL)]
    first = ScoreChange.objects.filter(lead_id=lead).earliest("at")
    assert first.at == moved > was.scored_at
    assert (first.version_id, first.engagement, first.fit, first.band) == (version.pk, 0, 15, was.band)
    assert not ScoreChange.objects.filter(lead_id=other).exists()


def test_nobody_is_told_of_a_rise_to_where_a_range_had_put_a_lead(version: ModelVersion) -> None:
    """Hot before and after: neither the row that is kept late nor the change is a rise."""
    [lead] = plant([LeadFacts(timezone.now() - DAY, {"job_title": "VP"})])
    for kind in ("dm_received", "connection_request_received"):
        send(lead, kind)
    Stale.objects.all().delete()
    scoring.score_range(**EVERYBODY)
    send(lead, "post_comment")
    scoring.score_stale()
    assert [total for total, _ in kept(lead)] == [85, 105]
    Lead.objects.filter(pk=lead).update(owner=User.objects.system())
    assert watch(now=timezone.now()) == 0


def test_a_colleagues_deed_is_a_cause(db: None) -> None:
    rule = RuleSpec("others", Dimension.ENGAGEMENT, 10, AccountActivity(("page_view",), 1, 30))
    go_live(replace(REFERENCE, rules=(*REFERENCE.rules, rule)))
    one, other = plant([LeadFacts(timezone.now(), {})] * 2)
    Lead.objects.update(account=Account.objects.create(attributes={}, facts={}))
    scoring.score_leads([one, other])
    send(one, "page_view")
    scoring.score_stale()
    assert (kept(one), kept(other)) == (
        [(0, Cause.FIRST)],
        [(0, Cause.FIRST), (10, Cause.COLLEAGUE)],
    )


def test_time_is_kept_where_it_changes_the_band_and_not_in_between(db: None) -> None:
    go_live(FADING)
    [lead] = plant([LeadFacts(timezone.now(), {})])
    send(lead)
    scoring.score_stale()
    now = timezone.now()
    for day in range(36):
        scoring.score_due(now=now + day * DAY)
    assert Score.objects.get().total == 31
    assert kept(lead) == [(70, Cause.FIRST | Cause.SIGNAL), (60, Cause.TIME)]
    scoring.score_due(now=now + 37 * DAY)
    assert kept(lead)[2:] == [(30, Cause.TIME)]


def test_a_version_is_a_cause_of_what_it_changes(lead: int, version: ModelVersion) -> None:
    [other] = plant([LeadFacts(timezone.now() - DAY, {})])
    scoring.score_range(**EVERYBODY)
    worth_more = replace(REFERENCE.rules[8], points=35)
    second = go_live(replace(REFERENCE, model="Second", rules=(*REFERENCE.rules[:8], worth_more)))
    scoring.score_range(**EVERYBODY)
    scoring.score_range(**EVERYBODY)
    assert kept(other) == []
    assert kept(lead) == [(15, Cause.FIRST), (35, Cause.VERSION)]
    assert set(Score.objects.values_list("version_id", flat=True)) == {second.pk}


def live_and_scored(name: str, condition: AttributeCondition) -> ModelVersion:
    """A model that is asked first is live, and the run that scores everybody is through."""
    version = go_live(replace(REFERENCE, model=name, audience=(condition,), rules=REFERENCE.rules[:8]))
    scoring.score_range(**EVERYBODY)
    RescoreRun.objects.update(finished_at=timezone.now())
    return version


def test_going_over_to_another_model_is_not_another_version(lead: int) -> None:
    other = live_and_scored("Germans", AttributeCondition("country", Kind.TEXT, Op.IS, ("de",)))
    ResponseMark.objects.all().delete()
    Team.objects.create(name="North", is_default=True)
    Lead.objects.filter(pk=lead).update(external_id="x")
    said = LeadRow(1, {"country": "DE"}, external_id="x")
    save_leads([said], at=timezone.now(), actor=User.objects.system())
    scoring.score_stale()
    assert kept(lead)[1:] == [(0, Cause.ATTRIBUTE | Cause.MODEL)]
    assert Score.objects.get().version_id == other.pk
    assert ResponseMark.objects.filter(lead_id=lead).exists()


def test_time_that_brings_another_model_is_kept_and_starts_no_clock(lead: int, version: ModelVersion) -> None:
    live_and_scored("Deciding", AttributeCondition("journey_stage", Kind.CHOICE, Op.IS, ("decision",)))
    send(lead, days_ago=80)
    scoring.score_stale()
    ResponseMark.objects.all().delete()
    scoring.score_due(now=timezone.now() + 11 * DAY)
    assert kept(lead)[1:] == [(40, Cause.SIGNAL | Cause.MODEL), (0, Cause.TIME | Cause.MODEL)]
    assert Score.objects.get().version_id == version.pk
    assert not ResponseMark.objects.exists()


def test_a_touch_with_another_version_names_both(lead: int) -> None:
    go_live(replace(REFERENCE, model="Second", rules=REFERENCE.rules[:8]))
    send(lead)
    scoring.score_stale()
    assert kept(lead)[1:] == [(40, Cause.SIGNAL | Cause.VERSION)]


def test_what_a_range_learns_before_the_touch_has_its_cause(lead: int) -> None:
    send(lead)
    scoring.score_range(**EVERYBODY)
    scoring.score_stale()
    assert kept(lead)[1:] == [(55, Cause.SIGNAL)]


def test_what_time_and_a_signal_change_at_once_is_kept(db: None) -> None:
    go_live(FADING)
    [lead] = plant([LeadFacts(timezone.now(), {})])
    send(lead, days_ago=80)
    scoring.score_stale()
    send(lead, days_ago=75)
    scoring.score_due(now=timezone.now() + 3 * DAY)
    assert kept(lead)[1:] == [(12, Cause.SIGNAL | Cause.TIME)]


def test_nothing_that_time_did_is_kept_as_learned(lead: int) -> None:
    """A lead that nobody said anything about was scored again, and something had changed in silence."""
    now = timezone.now()
    plant_signals([(lead, LeadFacts(now, {}, None, (SignalFact("dm_received", now),)))])
    scoring.score_leads([lead])
    assert kept(lead)[1:] == [(55, Cause(0))]


def test_history_goes_with_its_lead(lead: int) -> None:
    [other] = plant([LeadFacts(timezone.now(), {})])
    scoring.score_leads([other])
    Lead.objects.filter(pk=lead).delete()
    assert list(ScoreChange.objects.values_list("lead_id", flat=True)) == [other]


@pytest.mark.parametrize(
    "rewrite", ["UPDATE leads_scorechange SET total = 1", "DELETE FROM leads_scorechange"]
)
def test_the_app_cannot_rewrite_history(lead: int, rewrite: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(rewrite)


# Several connections at once.


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("knows_the_version", [False, True])
def test_of_two_passes_the_second_compares_with_what_the_first_wrote(
    committed_db: None, lead: int, elsewhere: Callable[..., "Future[object]"], knows_the_version: bool
) -> None:
    send(lead)
    mark_stale([lead])
    if not knows_the_version:
        scoring._last.ready = None
    with transaction.atomic():
        assert scoring.score_stale(limit=1) == 1  # writes 55, unseen by others yet
        second = elsewhere(scoring.score_stale)
        assert wait_until(somebody_waits, 60)
    assert second.result(60) == 1
    assert kept(lead) == [(15, Cause.FIRST), (55, Cause.SIGNAL)]
    assert Score.objects.get().scored_at > ScoreChange.objects.latest("at").at


@pytest.mark.django_db(transaction=True)
def test_a_pass_that_is_turned_away_keeps_nothing(
    committed_db: None, lead: int, elsewhere: Callable[..., "Future[object]"]
) -> None:
    """What it worked out was never stored: somebody with a later clock was faster."""
    go_live(replace(REFERENCE, model="Second", rules=REFERENCE.rules[:8]))
    with transaction.atomic():
        Score.objects.select_for_update().get(lead_id=lead)
        slow = elsewhere(lambda: scoring.score_range(**EVERYBODY))
        assert wait_until(somebody_waits, 60)
        send(lead)
        scoring.score_stale()
    slow.result(60)
    assert kept(lead)[1:] == [(40, Cause.SIGNAL | Cause.VERSION)]


@pytest.mark.django_db(transaction=True)
def test_marks_that_are_put_back_keep_their_cause(
    committed_db: None, lead: int, elsewhere: Callable[..., "Future[object]"]
) -> None:
    assert scoring._last.ready is not None
    go_live(replace(REFERENCE, model="Second", rules=REFERENCE.rules[:8]))
    send(lead)
    assert scoring._score_marked(scoring._last.ready, 10) is None
    assert Stale.objects.get().cause == Cause.SIGNAL


def test_what_is_live_holds_until_something_planned_begins(lead: int) -> None:
    """When its time comes nobody changes anything, and yet another version scores."""
    ends = timezone.now() + DAY
    Activation.objects.update(ends_at=ends)
    send(lead)
    assert scoring.score_stale() == 1
    ready = scoring._last.ready
    assert ready is not None
    assert ready.live.until == ends
    send(lead)
    over = ready._replace(live=ready.live._replace(until=ready.live.since))
    assert scoring._score_marked(over, 10) is None
    assert Stale.objects.get().cause == Cause.SIGNAL
    assert scoring._score_marked(ready, 10) == 1
