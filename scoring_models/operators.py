"""The operators of conditions: which kinds of attribute take them, and which values they take.

The one registry behind the editor's form, the text form, the engine, the docs and the tests. It imports no
Django: phrases are message ids, to be translated where they are shown.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from leads.text import normalise, words
from leadscoring.errors import DomainError
from scoring_models.spec import Kind, Op, Value, property_kind

# A century. Longer windows reach past what a timestamp can hold, and mean "for ever" anyway.
MOST_DAYS = 36_525
MOST_DIGITS = 300

_PLAIN_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)


def gettext_noop(message: str) -> str:
    """Mark a message for translation, as Django's function of that name does."""
    return message


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator. It takes from `fewest` to `most` values (None: any number, and then a named list too)."""

    op: Op
    phrase: str
    kinds: frozenset[Kind]
    fewest: int = 1
    most: int | None = 1

    @property
    def takes_list(self) -> bool:
        return self.most is None


_TEXT = frozenset({Kind.TEXT, Kind.CHOICE})
_NUMBER = frozenset({Kind.NUMBER})
_BOOLEAN = frozenset({Kind.BOOLEAN})
_DATE = frozenset({Kind.DATE})
_EVERY = frozenset(Kind)

OPERATORS: dict[Op, Operator] = {
    operator.op: operator
    for operator in (
        Operator(Op.IS, gettext_noop("is"), _TEXT | _NUMBER),
        Operator(Op.IS_NOT, gettext_noop("is not"), _TEXT | _NUMBER),
        Operator(Op.IS_ANY_OF, gettext_noop("is any of"), _TEXT, most=None),
        Operator(Op.IS_NONE_OF, gettext_noop("is none of"), _TEXT, most=None),
        Operator(Op.CONTAINS_ANY, gettext_noop("contains any of"), _TEXT, most=None),
        Operator(Op.AT_LEAST, gettext_noop("is at least"), _NUMBER | _DATE),
        Operator(Op.AT_MOST, gettext_noop("is at most"), _NUMBER | _DATE),
        Operator(Op.BETWEEN, gettext_noop("is between"), _NUMBER, fewest=2, most=2),
        Operator(Op.IS_TRUE, gettext_noop("is yes"), _BOOLEAN, fewest=0, most=0),
        Operator(Op.IS_FALSE, gettext_noop("is no"), _BOOLEAN, fewest=0, most=0),
        Operator(Op.WITHIN_DAYS, gettext_noop("is within the last days"), _DATE),
        Operator(Op.IS_SET, gettext_noop("is known"), _EVERY, fewest=0, most=0),
        Operator(Op.IS_NOT_SET, gettext_noop("is not known"), _EVERY, fewest=0, most=0),
    )
}


def operators_for(kind: Kind) -> tuple[Operator, ...]:
    """The operators that attributes of this kind take, in the order of a menu."""
    return tuple(operator for operator in OPERATORS.values() if kind in operator.kinds)


def property_operators() -> tuple[Operator, ...]:
    """The operators that signal properties take, in the order of a menu."""
    return tuple(operator for operator in OPERATORS.values() if property_kind(operator.op))


def check_number(operator: Operator, values: Sequence[object]) -> None:
    """Raise DomainError `wrong_number_of_values` where an operator takes fewer or more."""
    if len(values) < operator.fewest or (operator.most is not None and len(values) > operator.most):
        wanted = "at least one value" if operator.most is None else _count(operator.most)
        raise DomainError("wrong_number_of_values", f"“{operator.phrase}” takes {wanted}.")


def parse_value(kind: Kind, op: Op, given: object) -> Value:
    """One value of a condition. Raises DomainError `value_refused` with a sentence that names it."""
    if op is Op.WITHIN_DAYS:
        return _days(given)
    if kind is Kind.NUMBER:
        return plain_decimal(given)
    if kind is Kind.DATE:
        return moment(given)
    return _text(given, needs_word=op is Op.CONTAINS_ANY)


def plain_decimal(given: object) -> Decimal:
    """A number written with digits, a point and a sign, exactly as it is. Raises DomainError."""
    text = str(given).strip()
    if not _PLAIN_DECIMAL.fullmatch(text) or len(text) > MOST_DIGITS:
        raise DomainError("value_refused", f"“{given}” is not a number such as 70 or 2.5.")
    return Decimal(text)


def moment(given: object) -> datetime:
    """An ISO 8601 date or time in UTC: 00:00 where it has no time, UTC where it has no zone."""
    try:
        parsed = datetime.fromisoformat(str(given).strip())
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DomainError("value_refused", f"“{given}” is not a date such as 2026-11-30.") from None


def _days(given: object) -> Decimal:
    days = plain_decimal(given)
    if not 0 < days <= MOST_DAYS:
        raise DomainError("value_refused", f"{given} days: write more than 0 and at most {MOST_DAYS:,}.")
    return days


def _text(given: object, *, needs_word: bool) -> str:
    text = normalise(str(given))
    if text is None or (needs_word and not words(text)):
        raise DomainError("value_refused", f"“{given}” has no word that could be looked for.")
    return text


def _count(number: int) -> str:
    return {0: "no value", 1: "one value", 2: "two values"}[number]
