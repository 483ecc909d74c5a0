"""Uploading a file, saying how it is to be imported, beginning, stopping and throwing away."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from leads.imports.asking import check
from leads.imports.looking import look
from leads.imports.plan import Plan, from_json, header_digest
from leads.imports.storage import keep
from leads.ingestion.file_import import check_may_import
from leads.ingestion.rows import Refusal
from leads.ingestion.sources.packed import MOST_BYTES
from leads.models import FileImport, FileKind, ImportedChunk, SavedMapping
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

SHOWN = 50
# What can be put right by saying how the file is to be read, once it is uploaded.
_TO_BE_SAID = frozenset({"file.encoding", "file.header"})


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of the rows so far, by name; `refusals` are the first of them."""

    counts: Counter[str]
    refusals: Sequence[Refusal]

    @property
    def read(self) -> int:
        return self.counts["read"]

    @property
    def refused(self) -> int:
        return self.counts["refused"]


@transaction.atomic
def upload(*, kind: FileKind, name: str, content: Iterable[bytes], actor: User, at: datetime) -> FileImport:
    """Keep an uploaded file; nothing of it is imported yet.

    Raises DomainError: `import.not_allowed`, `import.large`, `file.…` where it can't be read at all.
    """
    check_may_import(actor)
    job = FileImport.objects.create(
        kind=kind, file_name=name[-200:] or "file", size=0, actor=actor, uploaded_at=at
    )
    job.size = keep(job, content)
    if job.size > most_bytes():
        raise too_large()
    try:
        job.plan = look(job, Plan()).plan.as_json()
    except DomainError as refusal:
        if refusal.code not in _TO_BE_SAID:
            raise
    job.save(update_fields=("size", "plan"))
    record(action="import.uploaded", target=job, actor=actor, at=at, kind=kind, bytes=job.size)
    return job


def most_bytes() -> int:
    """How large an uploaded file may be: what the settings say, at most what any file may be."""
    return min(int(settings.IMPORT_MAX_BYTES), MOST_BYTES)


def too_large() -> DomainError:
    """What a file over the limit is refused with."""
    most = most_bytes() // (1 << 20)
    return DomainError(
        "import.large",
        _(
            "Files of up to %(most)d MB can be uploaded. Pack it (.csv.gz), split it, or let whoever runs"
            " this import it by command."
        )
        % {"most": most},
    )


def draft(*, job_id: int, actor: User) -> FileImport:
    """An upload that nobody began, locked. Raises DomainError: `import.not_found`, `import.begun`."""
    return _locked_draft(job_id, actor)


@transaction.atomic
def arrange(*, job_id: int, plan: Plan, actor: User) -> FileImport:
    """Keep how a file is to be imported. Raises DomainError: `import.not_found`, `import.begun`."""
    job = _locked_draft(job_id, actor)
    job.plan = plan.as_json()
    job.save(update_fields=("plan",))
    return job


@transaction.atomic
def begin(*, job_id: int, plan: Plan, save_as: str = "", actor: User, at: datetime) -> FileImport:
    """Have a worker import a file; with `save_as` keep the plan under a name for others with these columns.

    Raises DomainError: `import.not_found`, `import.begun`, `file.…`, `mapping.…`.
    """
    job = _locked_draft(job_id, actor)
    seen = look(job, plan)
    check(FileKind(job.kind), seen.plan, seen.table.header)
    job.plan = seen.plan.as_json()
    job.begun_at = at
    job.save(update_fields=("plan", "begun_at"))
    if name := " ".join(save_as.split())[:80]:
        _save(name, job, seen.plan, seen.table.header.names, actor=actor, at=at)
    record(action="import.begun", target=job, actor=actor, at=at, kind=job.kind)
    return job


@transaction.atomic
def cancel(*, job_id: int, actor: User, at: datetime) -> FileImport:
    """Import no more of it; what was imported stays.

    Raises DomainError: `import.not_found`, `import.over`.
    """
    job = _locked(job_id, actor)
    if job.is_over or job.begun_at is None:
        raise DomainError("import.over", _("This import isn't running any more."))
    job.cancelled_at = at
    job.save(update_fields=("cancelled_at",))
    counts = progress(job).counts
    record(action="import.cancelled", target=job, actor=actor, at=at, **counts)
    return job


@transaction.atomic
def discard(*, job_id: int, actor: User, at: datetime) -> None:
    """Throw an upload away that nobody began. Raises DomainError: `import.not_found`, `import.begun`."""
    job = _locked_draft(job_id, actor)
    record(action="import.discarded", target=job, actor=actor, at=at)
    job.delete()


def get(*, job_id: int, user: User) -> FileImport:
    """Raises DomainError: `import.not_allowed`, `import.not_found`."""
    check_may_import(user)
    job = FileImport.objects.select_related("actor").filter(pk=job_id).first()
    if job is None:
        raise _not_found()
    return job


def latest(user: User) -> list[FileImport]:
    """The last imports, the newest first. Raises DomainError `import.not_allowed`."""
    check_may_import(user)
    return list(FileImport.objects.select_related("actor").order_by("-uploaded_at", "-pk")[:SHOWN])


def progress(job: FileImport) -> Progress:
    """What became of the rows so far."""
    counts: Counter[str] = Counter()
    refusals: list[Refusal] = []
    chunks = ImportedChunk.objects.filter(file_import=job).order_by("number")
    for chunk_counts, refused in chunks.values_list("counts", "refusals"):
        counts.update(chunk_counts)
        counts["refused"] += len(refused)
        refusals += [Refusal(*one) for one in refused[: SHOWN - len(refusals)]]
    return Progress(counts, refusals)


def plan_of(job: FileImport) -> Plan:
    return from_json(job.plan)


def _save(name: str, job: FileImport, plan: Plan, names: Sequence[str], *, actor: User, at: datetime) -> None:
    SavedMapping.objects.update_or_create(
        kind=job.kind,
        name=name,
        defaults={
            "header": header_digest(names),
            "plan": plan.for_another_file().as_json(),
            "made_by": actor,
            "made_at": at,
        },
    )
    record(action="import.mapping_saved", target=job, actor=actor, at=at, kind=job.kind)


def _locked(job_id: int, actor: User) -> FileImport:
    check_may_import(actor)
    job = FileImport.objects.select_for_update().filter(pk=job_id).first()
    if job is None:
        raise _not_found()
    return job


def _locked_draft(job_id: int, actor: User) -> FileImport:
    job = _locked(job_id, actor)
    if job.begun_at is not None:
        raise DomainError("import.begun", _("This import has begun already."))
    return job


def _not_found() -> DomainError:
    return DomainError("import.not_found", _("There is no such import, or it was thrown away."))
