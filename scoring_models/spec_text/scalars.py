"""Reading single values of a version's data. Each reader raises Refused with what to write instead."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import TypeVar

from scoring_models.spec_text.problems import Refused, instead

T = TypeVar("T")
KEY = re.compile(r"[a-z][a-z0-9_-]{0,59}")
CLIP_LINES = ("floor", "ceiling", "cap")


def integer(low: int, high: int) -> Callable[[object], int]:
    """A reader of whole numbers from `low` to `high`."""

    def read(value: object) -> int:
        if isinstance(value, str) and re.fullmatch(r"\+[0-9]{1,9}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise Refused(f"“{value}” is not a whole number.")
        if not low <= value <= high:
            raise Refused(f"{value} is not between {low:,} and {high:,}.")
        return value

    return read


def points(value: object) -> int:
    number = integer(-10_000, 10_000)(value)
    if number == 0:
        raise Refused("A rule of 0 points does nothing. Give it points, or turn it off.")
    return number


def boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise Refused(f"“{value}” is neither true nor false.")
    return value


def text(longest: int) -> Callable[[object], str]:
    """A reader of text of at most `longest` characters. Numbers are taken as they are written."""

    def read(value: object) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise Refused("Write a text here; put it in quotes if need be.")
        written = str(value).strip()
        if not written:
            raise Refused("This is empty.")
        if len(written) > longest:
            raise Refused(f"This has {len(written)} characters; at most {longest} fit.")
        if "\0" in written:
            raise Refused("This has a NUL character. Remove it.")
        if any("\ud800" <= character <= "\udfff" for character in written):
            raise Refused("This has half a character (\\ud800 to \\udfff). Remove it.")
        return written

    return read


def key(value: object) -> str:
    written = text(200)(value)
    if written in CLIP_LINES or written.startswith(tuple(f"{line}:" for line in CLIP_LINES)):
        raise Refused(
            f"“{written}” is what the line of a cap, floor or ceiling is called. Choose another key."
        )
    if not KEY.fullmatch(written):
        raise Refused(
            f"“{written}” is no key. Use small letters, digits, - and _, a letter first, at most 60."
        )
    return written


def one_of(choices: Iterable[str]) -> Callable[[object], str]:
    """A reader of one of some words."""
    names = tuple(choices)

    def read(value: object) -> str:
        if value not in names:
            raise Refused(f"“{value}” is unknown. {instead(str(value), names)}".rstrip())
        return str(value)

    return read


def list_of(read_item: Callable[[object], T]) -> Callable[[object], tuple[T, ...]]:
    """A reader of a list; a single value stands for a list of one."""

    def read(value: object) -> tuple[T, ...]:
        items = value if isinstance(value, list) else [value]
        result = []
        for index, item in enumerate(items):
            try:
                result.append(read_item(item))
            except Refused as problem:
                raise Refused(str(problem), index, *problem.key) from problem
        return tuple(result)

    return read
