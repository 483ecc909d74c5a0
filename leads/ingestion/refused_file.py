"""The file of refused rows: each as it was, with where it stood, the column and the reason."""

import csv
import os
from collections.abc import Mapping
from pathlib import Path

from leads.ingestion.rows import Refusal
from leads.ingestion.sources.table import TableFile


def write_refused(path: Path, file: TableFile, refusals: Mapping[int, Refusal]) -> None:
    """Write the refused rows of a file, in its order. Reads the file once more."""
    # Bytes that were no text come out as they came in.
    with path.open("w", encoding="utf-8", errors="surrogateescape", newline="") as out:
        writer = csv.writer(out, delimiter=file.delimiter or ",")
        writer.writerow(("row", "column", "reason", *file.header.names))
        for line in file.lines():
            refusal = refusals.get(line.number)
            if refusal is not None:
                writer.writerow((line.number, refusal.column, refusal.reason, *line.cells))


def place_for(source: Path) -> Path:
    """Where the refused rows of a file go: next to it, or where that can't be written, here."""
    name = source.name.removesuffix(".gz").removesuffix(".csv").removesuffix(".xlsx")
    folder = source.parent if os.access(source.parent, os.W_OK) else Path()
    return folder / f"{name}.refused.csv"
