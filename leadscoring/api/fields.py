"""Fields that take what JSON says and nothing like it: "1" is no number, 1 is no text, 1 is no yes."""

import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DIGITS = re.compile(r"-?\d{1,18}", re.ASCII)
_IDS = re.compile(r"[1-9]\d{0,17}(,[1-9]\d{0,17})*", re.ASCII)
GREATEST_ID = 10**18 - 1
MOST_DEEP = 8
NO_NUL = RegexValidator(r"^[^\x00]*$", _("A text can't hold a NUL character."))


class Text(serializers.CharField):
    """A text as it is given, white space included."""

    default_error_messages = {"no_text": _("Write a text in quotes.")}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        least = {} if options.get("allow_blank") else {"min_length": 1}
        super().__init__(**{"trim_whitespace": False, "max_length": 2_000, **least, **options})
        self.validators.append(NO_NUL)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("no_text")
        return super().to_internal_value(data)


class LongText(serializers.CharField):
    """A text of any length that a body may have, to be read by whoever knows its form."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, **options)
        self.validators = []

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data


@extend_schema_field({"type": "string", "format": "binary"})
class File(serializers.FileField):
    """A file of a form, empty or not: whoever reads it says what is wrong with it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=None, allow_empty_file=True, **options)


class Whole(serializers.IntegerField):
    """A whole number of a body."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, Decimal) and data.adjusted() < 18 and data == int(data):
            return int(data)
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class Id(Whole):
    """What something is called in addresses."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": GREATEST_ID, **options})


class Digits(serializers.IntegerField):
    """A whole number of an address's query."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, str) or not _DIGITS.fullmatch(data):
            self.fail("invalid")
        return int(data)


@extend_schema_field(
    {"type": "string", "pattern": "^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17})*$", "maxLength": 9500}
)
class Ids(serializers.Field[tuple[int, ...], str, Any, Any]):
    """Ids of an address's query, with commas between them; each once, in their order."""

    default_error_messages = {"invalid": _("Write ids with commas between them.")}  # noqa: RUF012

    def to_internal_value(self, data: Any) -> tuple[int, ...]:
        if not isinstance(data, str) or len(data) > 9_500 or not _IDS.fullmatch(data):
            self.fail("invalid")
        return tuple(dict.fromkeys(map(int, data.split(","))))


class YesNo(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Moment(serializers.DateTimeField):
    """An instant as RFC 3339 writes it, with its zone."""

    default_error_messages = {"no_moment": _("Write an instant such as 2026-03-15T14:30:00Z.")}  # noqa: RUF012

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str) or not _MOMENT.fullmatch(value):
            self.fail("no_moment")
        try:
            return datetime.fromisoformat(_micro(value.upper())).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("no_moment")


@extend_schema_field({})
class Anything(serializers.Field[Any, Any, Any, Any]):
    """What will be looked at by itself, null included."""

    def run_validation(self, data: Any = None) -> Any:
        return data


@extend_schema_field({})
class Part(serializers.Field[Any, Any, Any, Any]):
    """Whatever JSON says, null included, to be read by whoever knows its form; numbers stay exact."""

    default_error_messages = {  # noqa: RUF012
        "nul": _("It holds a NUL character or half of a surrogate pair: remove it."),
        "number": _("It holds a number that is too large."),
        "deep": _("It is nested too deeply."),
    }

    def run_validation(self, data: Any = empty) -> Any:
        # Null is as good as any; said as such, it would be described as one of two things that it both is.
        return self.to_internal_value(data) if data is None else super().run_validation(data)

    def to_internal_value(self, data: Any) -> Any:
        try:
            _plain(data, MOST_DEEP)
        except _Unusable as fault:
            self.fail(fault.code)
        return data


@extend_schema_field({"type": "object", "additionalProperties": True})
class Properties(serializers.Field[dict[str, Any], dict[str, Any], dict[str, Any], Any]):
    """An object of anything, small and shallow enough to be kept with a signal."""

    default_error_messages = {  # noqa: RUF012
        "no_object": _("Write an object, in braces."),
        "nul": _("It holds a NUL character or half of a surrogate pair: remove it."),
        "number": _("It holds a number that is too large."),
        "deep": _("It is nested too deeply."),
        "large": _("It is larger than 32 kB."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            self.fail("no_object")
        try:
            plain: dict[str, Any] = _plain(data, MOST_DEEP)
        except _Unusable as fault:
            self.fail(fault.code)
        if len(json.dumps(plain)) > 32_768:
            self.fail("large")
        return plain

    def to_representation(self, value: dict[str, Any]) -> dict[str, Any]:
        return value


class _Unusable(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _storable(text: str) -> bool:
    """Whether the database can hold a text."""
    return "\0" not in text and (text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text))


def _plain(value: Any, depth: int) -> Any:
    """The same with numbers as the database's JSON has them. Raises _Unusable."""
    match value:
        case dict() | list() if depth == 0:
            raise _Unusable("deep")
        case dict():
            return {_plain(name, 0): _plain(inner, depth - 1) for name, inner in value.items()}
        case list():
            return [_plain(inner, depth - 1) for inner in value]
        case str() if not _storable(value):
            raise _Unusable("nul")
        case Decimal():
            return _float(value)
        case int() if not isinstance(value, bool) and abs(value) >= 10**60:
            raise _Unusable("number")
    return value


def _float(value: Decimal) -> float:
    number = float(value)
    if not isfinite(number):
        raise _Unusable("number")
    return number


def _micro(text: str) -> str:
    """The text with at most six digits of a second's fraction, which is as fine as moments are kept."""
    return re.sub(r"(\.\d{6})\d+", r"\1", text)
