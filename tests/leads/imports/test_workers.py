"""A real worker in the middle of an import: killed and started again, or stopped by a person.

Nothing is lost, nothing comes twice, and the refused rows are whole.
"""

import csv
import io
from collections.abc import Callable

import psycopg
import pytest
from django.db.models.functions import Now
from django.utils import timezone

from leads.imports import jobs, refused, work
from leads.models import FileImport, ImportedChunk, Lead
from leads.tasks import work_imports
from leadscoring.ops.processes import wait_until
from leadscoring.people.models import Team, User
from leadscoring.people.roles import Role
from tests.conftest import WorkerProcess
from tests.leads.imports.test_imports import begin, counts, upload
from tests.leads.ingestion.conftest import person
from tests.waiting import SOMEBODY_WAITS

pytestmark = [pytest.mark.slow]

StartWorker = Callable[..., WorkerProcess]
ROWS, CHUNK = 4_500, 2_000
REFUSED = (5, 2_500, 4_499)  # in each of the chunks
HELD = 3_000  # in the second chunk
WAIT = 60


@pytest.fixture
def sam(committed_db: None) -> User:
    Team.objects.create(name="Sales", is_default=True)
    return person("sam", Role.MARKETING)


@pytest.fixture
def halted(
    celery_worker_process: StartWorker, sam: User, owner_connection: psycopg.Connection
) -> tuple[WorkerProcess, FileImport, psycopg.Connection]:
    """A worker that waits in the second chunk of an import, since somebody holds a lead of that."""
    worker = celery_worker_process("--concurrency=1")
    Lead.objects.create(external_id=str(HELD), created_at=timezone.now())
    rows = (f"{n},{f'nobody{n}' if n in REFUSED else f'person{n}@x.example'},Title {n}" for n in range(ROWS))
    job = upload(sam, "\n".join(["Id,E-mail,Title", *rows]))
    begin(sam, job)
    owner_connection.execute("BEGIN")
    owner_connection.execute("SELECT FROM leads_lead FOR UPDATE")
    work_imports.delay()
    assert wait_until(lambda: owner_connection.execute(SOMEBODY_WAITS).fetchone() == (True,), WAIT), (
        worker.output()
    )
    return worker, job, owner_connection


def refused_ids(job: FileImport) -> list[str]:
    text = b"".join(refused.refused_csv(job)).decode()
    return [row["Id"] for row in csv.DictReader(io.StringIO(text))]


def test_an_import_goes_on_after_its_worker_is_killed(
    halted: tuple[WorkerProcess, FileImport, psycopg.Connection],
) -> None:
    worker, job, holder = halted
    assert jobs.progress(job).read == CHUNK
    worker.kill()
    holder.execute("ROLLBACK")
    # What the dead worker had sent is not committed: who would have said so?
    assert wait_until(lambda: Lead.objects.count() == CHUNK, WAIT)
    assert ImportedChunk.objects.count() == 1 and not work.waiting()
    FileImport.objects.update(leased_until=Now() - work.LEASE)

    worker.start()
    work_imports.delay()

    assert wait_until(lambda: FileImport.objects.get().is_over, WAIT), worker.output()
    job.refresh_from_db()
    good = ROWS - len(REFUSED)
    assert counts(job) == (ROWS, good - 1, 1, 0, len(REFUSED)) and not job.failure
    assert set(Lead.objects.values_list("external_id", flat=True)) == {
        str(n) for n in range(ROWS) if n not in REFUSED
    }
    assert Lead.objects.count() == good
    assert refused_ids(job) == [str(n) for n in REFUSED]


def test_a_stop_in_the_middle_keeps_whole_chunks_and_their_refused_rows(
    halted: tuple[WorkerProcess, FileImport, psycopg.Connection], sam: User
) -> None:
    worker, job, holder = halted
    jobs.cancel(job_id=job.pk, actor=sam, at=timezone.now())
    holder.execute("ROLLBACK")
    assert wait_until(lambda: "succeeded" in worker.output(), WAIT), worker.output()
    job.refresh_from_db()
    assert job.cancelled_at is not None and not job.failure and not work.waiting()
    assert Lead.objects.count() == CHUNK
    assert counts(job) == (CHUNK, CHUNK - 1, 0, 0, 1)
    assert refused_ids(job) == [str(REFUSED[0])]
