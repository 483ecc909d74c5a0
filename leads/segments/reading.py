"""Reading the conditions of a segment from an address (`conditions` has the spelling)."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from leads.attributes import read_value
from leads.models import Attribute
from leads.segments.conditions import (
    OPERATORS,
    AttributeIs,
    Condition,
    ContactIs,
    HadSignal,
    StageIs,
    contact_choices,
)
from leads.segments.known import Known, all_known
from leads.stages import stage_choices
from leads.text import normalise, words
from leadscoring.errors import DomainError

MOST = 12
LONGEST = 200
MOST_TIMES, MOST_DAYS = 1_000, 3_650


def read_all(texts: Sequence[str], known: Known | None = None) -> tuple[Condition, ...]:
    """The conditions that an address spells, each once; `known` where it has been looked up already.

    Raises DomainError `segment.condition`.
    What can't be read is refused and not left out: a list of more leads than were asked for would go unseen.
    """
    if len(texts) > MOST:
        raise _refused(_("A segment has at most %(most)d conditions.") % {"most": MOST})
    if not texts:
        return ()
    known = known or all_known()
    return tuple(read(text, known) for text in dict.fromkeys(texts))


def read(text: str, known: Known | None = None) -> Condition:
    """One condition. Raises DomainError `segment.condition`."""
    word, *_rest = text.split(":", 1)
    match word:
        case "attribute":
            return _attribute(text, known or all_known())
        case "stage":
            return _stage(text)
        case "contact":
            return _contact(text)
        case "signal" | "no_signal":
            return _signal(text, known or all_known())
    raise _refused(_("“%(text)s” is no condition.") % {"text": text[:60]})


def _attribute(text: str, known: Known) -> AttributeIs:
    _word, key, name, given = (*text.split(":", 3), "", "", "")[:4]
    attribute = known.attributes.get(key)
    operator = OPERATORS.get(name)
    if attribute is None:
        raise _refused(_("There is no attribute “%(key)s” to filter by.") % {"key": key[:60]})
    if operator is None or attribute.kind not in operator.kinds:
        phrase = name if operator is None else operator.phrase
        raise _refused(
            _("“%(attribute)s” can't be compared by “%(phrase)s”.")
            % {"attribute": attribute, "phrase": phrase}
        )
    if not operator.takes_value:
        return AttributeIs(attribute, name, "", None)
    given = given.strip()
    if not given or len(given) > LONGEST:
        raise _refused(
            _("Say what “%(attribute)s” is compared with, in at most %(most)d characters.")
            % {"attribute": attribute, "most": LONGEST}
        )
    return AttributeIs(attribute, name, given, _compared(attribute, name, given))


def _compared(attribute: Attribute, operator: str, given: str) -> Any:
    """What facts are compared with. Raises DomainError."""
    if OPERATORS[operator].takes_many:
        return _many(attribute, operator, given)
    if operator == "contains":
        looked_for = words(normalise(given) or "")
        if not looked_for:
            raise _refused(_("“%(given)s” has no word that could be looked for.") % {"given": given})
        return f"% {looked_for} %".replace("_", r"\_")
    try:
        value = read_value(attribute, given)
    except DomainError as refusal:
        raise _refused(refusal.sentence) from refusal
    if value is None:
        raise _refused(_("“%(given)s” says nothing to compare with.") % {"given": given})
    return value.fact


def _many(attribute: Attribute, operator: str, given: str) -> list[Any]:
    """Several values, between commas. Raises DomainError."""
    values = [_compared(attribute, "is", part) for part in map(str.strip, given.split(",")) if part]
    if operator == "between" and (len(values) != 2 or values[0] > values[1]):
        raise _refused(_("Write the lowest and the highest value with a comma between them, such as 10, 50."))
    if not values:
        raise _refused(_("“%(given)s” says nothing to compare with.") % {"given": given})
    return values


def _contact(text: str) -> ContactIs:
    word = text.partition(":")[2]
    if word not in contact_choices():
        raise _refused(_("“%(text)s” is no condition.") % {"text": text[:60]})
    return ContactIs(word)


def _stage(text: str) -> StageIs:
    stage = text.partition(":")[2]
    if stage not in stage_choices():
        raise _refused(_("There is no journey stage “%(stage)s”.") % {"stage": stage[:60]})
    return StageIs(stage)


def _signal(text: str, known: Known) -> HadSignal:
    word, key, times, days = (*text.split(":", 3), "", "", "")[:4]
    found = known.types.get(key)
    if found is None:
        raise _refused(_("There is no signal “%(key)s”.") % {"key": key[:60]})
    return HadSignal(
        found, _whole(times, _("times"), MOST_TIMES), _whole(days, _("days"), MOST_DAYS), word == "signal"
    )


def _whole(given: str, what: str, most: int) -> int:
    text = given.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 7 and 1 <= int(text) <= most):
        raise _refused(
            _("Write a whole number of %(what)s from 1 to %(most)s.") % {"what": what, "most": most}
        )
    return int(text)


def _refused(sentence: str) -> DomainError:
    return DomainError("segment.condition", sentence)
