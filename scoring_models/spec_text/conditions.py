"""Reading conditions: what an attribute or a signal's property is compared with."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from leads.text import normalise
from leadscoring.errors import DomainError
from scoring_models.operators import (
    OPERATORS,
    check_number,
    operators_for,
    parse_value,
    property_operators,
)
from scoring_models.spec import AttributeCondition, Kind, Op, PropertyCondition, Value, property_kind
from scoring_models.spec_text import scalars
from scoring_models.spec_text.problems import Refused, instead
from scoring_models.spec_text.section import Section
from scoring_models.vocabulary import AttributeWord, Vocabulary

Lists = Mapping[str, tuple[str, ...]]
ATTRIBUTE_KEYS = ("field", "op", "value", "list")
PROPERTY_KEYS = ("property", "op", "value", "list")
TEXTS = (Kind.TEXT, Kind.CHOICE)


def attribute(section: Section, vocabulary: Vocabulary, lists: Lists) -> AttributeCondition | None:
    """The attribute condition in `section`, or None where it has problems (which are noted)."""
    key = section.required("field", known_attribute(vocabulary), "")
    if not key:
        return None
    word = vocabulary.attributes[key]
    op = section.required("op", _operator_for(word), None)
    if op is None:
        return None
    return _compared(section, key, word, op, lists)


def attributes(
    section: Section, key: str, vocabulary: Vocabulary, lists: Lists
) -> tuple[AttributeCondition, ...]:
    """The attribute conditions in the list at `key` of `section`."""
    found = [attribute(part, vocabulary, lists) for part in section.parts(key, ATTRIBUTE_KEYS)]
    return tuple(condition for condition in found if condition is not None)


def properties(section: Section, lists: Lists) -> tuple[PropertyCondition, ...]:
    """The conditions on a signal's properties in the list `where` of `section`."""
    found = [_property(part, lists) for part in section.parts("where", PROPERTY_KEYS)]
    return tuple(condition for condition in found if condition is not None)


def _property(section: Section, lists: Lists) -> PropertyCondition | None:
    name = section.required("property", scalars.text(60), "")
    op = section.required("op", _property_operator, None)
    kind = property_kind(op) if op else None
    if not name or op is None or kind is None:
        return None
    condition = _compared(section, name, AttributeWord(name, kind), op, lists)
    if condition is None:
        return None
    values: tuple[str | Decimal, ...] = condition.values  # type: ignore[assignment]
    return PropertyCondition(name, op, values, condition.list_name, condition.given)


def _property_operator(value: object) -> Op:
    known = [str(operator.op) for operator in property_operators()]
    if value not in known:
        raise Refused(f"“{value}” doesn't suit a property. {_all(known)}")
    return Op(str(value))


def known_attribute(vocabulary: Vocabulary) -> Callable[[object], str]:
    """A reader of an attribute's key, which must be known."""

    def read(value: object) -> str:
        if value not in vocabulary.attributes:
            hint = instead(str(value), vocabulary.attributes)
            raise Refused(f"There is no attribute “{value}”. {hint or 'Define it first.'}")
        return str(value)

    return read


def _operator_for(word: AttributeWord) -> Callable[[object], Op | None]:
    def read(value: object) -> Op:
        known = [str(operator.op) for operator in operators_for(word.kind)]
        if value not in known:
            raise Refused(f"“{value}” doesn't suit {word.label} (a {word.kind}). {_all(known)}")
        return Op(str(value))

    return read


def _all(names: Iterable[str]) -> str:
    return f"Use one of {', '.join(names)}."


def _compared(
    section: Section, key: str, word: AttributeWord, op: Op, lists: Lists
) -> AttributeCondition | None:
    """The condition that what `key` names is compared with the section's value or list."""
    if section.has("list"):
        return _from_list(section, key, word, op, lists)
    values, given = _values(section, word, op)
    return AttributeCondition(key, word.kind, op, values, given=given)


def _from_list(
    section: Section, key: str, word: AttributeWord, op: Op, lists: Lists
) -> AttributeCondition | None:
    if section.has("value"):
        section.note("Keep either value or list.", "value")
    if not OPERATORS[op].takes_list:
        section.note(f"“{op}” takes no list. Write a value.", "list")
        return None
    name = section.required("list", scalars.text(60), "")
    if name not in lists:
        section.note(f"There is no list “{name}”. {instead(name, lists) or 'Add it to lists.'}", "list")
        return None
    values, given = _read_values(section, ("list",), lists[name], op, word)
    return AttributeCondition(key, word.kind, op, values, list_name=name, given=given)


def _values(section: Section, word: AttributeWord, op: Op) -> tuple[tuple[Value, ...], tuple[str, ...]]:
    operator = OPERATORS[op]
    given = section.data.get("value")
    items: list[Any] = given if isinstance(given, list) else [] if given is None else [given]
    if given is None and operator.fewest:
        section.note("This is missing.", "value")
        return (), ()
    try:
        check_number(operator, items)
    except DomainError as problem:
        section.note(f"{problem.sentence[:-1]}; here are {len(items)}.", "value")
        return (), ()
    values, written = _read_values(section, ("value",), items, op, word)
    if op is Op.BETWEEN and len(values) == 2 and values[0] > values[1]:  # type: ignore[operator]
        section.note("The first value is the lower one.", "value")
    return values, written


def _read_values(
    section: Section, place: tuple[str, ...], items: Iterable[object], op: Op, word: AttributeWord
) -> tuple[tuple[Value, ...], tuple[str, ...]]:
    """The values, each once, and how texts were written where that differs."""
    written: dict[Value, str] = {}
    for index, item in enumerate(items):
        try:
            if word.kind in TEXTS:
                scalars.text(200)(item)
            value = parse_value(word.kind, op, item)
            _check_choice(value, word)
            written.setdefault(value, str(item).strip())
        except (Refused, DomainError) as problem:
            section.note(str(problem), *place, *(() if place == ("list",) else (index,)))
    values, given = tuple(written), tuple(written.values())
    return values, given if word.kind in TEXTS and given != values else ()


def _check_choice(value: Value, word: AttributeWord) -> None:
    if word.choices and value not in {normalise(choice) for choice in word.choices}:
        raise Refused(f"{word.label} is never “{value}”. {_all(word.choices)}")
