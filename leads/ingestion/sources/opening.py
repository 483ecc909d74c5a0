"""Opening a file of any format that is understood, told by how it begins, whatever its name."""

import io
from collections.abc import Sequence
from pathlib import Path

from leads.ingestion.sources.csv_file import CsvFile
from leads.ingestion.sources.packed import MOST_BYTES, too_large
from leads.ingestion.sources.table import AS_GUESSED, TableFile, Wish
from leads.ingestion.sources.workbook import OLD_WORKBOOK, ZIP, refuse_old
from leads.ingestion.sources.xlsx_file import XlsxFile
from leadscoring.errors import DomainError


def open_table(path: Path, *, wanted: Sequence[str] = (), wish: Wish = AS_GUESSED) -> TableFile:
    """The table in a file. Without `wanted` columns the header is guessed.

    Raises DomainError (`file.…`) where the file can't be read at all or lacks a wanted column.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
            size = file.seek(0, io.SEEK_END)
    except OSError as error:
        raise DomainError("file.unreadable", f"{path}: {error.strerror}.") from error
    if size > MOST_BYTES:
        raise too_large()
    if start.startswith(ZIP):
        return XlsxFile(path, wanted=wanted, wish=wish)
    if start.startswith(OLD_WORKBOOK):
        refuse_old(path)
    return CsvFile(path, wanted=wanted, wish=wish)
