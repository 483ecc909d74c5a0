"""Carrying out imports of uploaded files, chunk by chunk, by any worker, so that no row is imported twice.

An import is held by a lease with a fence, as bulk jobs are (`leads.bulk.work`). Each chunk is committed with
a row that says so, only under the fence that it was taken with. The next worker reads the file again, passes
over what is committed, and goes on. Leases are read by the database's clock alone.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from leads.imports.asking import lead_import, signal_columns, signal_import
from leads.imports.jobs import plan_of, progress
from leads.imports.storage import fetched
from leads.ingestion.file_import import Intake, check_may_import
from leads.ingestion.journal import Journal, Result
from leads.ingestion.lead_import import LeadImportReport, prepare, save
from leads.ingestion.rows import Refusal
from leads.ingestion.signal_types import create_types
from leads.ingestion.signals import save_signals
from leads.ingestion.sources.opening import open_table
from leads.ingestion.sources.table import TableFile
from leads.models import FileImport, FileKind, ImportedChunk
from leadscoring.audit.record import record
from leadscoring.errors import DomainError

LEASE = timedelta(seconds=60)
MOST_TRIES = 5
OPEN = Q(begun_at__isnull=False, finished_at=None, cancelled_at=None)
FREE = Q(leased_until=None) | Q(leased_until__lt=Now())


class LeaseLost(Exception):
    """The import was taken over, or stopped; the chunk at hand is rolled back."""


class TurnOver(Exception):
    """The worker has other things to do; somebody goes on soon."""


@dataclass(frozen=True, slots=True)
class Held:
    """An import under the fence that it was taken with, for a turn that ends at `until` of `clock`."""

    job: FileImport
    fence: int
    until: float
    clock: Callable[[], float]

    @property
    def at(self) -> datetime:
        """The moment of the whole import, however often it was taken up again."""
        assert self.job.begun_at is not None
        return self.job.begun_at

    def extend(self) -> None:
        """Raises LeaseLost."""
        ours = FileImport.objects.filter(OPEN, pk=self.job.pk, fence=self.fence)
        if not ours.update(leased_until=Now() + LEASE):
            raise LeaseLost


def waiting() -> list[int]:
    """Imports that are not over and that nobody works on, the oldest first."""
    return list(FileImport.objects.filter(OPEN, FREE).order_by("begun_at", "pk").values_list("pk", flat=True))


def work(*, job_id: int, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
    """Carry an import on for so long, and at least by a chunk, unless somebody else does."""
    held = _take(job_id, until=clock() + seconds, clock=clock)
    if held is None:
        return
    try:
        check_may_import(held.job.actor)
        with fetched(held.job) as path:
            _import(held, path)
    except LeaseLost:
        return
    except TurnOver:
        FileImport.objects.filter(pk=job_id, fence=held.fence).update(leased_until=None)
    except DomainError as refusal:
        _fail(held, refusal.sentence)


class _Kept(Journal):
    """Writes down each chunk in its transaction, with the rows that were refused up to it."""

    def __init__(self, held: Held, intake: Intake) -> None:
        self._held = held
        self._intake = intake
        told: dict[int, set[str]] = {}
        chunks = ImportedChunk.objects.filter(file_import=held.job).values_list("accounts_told", flat=True)
        for chunk in chunks.iterator():
            for account, keys in chunk.items():
                told.setdefault(int(account), set()).update(keys)
        super().__init__(done=chunks.count(), accounts_told=told)

    def note(self, number: int, result: Result, told: Mapping[int, Collection[str]]) -> None:
        self._held.extend()
        refused = [*self._intake.refusals.values(), *map(self._intake.named, result.refusals)]
        refused.sort(key=lambda one: one.number)
        counts = _counts(result)
        counts["read"] += len(self._intake.refusals)
        self._write(number, counts, refused, told)
        FileImport.objects.filter(pk=self._held.job.pk).update(tries=0)

    def passed(self, number: int) -> None:
        self._intake.refusals.clear()
        if number >= self.done and self._held.clock() >= self._held.until:
            raise TurnOver

    def close(self) -> None:
        """Write down the rows that were refused after the last chunk."""
        refused = list(self._intake.refusals.values())
        if refused:
            number = ImportedChunk.objects.filter(file_import=self._held.job).count()
            self._write(number, Counter(read=len(refused)), refused, {})

    def _write(
        self,
        number: int,
        counts: Counter[str],
        refused: Iterable[Refusal],
        told: Mapping[int, Collection[str]],
    ) -> None:
        ImportedChunk.objects.create(
            file_import=self._held.job,
            number=number,
            counts=counts,
            refusals=[_as_json(one) for one in refused],
            accounts_told={str(account): sorted(keys) for account, keys in told.items()},
        )


def _import(held: Held, path: Path) -> None:
    table = open_table(path, wish=plan_of(held.job).wish)
    table.pulse = held.extend
    held.extend()
    if held.job.rows is None:
        held.job.rows = sum(1 for _line in table.lines())
        held.job.save(update_fields=("rows",))
    if held.job.kind == FileKind.LEADS:
        journal = _import_leads(held, table, path)
    else:
        journal = _import_signals(held, table, path)
    with transaction.atomic():
        held.extend()
        journal.close()
        _finish(held)


def _import_leads(held: Held, table: TableFile, path: Path) -> _Kept:
    asked = replace(lead_import(plan_of(held.job), path), told_by=held.job.file_name)
    report = LeadImportReport()
    columns = prepare(asked, table, report, actor=held.job.actor, at=held.at)
    _remember(held, attributes=list(report.created_attributes), team=report.created_team, sheet=table.sheet)
    intake = Intake(table, columns.by_target)
    journal = _Kept(held, intake)
    save(asked, table, columns, intake, actor=held.job.actor, at=held.at, journal=journal)
    return journal


def _import_signals(held: Held, table: TableFile, path: Path) -> _Kept:
    asked = signal_import(plan_of(held.job), path)
    columns = signal_columns(asked, table.header, now=held.at)
    types = list(create_types(columns.type_names(table)).values())
    _remember(held, types=types, sheet=table.sheet)
    intake = Intake(table, columns.by_target)
    journal = _Kept(held, intake)
    save_signals(intake.rows(columns.row), source=asked.source, received_at=held.at, journal=journal)
    return journal


def _remember(held: Held, **made: list[str] | str | None) -> None:
    """Keep what the import made besides rows: of the first try, since later ones find it there."""
    held.job.notes = {**{name: value for name, value in made.items() if value}, **held.job.notes}
    held.job.save(update_fields=("notes",))


def _take(job_id: int, *, until: float, clock: Callable[[], float]) -> Held | None:
    """Take the lease of an import that is neither over nor held; one at a time, lest scoring wait."""
    with transaction.atomic():
        if FileImport.objects.filter(OPEN, leased_until__gte=Now()).exclude(pk=job_id).exists():
            return None
        free = FileImport.objects.filter(OPEN, FREE, pk=job_id)
        job = free.select_for_update(skip_locked=True, of=("self",)).select_related("actor").first()
        if job is None:
            return None
        FileImport.objects.filter(pk=job_id).update(
            leased_until=Now() + LEASE, fence=F("fence") + 1, tries=F("tries") + 1
        )
        held = Held(job, job.fence + 1, until, clock)
        if job.tries >= MOST_TRIES:
            _fail(held, _("It broke off %(times)d times at the same place.") % {"times": job.tries})
            return None
        return held


def _fail(held: Held, sentence: str) -> None:
    """Set it aside with its reason; what was imported stays."""
    with transaction.atomic():
        ours = FileImport.objects.filter(OPEN, pk=held.job.pk, fence=held.fence)
        if ours.update(failure=sentence, finished_at=Now(), leased_until=None):
            _record(held, "import.failed")


def _finish(held: Held) -> None:
    FileImport.objects.filter(pk=held.job.pk).update(finished_at=Now(), leased_until=None)
    _record(held, "leads.imported" if held.job.kind == FileKind.LEADS else "signals.imported")


def _record(held: Held, action: str) -> None:
    record(action=action, target=held.job, actor=held.job.actor, at=held.at, **progress(held.job).counts)


def _counts(result: Result) -> Counter[str]:
    named = ((one.name, getattr(result, one.name)) for one in fields(result))  # type: ignore[arg-type]
    return Counter({name: value for name, value in named if isinstance(value, int)})


def _as_json(refusal: Refusal) -> list[object]:
    return [refusal.number, refusal.column, refusal.reason]
