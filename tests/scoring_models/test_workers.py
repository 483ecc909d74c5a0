"""Celery for real: workers that are killed in the middle of each task and started again. Nothing is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db.models.functions import Now
from django.utils import timezone

from leads.ingestion.signals import add_signal
from leads.models import Lead, Score, Stale
from leads.stale import mark_stale
from leadscoring import hints
from leadscoring.celery import app
from leadscoring.ops.processes import free_port, wait_until
from leadscoring.people.roles import Role
from scoring_models import drafts, rescoring, schedule, scoring, tasks, versions, wake
from scoring_models.evaluation import evaluate, frozen_spec
from scoring_models.live import live_version
from scoring_models.models import ModelVersion, RescoreRun, RescoreShard
from tests.conftest import WorkerProcess
from tests.oracle import LeadFacts, SignalFact
from tests.scoring_models.approving import approve
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant, plant_signals
from tests.scoring_models.versions.conftest import person
from tests.waiting import SOMEBODY_WAITS

pytestmark = [pytest.mark.slow]

StartWorker = Callable[..., WorkerProcess]
Numbers = tuple[Any, ...]  # engagement, fit, total, band, hits, due_at
LEADS = 40
WAIT = 60


@pytest.fixture(autouse=True)
def broker_that_answers() -> None:
    hints.broker.silent_until = 0.0


@pytest.fixture
def leads(celery_worker_process: StartWorker, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    monkeypatch.setattr(rescoring, "LEADS_A_SHARD", 10)
    came = timezone.now() - timedelta(days=2)
    return plant([LeadFacts(came, {"job_title": "VP" if i % 2 else "Clerk"}) for i in range(LEADS)])


@pytest.fixture
def version(leads: list[int]) -> ModelVersion:
    return go_live()


@pytest.fixture
def scored(version: ModelVersion, leads: list[int]) -> list[int]:
    """Leads whose scores are stored and right."""
    scoring.score_leads(leads)
    RescoreRun.objects.update(finished_at=Now())
    return leads


def stored() -> dict[int, Numbers]:
    rows = Score.objects.values_list("pk", "engagement", "fit", "total", "band", "hits", "due_at")
    return {lead_id: tuple(rest) for lead_id, *rest in rows}


def evaluated(version: ModelVersion) -> dict[int, Numbers]:
    """What a clean full evaluation says now, with bands counted from the top as they are stored."""
    spec = frozen_spec(version.digest)
    top = len(spec.bands)
    return {
        score.lead_id: (score.engagement, score.fit, score.total, score.band - top, score.hits, score.due_at)
        for score in evaluate(spec, as_of=timezone.now())
    }


@contextmanager
def held(link: psycopg.Connection, lead_id: int | None = None) -> Iterator[Callable[[], bool]]:
    """Hold one score or all, so that a worker comes to a halt in the middle; whether one has."""
    with link.transaction():
        if lead_id is None:
            link.execute("LOCK TABLE leads_score IN SHARE MODE")
        else:
            link.execute("SELECT FROM leads_score WHERE lead_id = %s FOR UPDATE", [lead_id])
        yield lambda: link.execute(SOMEBODY_WAITS).fetchone() == (True,)


def test_a_signal_is_a_score_without_waiting_for_a_sweep(
    celery_worker_process: StartWorker, scored: list[int]
) -> None:
    celery_worker_process("--concurrency=1")  # and no beat: the hint alone leads to it
    now = timezone.now()
    add_signal(lead_id=scored[0], type_key="dm_received", occurred_at=now, received_at=now, source="test")
    assert wait_until(lambda: Score.objects.get(pk=scored[0]).engagement == 40, WAIT)


def test_stale_leads_survive_the_death_of_their_worker(
    celery_worker_process: StartWorker,
    version: ModelVersion,
    scored: list[int],
    owner_connection: psycopg.Connection,
) -> None:
    now = timezone.now()
    signals = (SignalFact("dm_received", now - timedelta(hours=1)),)
    plant_signals((lead_id, LeadFacts(now, {}, None, signals)) for lead_id in scored)
    # As many marks as a batch takes are about the first lead, so the others come in a second batch.
    Stale.objects.bulk_create(Stale(lead_id=scored[0]) for _ in range(scoring.LEADS_A_BATCH))
    worker = celery_worker_process("--concurrency=1")
    with held(owner_connection, scored[-1]) as halted:
        mark_stale(scored[1:])
        assert wait_until(halted, WAIT)
        worker.kill()
    assert stored()[scored[0]][0] == 40
    # The database ends by itself what the worker had sent, whole or not at all.
    assert Stale.objects.count() in (0, LEADS - 1)
    worker.start()
    tasks.score_stale.delay()
    assert wait_until(lambda: not Stale.objects.exists(), WAIT)
    assert stored() == evaluated(version)


def test_due_leads_survive_the_death_of_their_worker(
    celery_worker_process: StartWorker,
    version: ModelVersion,
    leads: list[int],
    owner_connection: psycopg.Connection,
) -> None:
    end = timezone.now() + timedelta(seconds=12)  # time enough to score them all before
    signals = (SignalFact("dm_received", end - timedelta(days=90)),)
    plant_signals((lead_id, LeadFacts(end, {}, None, signals)) for lead_id in leads)
    scoring.score_leads(leads)
    assert {row[0] for row in stored().values()} == {40}
    assert {row[-1] for row in stored().values()} == {end}
    worker = celery_worker_process("--concurrency=1")
    assert wait_until(lambda: timezone.now() > end, WAIT)
    with held(owner_connection) as halted:
        tasks.score_due.delay()
        assert wait_until(halted, WAIT)
        worker.kill()
    assert {row[0] for row in stored().values()} == {40}
    worker.start()
    tasks.score_due.delay()
    assert wait_until(lambda: {row[0] for row in stored().values()} == {-15}, WAIT)
    assert stored() == evaluated(version)


def test_a_run_survives_the_death_of_its_worker(
    celery_worker_process: StartWorker,
    version: ModelVersion,
    leads: list[int],
    owner_connection: psycopg.Connection,
) -> None:
    scoring.score_leads(leads)
    Score.objects.update(total=999, version_id=0)
    run = RescoreRun.objects.get(version=version)
    worker = celery_worker_process("--concurrency=1")
    with held(owner_connection, leads[25]) as halted:
        tasks.rescore_version.delay(run.pk)
        assert wait_until(halted, WAIT)
        worker.kill()
    progress = rescoring.progress(run)
    assert (progress.done, progress.total, progress.is_finished) == (20, LEADS, False)
    assert rescoring.abandoned_runs() == []  # the dead worker's lease still holds
    worker.start()
    RescoreShard.objects.filter(run=run, done_at=None).update(leased_until=Now() - timedelta(seconds=1))
    tasks.resume_rescores.delay()
    assert wait_until(lambda: rescoring.progress(run).is_finished, WAIT)
    assert stored() == evaluated(version)
    assert not Score.objects.exclude(version_id=version.pk).exists()


def test_two_workers_share_a_run(
    celery_worker_process: StartWorker,
    version: ModelVersion,
    leads: list[int],
    owner_connection: psycopg.Connection,
) -> None:
    scoring.score_leads(leads)
    Score.objects.update(total=999)
    run = RescoreRun.objects.get(version=version)
    celery_worker_process("--concurrency=2")
    with held(owner_connection, leads[5]) as halted:
        wake.rescore(run.pk)
        assert wait_until(halted, WAIT)
        assert wait_until(lambda: rescoring.progress(run).done == LEADS - 10, WAIT)  # by the other worker
    assert wait_until(lambda: rescoring.progress(run).is_finished, WAIT)
    assert stored() == evaluated(version)
    assert set(run.shards.values_list("fence", flat=True)) == {1}


def test_the_sweep_finds_what_an_unreachable_broker_was_not_told(
    celery_worker_process: StartWorker, scored: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    with monkeypatch.context() as outage:
        outage.setattr(app.conf, "broker_write_url", f"redis://127.0.0.1:{free_port()}/0")
        outage.setattr(app.amqp, "_producer_pool", None)
        add_signal(lead_id=scored[0], type_key="dm_received", occurred_at=now, received_at=now, source="test")
    assert Stale.objects.count() == 1
    celery_worker_process("--concurrency=1")
    celery_worker_process(beat=True)
    assert wait_until(lambda: Score.objects.get(pk=scored[0]).engagement == 40, WAIT)


def test_beat_has_a_new_version_scored_though_nobody_was_woken(
    celery_worker_process: StartWorker, version: ModelVersion, leads: list[int]
) -> None:
    celery_worker_process("--concurrency=1")
    celery_worker_process(beat=True)
    assert wait_until(lambda: Score.objects.count() == Lead.objects.count(), WAIT)
    assert stored() == evaluated(version)


def test_a_planned_version_goes_live_to_the_second_and_scores_all_leads(
    celery_worker_process: StartWorker, version: ModelVersion, scored: list[int]
) -> None:
    mara, nina = person("mara", Role.MARKETING), person("nina", Role.MANAGER)
    planned = drafts.start_from(version=version, actor=mara, at=timezone.now())
    planned = versions.submit(version=planned, actor=mara, at=timezone.now())
    planned = approve(planned, actor=nina, at=timezone.now())
    celery_worker_process("--concurrency=1")
    celery_worker_process(beat=True)
    starts_at = timezone.now() + timedelta(seconds=3)
    schedule.schedule(version=planned, starts_at=starts_at, actor=nina, at=timezone.now())
    while (now := timezone.now()) < starts_at:
        early = live_version(version.model, at=now), Score.objects.exclude(version_id=version.pk).exists()
        if timezone.now() < starts_at:  # still, after having looked
            assert early == (version, False)
    assert wait_until(lambda: not Score.objects.exclude(version_id=planned.pk).exists(), WAIT)
    assert Score.objects.order_by("scored_at").first().scored_at >= starts_at  # type: ignore[union-attr]
    assert stored() == evaluated(planned)
    assert RescoreRun.objects.get(version=planned).started_by == nina
