"""Scoring all leads: a run in shards, which any number of workers carry on and none can lose.

A shard is held by a lease. Its fence grows with each lease, and a shard is committed only under the fence
that it was claimed with: a worker that was thought dead can't commit what another has taken over. Leases are
read by the database's clock alone.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from leads.models import Lead
from leadscoring.actors import acting
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from scoring_models import scoring, wake
from scoring_models.models import Activation, Arrangement, ModelVersion, RescoreRun, RescoreShard
from scoring_models.permissions import Step, require
from scoring_models.score_rows import database_clock

log = logging.getLogger(__name__)

LEADS_A_SHARD = 25_000
LEASE = timedelta(seconds=30)
# Above every id: the last shard also takes the leads that come while the run is on.
NO_END = 2**63 - 1


class LeaseLost(Exception):
    """The shard was taken over by another worker; what this one did is rolled back."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to score leads with low <= id < high, under a fence."""

    shard_id: int
    low: int
    high: int
    fence: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, in leads. `superseded`: it ended early since another version went live."""

    done: int
    total: int
    is_finished: bool
    superseded: bool
    stopped: bool = False


def start_run(*, version: ModelVersion, actor: User, at: datetime) -> RescoreRun:
    """Begin to score all leads with the version that is live now. Call it in the activation's transaction."""
    run = RescoreRun.objects.create(
        version=version, started_by=actor, started_at=at, leads=Lead.objects.count()
    )
    edges = [0, *_shard_edges(), NO_END]
    RescoreShard.objects.bulk_create(
        RescoreShard(run=run, low=low, high=high) for low, high in pairwise(edges)
    )
    wake.rescore(run.pk)
    return run


def _shard_edges() -> list[int]:
    """The ids with which a shard begins, but for the first one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS before FROM leads_lead) placed"
            " WHERE before > 0 AND before %% %s = 0 ORDER BY id",
            [LEADS_A_SHARD],
        )
        return [lead_id for (lead_id,) in cursor.fetchall()]


def work_next_shard(*, run_id: int) -> bool:
    """Score one shard that nobody holds.

    False where there is none: the run is over, or others hold what is left of it.
    """
    run = RescoreRun.objects.get(pk=run_id)
    if run.finished_at is not None or run.stopped_at is not None:
        return False
    if not _scores_leads(run):
        return False
    lease = claim_shard(run_id=run_id)
    if lease is not None:
        _work(lease)
    _finish_if_done(run_id)
    return lease is not None


def claim_shard(*, run_id: int) -> Lease | None:
    """Take the lease of the lowest shard that is not done and that nobody holds."""
    with transaction.atomic():
        shard = _free_shards().filter(run=run_id).order_by("low").select_for_update(skip_locked=True).first()
        if shard is None:
            return None
        RescoreShard.objects.filter(pk=shard.pk).update(leased_until=Now() + LEASE, fence=F("fence") + 1)
        return Lease(shard.pk, shard.low, shard.high, shard.fence + 1)


def work_shard(lease: Lease) -> None:
    """Score the leads of a shard, all or none. Raises LeaseLost where another worker has taken it over."""
    with transaction.atomic():
        as_of = database_clock()
        leads = scoring.score_range(low=lease.low, high=lease.high, as_of=as_of)
        held = RescoreShard.objects.filter(pk=lease.shard_id, fence=lease.fence, done_at=None)
        if not held.update(done_at=Now(), as_of=as_of, leased_until=None, leads=leads):
            raise LeaseLost


def progress(run: RescoreRun) -> Progress:
    """How far a run is now. Two queries."""
    run = RescoreRun.objects.get(pk=run.pk)
    shards = run.shards.aggregate(leads=Sum("leads", default=0), left=Count("pk", filter=Q(done_at=None)))
    finished = run.finished_at is not None
    # More leads may have come since its start, or fewer be left.
    total = shards["leads"] if finished and not shards["left"] else max(run.leads, shards["leads"])
    return Progress(
        shards["leads"],
        total,
        finished,
        superseded=finished and shards["left"] > 0,
        stopped=run.stopped_at is not None and not finished,
    )


def stop(*, run: RescoreRun, actor: User, at: datetime) -> None:
    """Have no further shard worked on; those that workers hold are finished first.

    The leads that are left keep the scores that they have until something about them changes, or the run goes
    on. Raises DomainError("not_running") where it is over or was stopped before.
    """
    require(actor, Step.ACTIVATE)
    with acting(actor):
        if not RescoreRun.objects.filter(pk=run.pk, finished_at=None, stopped_at=None).update(stopped_at=at):
            raise DomainError("not_running", _("This scoring is over or stopped already."))
        record(action="rescore.stopped", target=run, actor=actor, at=at, version=run.version_id)


def resume(*, run: RescoreRun, actor: User, at: datetime) -> None:
    """Have a stopped run go on where it was. Raises DomainError("not_stopped")."""
    require(actor, Step.ACTIVATE)
    with acting(actor):
        stopped = RescoreRun.objects.filter(pk=run.pk, finished_at=None, stopped_at__isnull=False)
        if not stopped.update(stopped_at=None):
            raise DomainError("not_stopped", _("This scoring isn't stopped. Load the page again."))
        record(action="rescore.resumed", target=run, actor=actor, at=at, version=run.version_id)
        wake.rescore(run.pk)


def unfinished_run(*, version_id: int) -> RescoreRun | None:
    """The latest run of a version that is neither over nor stopped, to be carried on."""
    unfinished = RescoreRun.objects.filter(version=version_id, finished_at=None, stopped_at=None)
    return unfinished.order_by("-pk").first()


def abandoned_runs() -> list[int]:
    """Unfinished runs that nobody works on or has stopped: no live lease on any of their shards."""
    held = RescoreShard.objects.filter(run=OuterRef("pk"), done_at=None, leased_until__gte=Now())
    runs = RescoreRun.objects.filter(~Exists(held), finished_at=None, stopped_at=None)
    return list(runs.order_by("pk").values_list("pk", flat=True))


def _scores_leads(run: RescoreRun) -> bool:
    """Whether the run's version is live; where another took its place, the run ends.

    An activation or an order of models that begins in a moment (clocks of several machines differ) is waited
    for.
    """
    if Arrangement.objects.filter(at__gt=Now()).exists():
        return False
    activations = Activation.objects.filter(version=run.version_id)
    if activations.filter(Q(ends_at=None) | Q(ends_at__gt=Now()), starts_at__lte=Now()).exists():
        return True
    if not activations.filter(ends_at=None, starts_at__gt=Now()).exists():
        RescoreRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=Now())
    return False


def _work(lease: Lease) -> None:
    try:
        work_shard(lease)
    except LeaseLost:
        log.warning("Shard %d was taken over by another worker; its work here is undone.", lease.shard_id)


def _free_shards() -> QuerySet[RescoreShard]:
    free = Q(leased_until=None) | Q(leased_until__lt=Now())
    return RescoreShard.objects.filter(free, done_at=None)


def _finish_if_done(run_id: int) -> None:
    left = RescoreShard.objects.filter(run=OuterRef("pk"), done_at=None)
    RescoreRun.objects.filter(~Exists(left), pk=run_id, finished_at=None).update(finished_at=Now())
