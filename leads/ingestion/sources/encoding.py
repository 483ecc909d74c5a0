"""Telling the encoding of a file: by its mark, by what is valid, and only then by a guess that is told."""

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass

from charset_normalizer import from_bytes

from leadscoring.errors import DomainError

# The longer marks first: that of UTF-32-LE begins like that of UTF-16-LE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_ASCII = re.compile(rb"[\x80-\xff]")
_ODD = re.compile(r"(?<=[^\W\d_])[¡-©«¬®-´¶¸¹»-¿](?=[^\W\d_])|(?<=[a-zß-öø-ÿ])[À-ÖØ-ÞŒŠŸŽ]")
# What spreadsheets outside of Unicode write. A guess among all encodings there are finds odd ones.
_LIKELY = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("mac_roman", "koi8_r", "shift_jis", "gb18030", "big5", "euc_kr"),
)
ENOUGH_TO_GUESS = 40  # bytes that aren't ASCII; below it, only Western European is likely enough
SAMPLE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Encoding:
    """`guessed` where the file could be read in another encoding as well."""

    name: str
    guessed: bool = False

    @property
    def errors(self) -> str:
        """How to decode: bytes that are no text become lone surrogates, by which their rows are found."""
        return "strict" if self.name.startswith(("utf-16", "utf-32")) else "surrogateescape"


def detect(pieces: Iterable[bytes]) -> Encoding:
    """The encoding of a file that comes in pieces, all of which are read. Raises DomainError."""
    seen = _Seen()
    for piece in pieces:
        seen.add(piece)
    seen.add(b"", final=True)
    for mark, name in _MARKS:
        if seen.start.startswith(mark):
            return Encoding(name)
    if wide := _wide(seen.start):
        return Encoding(wide)
    if seen.is_utf8 or seen.good > seen.bad:
        return Encoding("utf-8")  # With a few bad bytes it still is: the rows that hold them are refused.
    return Encoding(_guess(b"\n".join(seen.lines)), guessed=True)


class _Seen:
    """What was seen of a file: its start, whether it is UTF-8, and lines that show which else it could be."""

    def __init__(self) -> None:
        self.start = b""
        self.is_utf8 = True
        self.good = 0
        self.bad = 0
        self.lines: list[bytes] = []
        self._size = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def add(self, piece: bytes, *, final: bool = False) -> None:
        if len(self.start) < SAMPLE:
            self.start += piece[:SAMPLE]
        if self.is_utf8:
            try:
                self._decoder.decode(piece, final)
            except UnicodeDecodeError:
                self.is_utf8 = False
        if piece.isascii():
            return
        sequences = _UTF8_SEQUENCE.findall(piece)
        self.good += len(sequences)
        self.bad += len(_NOT_ASCII.findall(piece)) - sum(map(len, sequences))
        if self._size < SAMPLE:
            self._keep(piece)

    def _keep(self, piece: bytes) -> None:
        lines = [line for line in piece.splitlines() if not line.isascii()]
        self.lines += lines
        self._size += sum(map(len, lines))


def _wide(start: bytes) -> str | None:
    """UTF-16 without a mark shows in the zero bytes of every other place."""
    pairs = len(start) // 2
    if pairs == 0:
        return None
    even, odd = start[0 : 2 * pairs : 2].count(0), start[1 : 2 * pairs : 2].count(0)
    if odd > 0.3 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if even > 0.3 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def _guess(sample: bytes) -> str:
    name = "cp1252"
    if len(_NOT_ASCII.findall(sample)) >= ENOUGH_TO_GUESS:
        best = from_bytes(sample, cp_isolation=list(_LIKELY)).best()
        name = best.encoding if best else name
    try:
        text = sample.decode(name)
    except UnicodeDecodeError:
        text = ""
    if not text or _is_odd(text):
        raise DomainError(
            "file.encoding",
            "The file is no UTF-8, and its encoding can't be told: save it as UTF-8, or name the"
            " encoding (such as cp1252, cp1250 or mac_roman).",
        )
    return name


def _is_odd(text: str) -> bool:
    """Whether a decoded text has what no language has: signs inside words, capitals after small letters."""
    return 10 * len(_ODD.findall(text)) > sum(not character.isascii() for character in text)
