"""The file of refused rows: each as it was, with where it stood, the column and the reason."""

import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from leads.ingestion.rows import Refusal
from leads.ingestion.sources.table import TableFile
from leads.spreadsheets.cells import awake, typed
from leads.spreadsheets.writing import Cells, csv_pieces, workbook
from leadscoring.errors import DomainError

# What stands before the columns of the file itself.
ABOUT = ("row", "column", "reason")
_WORKBOOK = ".xlsx"


def refused_rows(file: TableFile, refusals: Mapping[int, Refusal]) -> Iterator[Cells]:
    """The header and the refused rows of a file, in its order. Reads the file once more."""
    yield (*ABOUT, *file.header.names)
    for line in file.lines():
        refusal = refusals.get(line.number)
        if refusal is not None:
            yield (line.number, refusal.column, refusal.reason, *(typed(awake(cell)) for cell in line.cells))


def write_refused(path: Path, file: TableFile, refusals: Mapping[int, Refusal]) -> None:
    """Write the refused rows of a file: as a workbook where the path says .xlsx, else as CSV."""
    rows = refused_rows(file, refusals)
    if path.suffix == _WORKBOOK:
        with workbook(rows, title=file.sheet or path.stem) as made, path.open("wb") as out:
            shutil.copyfileobj(made, out)
        return
    # Bytes that were no text come out as they came in; a workbook had none.
    errors = "replace" if file.sheets else "surrogateescape"
    with path.open("w", encoding="utf-8", errors=errors, newline="") as out:
        out.writelines(csv_pieces(rows, delimiter=file.delimiter or ","))


def place_of(wanted: Path | None, source: Path, file: TableFile) -> Path:
    """Where the refused rows of a file go: where they are wanted, else next to it.

    Raises DomainError `refused.place` where no file can be written, and where it would be the file itself.
    """
    place = wanted or _beside(source, file)
    if place.exists() and place.samefile(source):
        raise DomainError("refused.place", f"{place} is the file itself: let the refused rows go elsewhere.")
    if place.is_dir() or not os.access(place if place.exists() else place.parent, os.W_OK):
        raise DomainError(
            "refused.place", f"{place} can't be written, where refused rows would go: let them go elsewhere."
        )
    return place


def _beside(source: Path, file: TableFile) -> Path:
    """Next to the file, or where that can't be written, here."""
    name = source.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".xlsx")
    folder = source.parent if os.access(source.parent, os.W_OK) else Path()
    return folder / f"{name}.refused{_WORKBOOK if file.sheets else '.csv'}"
