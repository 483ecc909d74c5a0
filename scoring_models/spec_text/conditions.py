"""Reading what a rule counts: an attribute, signals, or that nothing happened."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from leads.text import normalise
from leadscoring.errors import DomainError
from scoring_models.operators import MOST_DAYS, OPERATORS, check_number, operators_for, parse_value
from scoring_models.spec import AttributeCondition, Inactivity, Kind, Op, SignalAtLeast, SignalEach, Value
from scoring_models.spec_text import scalars
from scoring_models.spec_text.problems import Refused, instead
from scoring_models.spec_text.section import Section
from scoring_models.vocabulary import AttributeWord, Vocabulary

Lists = Mapping[str, tuple[str, ...]]
MOST_TIMES = 1_000
NO_TYPES: tuple[str, ...] = ()
TEXTS = (Kind.TEXT, Kind.CHOICE)


def attribute(section: Section, vocabulary: Vocabulary, lists: Lists) -> AttributeCondition | None:
    """The attribute condition in `section`, or None where it has problems (which are noted)."""
    key = section.required("field", _known_attribute(vocabulary), "")
    if not key:
        return None
    word = vocabulary.attributes[key]
    op = section.required("op", _operator_for(word), None)
    if op is None:
        return None
    if section.has("list"):
        return _from_list(section, key, word, op, lists)
    values, given = _values(section, word, op)
    return AttributeCondition(key, word.kind, op, values, given=given)


def signal(section: Section, vocabulary: Vocabulary) -> SignalAtLeast | SignalEach | None:
    """The signal condition in `section`, or None where no type is known (which is noted)."""
    types = section.required("types", signal_types(vocabulary), NO_TYPES)
    window = section.or_none("window_days", scalars.integer(1, MOST_DAYS), None)
    times = scalars.integer(1, MOST_TIMES)
    if "types" in section.data and section.data["types"] == []:
        section.note("Name at least one signal type.", "types")
    if not section.optional("each", scalars.boolean, False):
        if section.has("at_most"):
            section.note("This belongs to each: true. Remove it, or add that.", "at_most")
        return SignalAtLeast(types, section.optional("at_least", times, 1), window)
    if section.has("at_least"):
        section.note("Each time excludes at_least. Keep one of them.", "at_least")
    return SignalEach(types, section.required("at_most", times, 1), window)


def inactivity(section: Section, vocabulary: Vocabulary) -> Inactivity:
    """The inactivity condition in `section`; without types it is about all engagement."""
    if section.has("at_most"):
        section.note("Counting again isn't computed yet. Remove it.", "at_most")
    types = section.optional("types", signal_types(vocabulary), NO_TYPES)
    return Inactivity(
        types or vocabulary.engagement_types, section.required("days", scalars.integer(1, MOST_DAYS), 1)
    )


def signal_types(vocabulary: Vocabulary) -> Callable[[object], tuple[str, ...]]:
    """A reader of signal types, each of which must be known."""

    def read_one(value: object) -> str:
        if value not in vocabulary.signal_types:
            hint = instead(str(value), vocabulary.signal_types)
            raise Refused(f"There is no signal type “{value}”. {hint or 'Define it first.'}")
        return str(value)

    def read(value: object) -> tuple[str, ...]:
        return tuple(dict.fromkeys(scalars.list_of(read_one)(value)))

    return read


def _known_attribute(vocabulary: Vocabulary) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value == "journey_stage":
            raise Refused("journey_stage isn't computed yet. Use another attribute.")
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
