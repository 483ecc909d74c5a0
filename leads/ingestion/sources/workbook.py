"""What a workbook is looked at for before it is read: that it is one, whole, and made to be read.

A workbook is a zip archive of XML. What is checked here is what could fill memory or disk when it is read:
sizes as declared (Python reads no more than these, and refuses what doesn't match), how far parts unpack,
and how long a single row is.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

from leadscoring.errors import DomainError

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")

MOST_PARTS = 5_000
MOST_TIMES = 250  # how far a part may unpack; sheets of real tables do 5 to 50 times
HARMLESS = 8 << 20  # bytes; below it a part may unpack as far as it likes
MOST_OF_SHEETS = 2 << 30  # together: parts may share their packed bytes
MOST_OF_TEXTS = 128 << 20
MOST_OF_ANOTHER = 32 << 20
MOST_OF_A_ROW = 16 << 20
_PIECE = 1 << 20
# A formula without a stored result; one whose result is an empty text is stored as t="str".
_UNCOMPUTED = re.compile(
    rb'<c\b((?:(?!t="str")[^>])*)>\s*(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>'
)
_PLACE = re.compile(rb'r="([A-Z]{1,3}\d{1,7})"')


def check_workbook(path: Path) -> None:
    """Raises DomainError that says what the file is instead, or what is wrong with it, and what to do."""
    with telling_damage(), zipfile.ZipFile(path) as archive:
        _check_kind(archive)
        _check_sizes(archive)
        for part in archive.infolist():
            if _is_sheet(part.filename) or _is_texts(part.filename):
                with archive.open(part) as file:
                    _check_rows(file)


@contextmanager
def telling_damage() -> Iterator[None]:
    """Raises DomainError for whatever damage makes archive, XML and cells raise."""
    try:
        yield
    except DomainError:
        raise
    except Exception as error:  # None of their readers promises anything about damaged files.
        raise DomainError(
            "file.broken",
            f"The file is damaged ({str(error) or type(error).__name__}): save it anew, or get it again.",
        ) from error


def refuse_old(path: Path) -> NoReturn:
    """Refuse a file of the old Microsoft format, in which encrypted workbooks come as well."""
    with path.open("rb") as file:
        encrypted = any(_ENCRYPTED in piece for piece in _overlapping(file, len(_ENCRYPTED)))
    if encrypted:
        raise DomainError(
            "file.encrypted",
            "The workbook is protected by a password: open it, take the password away, and save it again.",
        )
    raise DomainError(
        "file.kind",
        "This is a document of the old Microsoft format (such as .xls): open it and save it as .xlsx or CSV.",
    )


def _check_kind(archive: zipfile.ZipFile) -> None:
    names = {part.filename.lower() for part in archive.infolist()}
    if "mimetype" in names:
        raise DomainError(
            "file.kind", "This is an OpenDocument file (such as .ods): save it as .xlsx or as CSV."
        )
    if any(name.endswith(("vbaproject.bin", ".xlm")) or "/macrosheets/" in name for name in names):
        raise DomainError(
            "file.macros", "The workbook has macros: save it as .xlsx, which has none, or as CSV."
        )
    if "xl/workbook.bin" in names:
        raise DomainError("file.kind", "This is a binary workbook (.xlsb): save it as .xlsx or as CSV.")
    if "xl/workbook.xml" not in names:
        raise DomainError(
            "file.kind",
            "This is an archive, and no workbook: unpack it and import the file inside, as CSV or .xlsx.",
        )


def _check_sizes(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    if len(parts) > MOST_PARTS:
        raise _too_much(f"It has {len(parts):,} parts, and {MOST_PARTS:,} are the most.")
    sheets = sum(part.file_size for part in parts if _is_sheet(part.filename))
    if sheets > MOST_OF_SHEETS:
        raise _too_much(f"Its sheets unpack to {sheets:,} bytes together.")
    for part in parts:
        if part.flag_bits & 1:
            raise DomainError(
                "file.encrypted",
                "The workbook is encrypted: open it, take the password away, and save it again.",
            )
        if part.file_size > HARMLESS and part.file_size > MOST_TIMES * max(part.compress_size, 1):
            raise _too_much(f"{part.filename} unpacks to more than {MOST_TIMES} times its size.")
        if part.filename.endswith((".xml", ".rels")) and part.file_size > _most(part.filename):
            raise _too_much(f"{part.filename} unpacks to {part.file_size:,} bytes.")


def _most(name: str) -> int:
    if _is_sheet(name):
        return MOST_OF_SHEETS
    return MOST_OF_TEXTS if _is_texts(name) else MOST_OF_ANOTHER


def _is_sheet(name: str) -> bool:
    return name.lower().startswith("xl/worksheets/") and name.endswith(".xml")


def _is_texts(name: str) -> bool:
    return name.lower() == "xl/sharedstrings.xml"


def _check_rows(file: IO[bytes]) -> None:
    """That no row or text is so long that it fills memory, and that formulas have results."""
    read = closed = 0
    for piece in _overlapping(file, 2_000):
        read += len(piece)
        last = max(piece.rfind(b"row>"), piece.rfind(b"si>"))
        if last >= 0:
            closed = read - len(piece) + last
        if read - closed > MOST_OF_A_ROW:
            raise _too_much(f"A row is longer than {MOST_OF_A_ROW:,} bytes.")
        if b"<f" in piece and (cell := _UNCOMPUTED.search(piece)):
            place = _PLACE.search(cell[1])
            raise DomainError(
                "file.formula",
                f"The result of the formula in cell {place[1].decode() if place else '?'} isn't stored: open"
                " the workbook in a spreadsheet and save it, or save it as CSV.",
            )


def _overlapping(file: IO[bytes], overlap: int) -> Iterator[bytes]:
    """The file in pieces, each beginning with the end of the one before."""
    before = b""
    while piece := file.read(_PIECE):
        yield before + piece
        before = piece[-overlap:]


def _too_much(why: str) -> DomainError:
    return DomainError(
        "file.bomb", f"The workbook is too large to read. {why} Save the sheet as CSV and import that."
    )
