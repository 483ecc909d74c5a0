"""Packed files, unpacked no further than a table would: what unpacks to far more was made to fill memory."""

import gzip
import io
from typing import IO, TYPE_CHECKING

from leadscoring.errors import DomainError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
# Tables pack 5 to 50 times; the most that the format can do is about 1,000 times.
MOST_TIMES = 250
MOST_BYTES = 1_000_000_000  # of a file, unpacked: which rows are about one lead must fit into memory
HARMLESS = 32 << 20  # bytes; below it nobody is hurt


def unpacked(file: IO[bytes]) -> IO[bytes]:
    """The bytes of a file from its beginning, unpacked where it is packed by gzip."""
    start = file.read(2)
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    if start != GZIP:
        return file
    return io.BufferedReader(
        _Bounded(gzip.GzipFile(fileobj=file), most=min(MOST_BYTES, max(HARMLESS, MOST_TIMES * size)))
    )


def too_large() -> DomainError:
    """What a file over the bound is refused with."""
    return DomainError(
        "file.large",
        f"The file has more than {MOST_BYTES // 10**6:,} MB (unpacked): split it, each part with the header,"
        " and import the parts one after the other.",
    )


class _Bounded(io.RawIOBase):
    """Bytes of a packed file. Raises DomainError once there are more than `most`."""

    def __init__(self, inner: gzip.GzipFile, *, most: int) -> None:
        self._inner = inner
        self._most = most
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        count = self._inner.readinto(buffer)
        self._seen += count
        if self._seen > MOST_BYTES:
            raise too_large()
        if self._seen > self._most:
            raise DomainError(
                "file.bomb",
                f"The file unpacks to more than {MOST_TIMES} times its size, which no table does:"
                " unpack it yourself, and import what comes out.",
            )
        return count
