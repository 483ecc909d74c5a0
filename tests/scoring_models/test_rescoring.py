"""Runs in shards: leases, fences, several workers, and versions that are live no more."""

from datetime import datetime, timedelta

import psycopg
import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from leads.models import Score
from leadscoring.audit.models import AuditEntry
from leadscoring.errors import DomainError
from leadscoring.ops.processes import wait_until
from leadscoring.people.models import User
from leadscoring.people.roles import Role
from scoring_models import rescoring, scoring
from scoring_models.evaluation import joins_of_many
from scoring_models.models import Activation, ModelVersion, RescoreRun, RescoreShard
from scoring_models.rescoring import LeaseLost, claim_shard, progress, work_next_shard, work_shard
from tests.oracle import LeadFacts
from tests.scoring_models.live import go_live
from tests.scoring_models.planting import plant
from tests.scoring_models.versions.conftest import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rescoring, "LEADS_A_SHARD", 2)


@pytest.fixture
def leads(small_shards: None) -> list[int]:
    """Five leads: three shards."""
    return plant([LeadFacts(timezone.now() - timedelta(days=1), {"job_title": "VP"})] * 5)


@pytest.fixture
def version(leads: list[int]) -> ModelVersion:
    return go_live()


@pytest.fixture
def run(version: ModelVersion) -> RescoreRun:
    return RescoreRun.objects.get(version=version)


def work_all(run: RescoreRun) -> int:
    shards = 0
    while work_next_shard(run_id=run.pk):
        shards += 1
    return shards


def test_activation_starts_a_run_over_all_leads(run: RescoreRun, leads: list[int]) -> None:
    assert progress(run) == rescoring.Progress(done=0, total=5, is_finished=False, superseded=False)
    shards = list(run.shards.order_by("low").values_list("low", "high"))
    assert len(shards) == 3
    assert [low for low, _ in shards[1:]] == [high for _, high in shards[:-1]]


def test_shard_by_shard_every_lead_is_scored(run: RescoreRun, leads: list[int]) -> None:
    work_next_shard(run_id=run.pk)
    first = progress(run)
    assert 0 < first.done < first.total
    assert work_all(run) == 2
    assert progress(run) == rescoring.Progress(done=5, total=5, is_finished=True, superseded=False)
    assert set(Score.objects.values_list("pk", "total")) == {(lead_id, 15) for lead_id in leads}


def test_a_finished_run_has_no_more_work(run: RescoreRun) -> None:
    work_all(run)
    Score.objects.all().delete()
    assert not work_next_shard(run_id=run.pk)
    assert not Score.objects.exists()


def test_leads_that_come_during_the_run_are_scored_by_its_last_shard(run: RescoreRun) -> None:
    late = plant([LeadFacts(timezone.now(), {})])
    work_all(run)
    assert Score.objects.filter(pk__in=late).exists()


def test_without_leads_a_run_is_soon_over(small_shards: None) -> None:
    run = RescoreRun.objects.get(version=go_live())
    assert work_all(run) == 1
    assert progress(run).is_finished


def test_two_workers_never_hold_the_same_shard(run: RescoreRun) -> None:
    held = [claim_shard(run_id=run.pk) for _ in range(3)]
    assert len({lease.shard_id for lease in held if lease}) == 3
    assert claim_shard(run_id=run.pk) is None


def expire_leases() -> None:
    RescoreShard.objects.filter(done_at=None).update(leased_until=Now() - timedelta(seconds=1))


def test_an_expired_lease_goes_to_another_and_its_old_holder_cannot_commit(run: RescoreRun) -> None:
    old = claim_shard(run_id=run.pk)
    expire_leases()
    new = claim_shard(run_id=run.pk)
    assert old and new
    assert (new.shard_id, new.fence) == (old.shard_id, old.fence + 1)
    with pytest.raises(LeaseLost):
        work_shard(old)
    assert not Score.objects.exists()
    work_shard(new)
    assert Score.objects.count() == 2


def test_a_shard_that_is_done_is_not_done_again(run: RescoreRun) -> None:
    lease = claim_shard(run_id=run.pk)
    assert lease
    work_shard(lease)
    with pytest.raises(LeaseLost):
        work_shard(lease)


def test_losing_a_lease_does_not_end_the_worker(run: RescoreRun, monkeypatch: pytest.MonkeyPatch) -> None:
    score_range = scoring.score_range

    def slow(*, low: int, high: int, as_of: datetime) -> int:
        RescoreShard.objects.filter(low=low).update(fence=99)
        return score_range(low=low, high=high, as_of=as_of)

    monkeypatch.setattr(scoring, "score_range", slow)
    assert work_next_shard(run_id=run.pk)
    assert progress(run).done == 0


def test_runs_without_a_live_lease_are_found(run: RescoreRun) -> None:
    assert rescoring.abandoned_runs() == [run.pk]
    lease = claim_shard(run_id=run.pk)
    assert rescoring.abandoned_runs() == []
    expire_leases()
    assert rescoring.abandoned_runs() == [run.pk]
    assert lease
    work_all(run)
    assert rescoring.abandoned_runs() == []


