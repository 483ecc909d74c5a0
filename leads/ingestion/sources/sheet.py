"""The rows of a sheet, read from its XML as it comes: memory holds a piece of it and no more."""

from collections.abc import Callable, Iterator
from functools import partial

from leads.ingestion.sources.book import Book
from leads.ingestion.sources.shown import iso_text
from leads.ingestion.sources.table import Row
from leads.ingestion.sources.xml_part import read_part, tags
from leads.spreadsheets.xlsx_text import unescaped
from leadscoring.errors import DomainError

MOST_COLUMNS = 2_000
MOST_CELLS = 50_000_000
_TAGS = tags("row", "c", "v", "t", "rPh")
_DIGITS = "0123456789"
_MOST_LETTERS = 3  # of a column's name


def rows_of(book: Book, name: str) -> Iterator[Row]:
    """The rows of a sheet that aren't blank, numbered as the sheet does.

    Raises DomainError for a sheet that is too large, and whatever a damaged one makes its readers raise.
    """
    reader = _Rows(book, name)
    with book.open(book.parts[name]) as file:
        for _piece in read_part(file, reader):
            yield from reader.take()


class _Rows:
    """Gathers cells into rows."""

    def __init__(self, book: Book, name: str) -> None:
        self._book = book
        self._name = name
        self._ready: list[Row] = []
        self._number = 0
        self._cells: dict[int, str] = {}
        self._seen = 0
        self._place = 0  # of the cell in its row, from 1
        self._kind = ""
        self._style: str | None = None
        self._said = ""
        self._taking = False
        self._aside = False
        self._columns: dict[str, int] = {}
        self._texts: dict[str, Callable[[str], str]] = {
            "s": lambda said: book.texts[int(said)],
            "str": unescaped,
            "inlineStr": unescaped,
            "b": lambda said: "TRUE" if int(said) else "FALSE",
            "e": str,
        }

    def take(self) -> list[Row]:
        """The rows that were finished since this was asked last."""
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, attributes: dict[str, str]) -> None:
        match _TAGS.get(name):
            case "c":
                self._begin_cell(attributes)
            case "v" | "t":
                self._taking = not self._aside
            case "row":
                self._begin_row(attributes)
            case "rPh":
                self._aside = True

    def text(self, text: str) -> None:
        if self._taking:
            self._said += text

    def end(self, name: str) -> None:
        match _TAGS.get(name):
            case "v" | "t":
                self._taking = False
            case "c":
                if self._said:
                    self._end_cell(self._shown()(self._said))
            case "row":
                self._end_row()
            case "rPh":
                self._aside = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        number = int(attributes["r"]) if "r" in attributes else self._number + 1
        if number <= self._number:
            raise ValueError(f"row {number} comes after row {self._number}")
        self._number, self._place = number, 0
        self._cells = {}

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s")
        self._said = ""
        if "r" in attributes:
            letters = attributes["r"].rstrip(_DIGITS)
            self._place = self._columns.get(letters) or self._learn(letters)
        else:
            self._place += 1
        self._seen += 1
        if self._seen > MOST_CELLS:
            raise DomainError(
                "file.large", f"The sheet “{self._name}” has more than {MOST_CELLS:,} cells: save it as CSV."
            )

    def _shown(self) -> Callable[[str], str]:
        """What makes text of what the cell at hand says."""
        if self._kind == "n":
            return self._book.shown(self._style)
        if self._kind == "d":
            return partial(iso_text, number_format=self._book.format_of(self._style))
        return self._texts[self._kind]

    def _end_cell(self, text: str) -> None:
        if not text.strip():
            return
        if self._place > MOST_COLUMNS:
            raise DomainError(
                "file.large",
                f"Row {self._number} of the sheet “{self._name}” has {self._place:,} columns, and"
                f" {MOST_COLUMNS:,} are the most: take away those that nobody needs.",
            )
        self._cells[self._place] = text

    def _end_row(self) -> None:
        if self._cells:
            get = self._cells.get
            cells = tuple(get(place, "") for place in range(1, max(self._cells) + 1))
            self._ready.append(Row(self._number, cells))

    def _learn(self, letters: str) -> int:
        """The number of a column with this name, from 1. Raises ValueError."""
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - ord("A") + 1
        if not letters.isascii() or not letters.isupper() or len(letters) > _MOST_LETTERS:
            raise ValueError(f"there is no column “{letters[:9]}”")
        self._columns[letters] = place
        return place
