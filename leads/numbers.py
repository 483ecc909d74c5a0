"""Numbers as people and programs write them, read exactly."""

import re
from decimal import Decimal, InvalidOperation

# In plain notation. Longer ones are keys or accidents, and would make a stored row huge.
MAX_DIGITS = 60

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
# Groups of three are told from decimals by a second separator; "1,234" alone can't be told.
_COMMA_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}((,\d{3}){2,}|(,\d{3})+\.\d+)", re.ASCII)
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}((\.\d{3}){2,}|(\.\d{3})+,\d+)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?(\d+,(\d{1,2}|\d{4,})|0+,\d+)", re.ASCII)


def parse_number(text: str) -> Decimal:
    """The exact number that a text says. Raises ValueError, saying why, where it says none or two."""
    text = text.strip()
    if _PLAIN.fullmatch(text):
        return checked_number(Decimal(text))
    if _COMMA_GROUPS.fullmatch(text):
        return checked_number(Decimal(text.replace(",", "")))
    if _DOT_GROUPS.fullmatch(text) or _DECIMAL_COMMA.fullmatch(text):
        return checked_number(Decimal(text.replace(".", "").replace(",", ".")))
    if re.fullmatch(r"[+-]?\d+,\d{3}", text, re.ASCII):
        raise ValueError("may mean thousands or decimals: write it without the comma, or with a point")
    raise ValueError("is not a number: write digits, with a point before decimals")


def checked_number(number: Decimal) -> Decimal:
    """The number, if it is finite and of a sane length. Raises ValueError."""
    if not number.is_finite():
        raise ValueError("is not a number: write digits, with a point before decimals")
    if len(plain(number)) > MAX_DIGITS:
        raise ValueError(f"has more than {MAX_DIGITS} digits: shorten it, or keep it in a text attribute")
    return number


def exact_number(value: int | float | Decimal) -> Decimal:
    """A program's number as the decimal that it prints. Raises ValueError as `parse_number` does."""
    try:
        return checked_number(Decimal(repr(value) if isinstance(value, float) else value))
    except InvalidOperation:  # pragma: no cover
        raise ValueError("is not a number") from None


def plain(number: Decimal) -> str:
    """The number without an exponent, every digit kept."""
    return format(number, "f")


def shortest(number: Decimal) -> str:
    """The number without exponent and without zeros that say nothing: one number, one text."""
    text = plain(number)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