def end_activation(at: datetime) -> None:
    Activation.objects.update(ends_at=at)


def test_a_run_of_a_version_that_is_live_no_more_ends(run: RescoreRun) -> None:
    work_next_shard(run_id=run.pk)
    done = progress(run).done
    end_activation(timezone.now())
    assert not work_next_shard(run_id=run.pk)
    assert progress(run) == rescoring.Progress(done=done, total=5, is_finished=True, superseded=True)


def test_an_activation_by_a_clock_that_is_ahead_is_waited_for(leads: list[int]) -> None:
    run = RescoreRun.objects.get(version=go_live(at=timezone.now() + timedelta(seconds=30)))
    assert not work_next_shard(run_id=run.pk)
    assert not progress(run).is_finished


def test_an_unfinished_run_is_found_to_be_carried_on(run: RescoreRun, version: ModelVersion) -> None:
    assert rescoring.unfinished_run(version_id=version.pk) == run
    work_all(run)
    assert rescoring.unfinished_run(version_id=version.pk) is None


def test_a_run_counts_leads_and_starts_with_its_actor(version: ModelVersion, leads: list[int]) -> None:
    now = timezone.now()
    run = rescoring.start_run(version=version, actor=User.objects.system(), at=now)
    assert (run.leads, run.started_by, run.started_at) == (5, User.objects.system(), now)


def test_leads_without_statistics_are_joined_in_streams(
    committed_db: None, owner_connection: psycopg.Connection
) -> None:
    def nested_loops() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_nestloop")
            return str(cursor.fetchone()[0])

    def nested_loops_of_many() -> str:
        with joins_of_many():
            return nested_loops()

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        plant([LeadFacts(timezone.now(), {})] * 10)
    assert wait_until(lambda: nested_loops_of_many() == "off", 60)
    assert nested_loops() == "on"
    owner_connection.execute("ANALYZE leads_lead")
    assert wait_until(lambda: nested_loops_of_many() == "on", 60)


def test_a_run_counts_the_leads_that_came_after_its_start(run: RescoreRun) -> None:
    plant([LeadFacts(timezone.now(), {})] * 3)
    work_all(run)
    assert progress(run) == rescoring.Progress(done=8, total=8, is_finished=True, superseded=False)


# Stopping.


@pytest.fixture
def manager() -> User:
    return person("nina", Role.MANAGER)


def test_a_stopped_run_scores_no_further_lead_and_goes_on_where_it_was(
    run: RescoreRun, leads: list[int], manager: User
) -> None:
    work_next_shard(run_id=run.pk)
    done = progress(run).done
    rescoring.stop(run=run, actor=manager, at=timezone.now())
    assert not work_next_shard(run_id=run.pk)
    assert rescoring.abandoned_runs() == []
    assert rescoring.unfinished_run(version_id=run.version_id) is None
    assert progress(run) == rescoring.Progress(done, 5, is_finished=False, superseded=False, stopped=True)
    rescoring.resume(run=run, actor=manager, at=timezone.now())
    assert rescoring.abandoned_runs() == [run.pk]
    assert work_all(run) == 2
    assert set(Score.objects.values_list("pk", flat=True)) == set(leads)
    told = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert told[-2:] == ["rescore.stopped", "rescore.resumed"]


def test_a_shard_that_a_worker_holds_is_finished_though_the_run_is_stopped(
    run: RescoreRun, manager: User
) -> None:
    lease = claim_shard(run_id=run.pk)
    assert lease
    rescoring.stop(run=run, actor=manager, at=timezone.now())
    work_shard(lease)
    assert progress(run).done == 2


def test_leads_of_a_stopped_run_are_scored_when_something_about_them_changes(
    run: RescoreRun, leads: list[int], manager: User
) -> None:
    rescoring.stop(run=run, actor=manager, at=timezone.now())
    scoring.score_leads(leads[-1:])
    assert list(Score.objects.values_list("pk", "version_id")) == [(leads[-1], run.version_id)]


def test_what_is_over_is_neither_stopped_nor_goes_on(run: RescoreRun, manager: User) -> None:
    work_all(run)
    for verb, code in ((rescoring.stop, "not_running"), (rescoring.resume, "not_stopped")):
        with pytest.raises(DomainError) as caught:
            verb(run=run, actor=manager, at=timezone.now())
        assert caught.value.code == code


@pytest.mark.parametrize("role", [Role.REP, Role.MARKETING, Role.ADMIN])
def test_only_managers_stop_scoring(role: Role, run: RescoreRun) -> None:
    actor = person("rob", role)
    for verb in (rescoring.stop, rescoring.resume):
        with pytest.raises(DomainError) as caught:
            verb(run=run, actor=actor, at=timezone.now())
        assert caught.value.code == "not_allowed"
