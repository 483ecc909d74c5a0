"""Texts that the cells of a workbook share, packed: they take little more memory than their letters."""

from array import array
from collections.abc import Callable
from typing import IO

from leads.ingestion.sources.xml_part import read_part, tags
from leads.spreadsheets.xlsx_text import unescaped

_TAGS = tags("si", "t", "rPh")
_END = object()


class Texts:
    """The texts of the part that holds them, by their places; read no further than to the last one asked for.

    Raises IndexError for a place where none is, and what a damaged part makes its reader raise.
    """

    def __init__(self, file: IO[bytes] | None = None) -> None:
        self._letters = bytearray()
        self._ends = array("Q", [0])
        self._more = iter(()) if file is None else read_part(file, _Reader(self.add))

    def add(self, text: str) -> None:
        self._letters += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))

    def __getitem__(self, place: int) -> str:
        if place < 0:
            raise IndexError(place)
        while place + 1 >= len(self._ends):
            if next(self._more, _END) is _END:
                raise IndexError(place)
        letters = self._letters[self._ends[place] : self._ends[place + 1]]
        return letters.decode("utf-8", "surrogatepass")


class _Reader:
    """Puts the runs of each text together, without what says how it is pronounced."""

    def __init__(self, add: Callable[[str], None]) -> None:
        self._add = add
        self._said = ""
        self._taking = False
        self._aside = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _TAGS.get(name):
            case "t":
                self._taking = not self._aside
            case "si":
                self._said = ""
            case "rPh":
                self._aside = True

    def text(self, text: str) -> None:
        if self._taking:
            self._said += text

    def end(self, name: str) -> None:
        match _TAGS.get(name):
            case "t":
                self._taking = False
            case "si":
                self._add(unescaped(self._said))
            case "rPh":
                self._aside = False
