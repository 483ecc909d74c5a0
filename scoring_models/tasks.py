"""Celery's part: short turns of work that PostgreSQL remembers. Any may die, come twice or come late."""

from functools import partial

from celery import shared_task
from django.utils import timezone

from leadscoring.hints import in_turns
from scoring_models import hits, rescoring, schedule, scoring, wake
from scoring_models.evidence_pack import packs

# A turn ends before the broker would give the task to another worker, and lets others have theirs.
STALE_SECONDS = 5.0
DUE_SECONDS = 1.0
RESCORE_SECONDS = 1.0


@shared_task
def score_stale() -> None:
    """Score leads whose data changed."""
    in_turns(scoring.score_stale, STALE_SECONDS, again=wake.score_stale)


@shared_task
def score_due() -> None:
    """Score leads that time has changed."""
    in_turns(scoring.score_due, DUE_SECONDS, again=wake.score_due)


@shared_task
def rescore_version(run_id: int) -> None:
    """Work on a run."""
    again = partial(wake.rescore, run_id, workers=1)
    in_turns(partial(rescoring.work_next_shard, run_id=run_id), RESCORE_SECONDS, again=again)


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
