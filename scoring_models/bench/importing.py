"""What importing a file takes, new and again: time, processor and memory, in a process of its own."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from django.db import connections
from django.utils import timezone

from leads.ingestion.lead_import import LeadImport, import_leads
from leads.ingestion.mapping import Mapped
from leadscoring.people.models import User
from scoring_models.bench.people_files import COLUMNS, write_csv, write_workbook

ROWS = 100_000
SECONDS, MEGABYTES = 60.0, 300.0
_MAPPING = tuple(Mapped(column, target) for column, target in COLUMNS.items())
Say = Callable[[str], None]


def measure(
    *, rows: int, database: Callable[[], AbstractContextManager[object]], say: Say
) -> dict[str, object]:
    """What a file of people costs as CSV and as workbook: imported into a new `database`, and once more,
    which changes nothing."""
    found: dict[str, object] = {"rows": rows}
    with tempfile.TemporaryDirectory() as folder:
        for kind, write in (("csv", write_csv), ("xlsx", write_workbook)):
            path = Path(folder) / f"people.{kind}"
            write(path, rows)
            with database():
                for name in (kind, f"{kind}_again"):
                    found[name] = one = _apart(partial(_import, path), rows)
                    say(f"{name}: {one}")
    return found


def _import(path: Path) -> None:
    asked = LeadImport(path=path, mapping=_MAPPING, create_attributes=True)
    report = import_leads(asked, actor=User.objects.system(), at=timezone.now())
    if report.refused:
        raise RuntimeError(f"{report.refused} rows were refused")


def _apart(work: Callable[[], None], rows: int) -> dict[str, object]:
    """What some work costs in a process of its own: by the clock, of a processor, and at most of memory.

    Raises RuntimeError where it fails.
    """
    connections.close_all()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        _end_with(work)
    _child, status, used = os.wait4(child, 0)
    seconds = time.monotonic() - start
    if status:
        raise RuntimeError("The import failed.")
    memory = used.ru_maxrss / 1024
    return {
        "seconds": round(seconds, 1),
        "rows_a_second": round(rows / seconds),
        "processor_seconds": round(used.ru_utime + used.ru_stime, 1),
        "peak_mb": round(memory),
        "load": round(os.getloadavg()[0], 1),
        "reached": seconds <= SECONDS * rows / ROWS and memory < MEGABYTES,
    }


def _end_with(work: Callable[[], None]) -> None:
    """Do some work and end this process, without what its parent has open."""
    failed = 1
    try:
        work()
        failed = 0
    except Exception as error:
        sys.stderr.write(f"bench: {error!r}\n")
    finally:
        os._exit(failed)
