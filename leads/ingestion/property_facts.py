"""A signal's properties as rules compare them, made once, when they are written."""

import json
from collections.abc import Mapping
from decimal import Decimal

from leads.numbers import exact_number, shortest
from leads.remembered import remembered
from leads.text import normalise, words

Facts = dict[str, list[str]]


def facts_of(properties: Mapping[str, object]) -> Facts | None:
    """By name the normal form of each value, and its word form where that differs; None for no value.

    Every value is compared as a text: a number as the shortest plain decimal, yes and no as `true` and
    `false`. Lists and mappings are not compared.
    """
    facts = {name: _forms(text) for name, value in properties.items() if (text := _text(value)) is not None}
    return facts or None


def facts_json(properties: Mapping[str, object]) -> str | None:
    """The same as the text that the database stores."""
    facts = facts_of(properties)
    return None if facts is None else json.dumps(facts, ensure_ascii=False)


def _text(value: object) -> str | None:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float() | Decimal():
            return _number(value)
        case str():
            return normalise(value)
        case _:
            return None


def _number(value: int | float | Decimal) -> str | None:
    try:
        return shortest(exact_number(value))
    except ValueError:
        return None


@remembered
def _forms(text: str) -> list[str]:
    form = words(text)
    return [text] if form == text else [text, form]
