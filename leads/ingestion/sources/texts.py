"""Texts that the cells of a workbook share, packed: they take little more memory than their letters."""

from array import array
from collections.abc import Iterable
from typing import IO

from leads.ingestion.sources.xml_part import read_part, tags
from leads.spreadsheets.xlsx_text import unescaped

_TAGS = tags("si", "t", "rPh")


class Texts:
    """Texts by their places."""

    def __init__(self) -> None:
        self._letters = bytearray()
        self._ends = array("Q", [0])

    def add(self, text: str) -> None:
        self._letters += text.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._letters))

    def __getitem__(self, place: int) -> str:
        if place < 0:
            raise IndexError(place)
        letters = self._letters[self._ends[place] : self._ends[place + 1]]
        return letters.decode("utf-8", "surrogatepass")


def read_texts(file: IO[bytes]) -> Texts:
    """All shared texts of a workbook, from the part that holds them."""
    reader = _Reader()
    _exhaust(read_part(file, reader))
    return reader.texts


def _exhaust(items: Iterable[None]) -> None:
    for _item in items:
        pass


class _Reader:
    """Puts the runs of each text together, without what says how it is pronounced."""

    def __init__(self) -> None:
        self.texts = Texts()
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
                self.texts.add(unescaped(self._said))
            case "rPh":
                self._aside = False
