"""Reading a request's body: JSON, exactly, and nothing that Python reads beyond it."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser


class ExactJson(BaseParser):
    """Numbers with a point are decimals, so that no digit gets lost."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        return parse(stream.read())


def parse(raw: bytes) -> Any:
    """What a JSON text says. Raises ParseError, saying where it isn't JSON."""
    try:
        return json.loads(
            raw.decode("utf-8-sig"),
            parse_float=_number,
            parse_int=_whole,
            parse_constant=_refuse,
            object_pairs_hook=_once,
        )
    except UnicodeDecodeError:
        raise ParseError(_("The body isn't UTF-8 text.")) from None
    except RecursionError:
        raise ParseError(_("The JSON is nested too deeply.")) from None
    except ValueError as error:
        raise ParseError(_("The body isn't JSON: %(reason)s.") % {"reason": error}) from None


def _number(text: str) -> Decimal:
    """The number exactly; for one beyond all decimals the last of them, which every field refuses."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("1e-999999999999999999" if "e-" in text.lower() else "1e999999999999999999")


def _whole(digits: str) -> int | Decimal:
    """Python reads some thousand digits as a whole number; longer ones are JSON as well."""
    try:
        return int(digits)
    except ValueError:
        return Decimal(digits)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two values for one name nobody knows which is meant."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice in one object")
    return found
