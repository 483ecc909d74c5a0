"""The one normal form of text, made in Python when a text is written or frozen; SQL compares bytes.

Source: `docs/scoring.md`, section 2.
"""

import re
import unicodedata

_SPACE = re.compile(r"\s+")
MOST_QUOTED = 60


def normalise(text: str) -> str | None:
    """NFKC, casefold, NFC, runs of white space to one space, stripped; None where nothing is left."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return _SPACE.sub(" ", folded).strip() or None


def words(normal: str) -> str:
    """The words of a normalised text, joined by single spaces; empty where it has none.

    A word is a maximal run of letters, marks, digits, `_`, `+` and `#`.
    """
    return " ".join("".join(c if _in_word(c) else " " for c in normal).split())


def printable(text: str) -> str:
    """The text on one line, with a sign in place of each character that can't be shown."""
    return "".join(c if c.isprintable() else "�" for c in " ".join(text.split()))


def quoted(text: str) -> str:
    """A value as a message quotes it: one line, not long, printable."""
    line = " ".join(text.split())
    return printable(line if len(line) <= MOST_QUOTED else line[: MOST_QUOTED - 3] + "…")


def _in_word(character: str) -> bool:
    category = unicodedata.category(character)
    return character in "_+#" or category[0] in "LM" or category == "Nd"
