"""Evidence with real workers: asked for by a submission, killed in the middle, carried on by the sweep."""

from collections.abc import Callable
from datetime import timedelta

import psycopg
import pytest
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import Settings

from leadscoring import hints
from leadscoring.ops.processes import wait_until
from scoring_models import tasks
from scoring_models.demo.versions import propose
from scoring_models.evidence_pack import packs
from scoring_models.models import Evidence, ModelVersion
from tests import company as companies
from tests.conftest import WorkerProcess
from tests.waiting import SOMEBODY_WAITS

pytestmark = [pytest.mark.slow]

WAIT = 60
StartWorker = Callable[..., WorkerProcess]


@pytest.fixture
def company(celery_worker_process: StartWorker, settings: Settings) -> companies.Company:
    settings.PASSWORD_HASHERS = companies.QUICK_HASHERS
    hints.broker.silent_until = 0.0
    return companies.found(now=timezone.now())


def sent(company: companies.Company) -> ModelVersion:
    return propose(author=company.person("sam"), now=timezone.now() + timedelta(hours=26))


def test_a_submission_has_its_evidence_without_waiting_for_a_sweep(
    celery_worker_process: StartWorker, company: companies.Company
) -> None:
    celery_worker_process("--concurrency=1")  # and no beat
    version = sent(company)
    assert wait_until(lambda: packs.newest(version) is not None, WAIT)


def test_evidence_survives_the_death_of_its_worker(
    celery_worker_process: StartWorker, company: companies.Company, owner_connection: psycopg.Connection
) -> None:
    worker = celery_worker_process("--concurrency=1")
    with owner_connection.transaction():
        owner_connection.execute("LOCK TABLE leads_outcome IN ACCESS EXCLUSIVE MODE")
        version = sent(company)
        assert wait_until(lambda: owner_connection.execute(SOMEBODY_WAITS).fetchone() == (True,), WAIT)
        worker.kill()
    row = Evidence.objects.get()
    assert "moves" in row.parts and "past" not in row.parts
    assert packs.abandoned() == []  # the dead worker's lease still holds
    worker.start()
    Evidence.objects.update(leased_until=Now() - timedelta(seconds=1))
    tasks.resume_evidence.delay()
    assert wait_until(lambda: packs.newest(version) is not None, WAIT)
    assert Evidence.objects.get().tries == 2


def test_the_sweep_finds_evidence_of_which_nobody_was_told(
    celery_worker_process: StartWorker, company: companies.Company
) -> None:
    with hints.nobody():
        version = sent(company)
    celery_worker_process("--concurrency=1")
    celery_worker_process(beat=True)
    assert wait_until(lambda: packs.newest(version) is not None, WAIT)
