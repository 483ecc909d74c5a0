"""Cells that no spreadsheet runs, and back: what an export made inert, an import takes for what it was."""

import re
from decimal import Decimal

# What spreadsheets take for the beginning of a formula, after spaces.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A number that a spreadsheet gives back as it was written: no zeros that say nothing.
_NUMBER = re.compile(r"(?!-0$)-?(0|[1-9]\d*)(\.\d*[1-9])?", re.ASCII)
_MOST_DIGITS = 15


def inert(value: object) -> str:
    """The value as text that no spreadsheet runs: what looks like a formula gets an apostrophe in front.

    So does what an apostrophe stands before already, so that `awake` gives back every text.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if _runs(text.lstrip("'")) else text


def awake(text: str) -> str:
    """The text that `inert` made this of; others as they are."""
    return text[1:] if text.startswith("'") and _runs(text.lstrip("'")) else text


def typed(text: str | None) -> Decimal | str | None:
    """A text that says a number, as a number, where a spreadsheet gives back the same text; else the text."""
    if text is None or not _NUMBER.fullmatch(text):
        return text
    return Decimal(text) if sum(map(str.isdigit, text)) <= _MOST_DIGITS else text


def _runs(text: str) -> bool:
    return text.lstrip(" ").startswith(FORMULA_STARTS)
