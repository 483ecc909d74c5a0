"""Celery's part: short turns of work that PostgreSQL remembers. Any may die, come twice or come late."""

import time

from celery import shared_task
from django.utils import timezone

from scoring_models import hits, rescoring, schedule, scoring, wake
from scoring_models.evidence_pack import packs

# A turn ends before the broker would give the task to another worker, and lets others have theirs.
DRAIN_SECONDS = 20.0
RESCORE_SECONDS = 1.0
STALE_SECONDS = 5.0


@shared_task
def score_stale() -> None:
    """Score leads whose data changed for a short turn, then queue up again behind what else is to be done."""
    end = time.monotonic() + STALE_SECONDS
    while scoring.score_stale():
        if time.monotonic() > end:
            wake.score_stale()
            return


@shared_task
def score_due() -> None:
    """Score leads that time has changed, until none is left."""
    end = time.monotonic() + DRAIN_SECONDS
    while scoring.score_due() and time.monotonic() < end:
        pass


@shared_task
def rescore_version(run_id: int) -> None:
    """Work on a run for a short turn, then queue up again behind the leads that became stale meanwhile."""
    end = time.monotonic() + RESCORE_SECONDS
    while rescoring.work_next_shard(run_id=run_id):
        if time.monotonic() > end:
            wake.rescore(run_id, workers=1)
            return


@shared_task
def resume_rescores() -> None:
    """Carry on the runs whose workers died, or whom nobody woke."""
    for run_id in rescoring.abandoned_runs():
        wake.rescore(run_id)


@shared_task
def begin_scheduled() -> None:
    """Score all leads with the versions whose time has come."""
    schedule.begin_due(at=timezone.now())


@shared_task
def compute_evidence(evidence_id: int) -> None:
    """Compute the evidence of a version that waits for approval."""
    packs.work(evidence_id=evidence_id)


@shared_task
def resume_evidence() -> None:
    """Carry on the packs whose workers died, or whom nobody woke."""
    for evidence_id in packs.abandoned():
        wake.evidence(evidence_id)


@shared_task
def forget_hits() -> None:
    """Remove what was counted for drafts that nobody edits any more."""
    hits.forget(at=timezone.now())
