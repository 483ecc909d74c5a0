"""What a workbook says of its sheets: names and parts, how numbers look, texts that cells share."""

import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from posixpath import join, normpath
from typing import IO

from openpyxl.styles.numbers import BUILTIN_FORMATS
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from leads.ingestion.sources.shown import Shown, plain, shown_as
from leads.ingestion.sources.texts import Texts
from leads.ingestion.sources.xml_part import local, read_part

_GENERAL = "General"


@dataclass(slots=True)
class _Found:
    """What was read of the small parts."""

    sheets: list[tuple[str, str]] = field(default_factory=list)  # name and id
    from_1904: bool = False
    parts: dict[str, str] = field(default_factory=dict)  # of sheets, by id
    named_formats: dict[int, str] = field(default_factory=dict)
    styles: list[int] = field(default_factory=list)  # the number of each style's format


class Book:
    """An open workbook. Raises KeyError and ValueError for what isn't as it must be."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._opened = ExitStack()
        self._names = {_plain_name(name): name for name in archive.namelist()}
        found = _Found()
        self._read("xl/workbook.xml", _Elements({"sheet": _sheet, "workbookPr": _epoch}, found))
        self._read("xl/_rels/workbook.xml.rels", _Elements({"Relationship": _part}, found))
        self._read("xl/styles.xml", _Elements({"numFmt": _format, "xf": _style}, found, within="cellXfs"))
        self.parts = {name: found.parts[key] for name, key in found.sheets if key in found.parts}
        epoch = MAC_EPOCH if found.from_1904 else WINDOWS_EPOCH
        self.formats = [_format_of(number, found) for number in found.styles]
        self._shown = [shown_as(text, epoch) for text in self.formats]

    @cached_property
    def texts(self) -> Texts:
        part = "xl/sharedstrings.xml"
        return Texts(self._opened.enter_context(self.open(part)) if part in self._names else None)

    def close(self) -> None:
        """Read no more texts."""
        self._opened.close()

    def open(self, part: str) -> IO[bytes]:
        """A part by its name, whatever its case."""
        return self._archive.open(self._names[_plain_name(part)])

    def shown(self, style: str | None) -> Shown:
        """What makes text of the numbers of a style."""
        return plain if style is None or not self._shown else self._shown[int(style)]

    def format_of(self, style: str | None) -> str:
        return _GENERAL if style is None or not self.formats else self.formats[int(style)]

    def _read(self, part: str, reader: "_Elements") -> None:
        if part in self._names:
            with self.open(part) as file:
                for _piece in read_part(file, reader):
                    pass


class _Elements:
    """Tells each element of some names to who wants it; `xf` only `within` another."""

    def __init__(
        self, wanted: dict[str, Callable[[_Found, dict[str, str]], None]], found: _Found, within: str = ""
    ) -> None:
        self._wanted = wanted
        self._found = found
        self._within = within
        self._inside = not within

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = local(name)
        self._inside = self._inside or name == self._within
        if name in self._wanted and (self._inside or name != "xf"):
            self._wanted[name](self._found, {local(key): value for key, value in attributes.items()})

    def end(self, name: str) -> None:
        if local(name) == self._within:
            self._inside = False

    def text(self, text: str) -> None:
        """None of it matters."""


def _sheet(found: _Found, attributes: dict[str, str]) -> None:
    found.sheets.append((attributes["name"], attributes["id"]))


def _epoch(found: _Found, attributes: dict[str, str]) -> None:
    found.from_1904 = attributes.get("date1904") in ("1", "true")


def _part(found: _Found, attributes: dict[str, str]) -> None:
    if attributes["Type"].endswith("/worksheet"):
        target = attributes["Target"].replace("\\", "/")
        found.parts[attributes["Id"]] = normpath(join("/xl", target))


def _format(found: _Found, attributes: dict[str, str]) -> None:
    found.named_formats[int(attributes["numFmtId"])] = attributes["formatCode"]


def _style(found: _Found, attributes: dict[str, str]) -> None:
    found.styles.append(int(attributes.get("numFmtId", 0)))


def _format_of(number: int, found: _Found) -> str:
    return found.named_formats.get(number) or BUILTIN_FORMATS.get(number, _GENERAL)


def _plain_name(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
