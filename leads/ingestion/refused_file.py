"""The file of refused rows: each as it was, with where it stood, the column and the reason."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from leads.ingestion.rows import Refusal
from leads.ingestion.sources.csv_file import Line


class RefusedFile:
    """Written only if there is something to write. `count` is the number of rows in it so far."""

    def __init__(self, path: Path, header: Sequence[str]) -> None:
        self.path = path
        self.count = 0
        self._header = header
        self._waiting: list[tuple[Line, Refusal]] = []
        self._file: IO[str] | None = None
        self._writer: Any = None

    def __enter__(self) -> "RefusedFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()

    def add(self, line: Line, refusal: Refusal) -> None:
        """Take in a row; it is written at the next `flush`, in the order of the lines."""
        self._waiting.append((line, refusal))
        self.count += 1

    def flush(self) -> None:
        for line, refusal in sorted(self._waiting, key=lambda one: one[0].number):
            self._open().writerow((line.number, refusal.column, refusal.reason, *line.cells))
        self._waiting.clear()

    def _open(self) -> Any:
        if self._file is None:
            # Bytes that were no text come out as they came in.
            self._file = self.path.open("w", encoding="utf-8", errors="surrogateescape", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(("row", "column", "reason", *self._header))
        return self._writer


def place_for(source: Path) -> Path:
    """Where the refused rows of a file go: next to it, or where that can't be written, here."""
    name = source.name.removesuffix(".gz").removesuffix(".csv")
    folder = source.parent if os.access(source.parent, os.W_OK) else Path()
    return folder / f"{name}.refused.csv"
