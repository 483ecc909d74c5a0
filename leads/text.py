"""The one normal form of text, made in Python when a text is written or frozen; SQL compares bytes.

Source: `docs/scoring.md`, section "Text".
"""

import re
import unicodedata

_SPACE = re.compile(r"\s+")


def normalise(text: str) -> str | None:
    """NFKC, casefold, NFC, runs of white space to one space, stripped; None where nothing is left."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return _SPACE.sub(" ", folded).strip() or None


def words(normal: str) -> str:
    """The words of a normalised text, joined by single spaces; empty where it has none.

    A word is a maximal run of letters, marks, digits, `_`, `+` and `#`.
    """
    return " ".join("".join(c if _in_word(c) else " " for c in normal).split())


def _in_word(character: str) -> bool:
    category = unicodedata.category(character)
    return character in "_+#" or category[0] in "LM" or category == "Nd"
