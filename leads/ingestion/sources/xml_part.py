"""Reading a part of a workbook as XML that comes piece by piece, without declarations that could expand."""

from collections.abc import Iterator
from typing import IO, Protocol
from xml.parsers import expat

_PIECE = 1 << 16
# The same elements have the second name where a workbook is written as "Strict Open XML".
_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)


class Reader(Protocol):
    """Hears of elements and texts, in order."""

    def start(self, name: str, attributes: dict[str, str]) -> None: ...
    def end(self, name: str) -> None: ...
    def text(self, text: str) -> None: ...


def tags(*names: str) -> dict[str, str]:
    """These elements of spreadsheets by the names that a reader hears."""
    return {f"{space} {name}": name for space in _SPACES for name in names}


def local(name: str) -> str:
    """A name without what says whose it is."""
    return name.rpartition(" ")[2]


def read_part(file: IO[bytes], reader: Reader) -> Iterator[None]:
    """Tell the reader what is in a part, with a break after each piece. Raises ExpatError, ValueError."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    while piece := file.read(_PIECE):
        parser.Parse(piece)
        yield
    parser.Parse(b"", True)
    yield


def _refuse_declarations(name: str, *_rest: object) -> None:
    raise ValueError(f"it declares a document type, “{name}”")
