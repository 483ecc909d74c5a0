"""The refused rows of an import as a file, in the format that they came in, to be mended and uploaded."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from leads.imports.jobs import plan_of
from leads.imports.storage import fetched
from leads.ingestion.refused_file import refused_rows
from leads.ingestion.rows import Refusal
from leads.ingestion.sources.opening import open_table
from leads.models import FileImport, ImportedChunk
from leads.spreadsheets.writing import Format, csv_pieces, workbook


def format_of(job: FileImport) -> Format:
    return Format.XLSX if job.notes.get("sheet") else Format.CSV


def name_of(job: FileImport) -> str:
    """What the file is called."""
    return f"{Path(Path(job.file_name).name.removesuffix('.gz')).stem}.refused.{format_of(job)}"


def refused_csv(job: FileImport) -> Iterator[bytes]:
    """Raises DomainError where the file isn't kept any more."""
    stack = ExitStack()
    table = open_table(stack.enter_context(fetched(job)), wish=plan_of(job).wish)

    def pieces() -> Iterator[bytes]:
        with stack:
            rows = refused_rows(table, _refusals(job))
            for piece in csv_pieces(rows, delimiter=table.delimiter or ","):
                yield piece.encode(
                    "utf-8", "surrogateescape"
                )  # Bytes that were no text come out as they were.

    return pieces()


def refused_workbook(job: FileImport) -> IO[bytes]:
    """Raises DomainError where the file isn't kept any more."""
    with fetched(job) as path:
        table = open_table(path, wish=plan_of(job).wish)
        return workbook(refused_rows(table, _refusals(job)), title=table.sheet)


def _refusals(job: FileImport) -> dict[int, Refusal]:
    chunks = ImportedChunk.objects.filter(file_import=job).values_list("refusals", flat=True)
    return {one[0]: Refusal(*one) for refused in chunks for one in refused}
