"""Where uploaded files are: in the database, in pieces, so that web and workers may be on different hosts."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from leads.models import FileImport, FilePiece, ImportedChunk
from leadscoring.errors import DomainError

KEPT_FOR = timedelta(days=14)
PIECE = 1 << 20  # bytes
# Only this may grow large in memory: a piece or two.
_AT_A_TIME = 4


def keep(job: FileImport, content: Iterable[bytes]) -> int:
    """Keep an uploaded file, piece by piece; its size in bytes."""
    size = 0
    for place, piece in enumerate(_cut(content)):
        FilePiece.objects.create(file_import=job, place=place, content=piece)
        size += len(piece)
    return size


@contextmanager
def fetched(job: FileImport) -> Iterator[Path]:
    """The file under a path of this machine, for the length of the context.

    Raises DomainError `import.removed` where it isn't kept any more.
    """
    if job.file_removed_at is not None:
        raise DomainError("import.removed", _("The file was removed, as all are after two weeks."))
    # Without a name of its own, so that nothing of it is left where this process is killed.
    with tempfile.TemporaryFile() as file:
        pieces = FilePiece.objects.filter(file_import=job).order_by("place").values_list("content", flat=True)
        for piece in pieces.iterator(_AT_A_TIME):
            file.write(piece)
        file.flush()
        yield Path(f"/proc/self/fd/{file.fileno()}")


def forget_old(*, at: datetime) -> int:
    """Remove files that were uploaded too long ago, and uploads that nobody began; how many.

    Of their refused rows the numbers stay.
    """
    old = FileImport.objects.filter(uploaded_at__lt=at - KEPT_FOR, file_removed_at=None)
    over = old.filter(Q(finished_at__isnull=False) | Q(cancelled_at__isnull=False) | Q(begun_at=None))
    ids = list(over.values_list("pk", flat=True))
    with transaction.atomic():
        FilePiece.objects.filter(file_import__in=ids).delete()
        _forget_refused_rows(ids)
        FileImport.objects.filter(pk__in=ids, begun_at=None).delete()
        FileImport.objects.filter(pk__in=ids).update(file_removed_at=at)
    return len(ids)


def _forget_refused_rows(ids: Sequence[int]) -> None:
    """Keep only how many there were: reasons say what was in the cells."""
    chunks = ImportedChunk.objects.filter(file_import__in=ids).exclude(refusals=[])
    for chunk in chunks.iterator():
        chunk.counts["refused"] = len(chunk.refusals)
        chunk.refusals = []
        chunk.save(update_fields=("counts", "refusals"))


def _cut(content: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for more in content:
        rest += more
        while len(rest) >= PIECE:
            yield rest[:PIECE]
            rest = rest[PIECE:]
    if rest:
        yield rest
