"""Rules as sentences: "Viewed the profile at least 3 times in the last 30 days"."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads.numbers import shortest
from scoring_models.operators import OPERATORS
from scoring_models.spec import (
    AccountActivity,
    AttributeCondition,
    Condition,
    Decay,
    HalfLife,
    Inactivity,
    Kind,
    Linear,
    Op,
    PropertyCondition,
    RuleSpec,
    SignalAtLeast,
    SignalEach,
)
from scoring_models.vocabulary import Vocabulary

MOST_VALUES = 6  # a sentence names so many, and counts the rest


def sentence(rule: RuleSpec, vocabulary: Vocabulary) -> str:
    """What a rule counts, whole, as people say it. The vocabulary lends its labels."""
    said = _whole(rule.condition, vocabulary)
    if not rule.only_when:
        return said
    return _("%(rule)s, only when %(conditions)s") % {
        "rule": said,
        "conditions": conditions_sentence(rule.only_when, vocabulary),
    }


def conditions_sentence(conditions: Sequence[AttributeCondition], vocabulary: Vocabulary) -> str:
    """Attribute conditions that must all hold, as people say them."""
    return _(" and ").join(_attribute(condition, vocabulary) for condition in conditions)


def _whole(condition: Condition, vocabulary: Vocabulary) -> str:
    match condition:
        case AttributeCondition():
            return _attribute(condition, vocabulary)
        case SignalAtLeast(at_least=at_least, window_days=window):
            times = f"{_matching(condition, vocabulary)} {_at_least(at_least)}{_window(window)}"
            return f"{times}{_decay(condition.decay)}"
        case SignalEach(at_most=at_most, window_days=window):
            each = _("each time, up to %(count)d") % {"count": at_most}
            return f"{_matching(condition, vocabulary)}, {each}{_window(window)}{_decay(condition.decay)}"
        case AccountActivity(window_days=window):
            return f"{_colleagues(condition, vocabulary)}{_window(window)}"
        case Inactivity():
            return _inactivity(condition, vocabulary)


def short(rule: RuleSpec, vocabulary: Vocabulary) -> str:
    """What a rule counts, as short as a row of the queue has room for."""
    match rule.condition:
        case AttributeCondition(op=Op.IS_ANY_OF | Op.CONTAINS_ANY, list_name=str()) as condition:
            return _("%(attribute)s is in “%(list)s”") % {
                "attribute": vocabulary.attribute_label(condition.field),
                "list": condition.list_name,
            }
        case SignalAtLeast(at_least=at_least) as condition if at_least > 1:
            return f"{_matching(condition, vocabulary)} {_at_least(at_least)}"
        case SignalAtLeast() | SignalEach() as condition:
            return _matching(condition, vocabulary)
        case AccountActivity() as condition:
            return _colleagues(condition, vocabulary)
        case condition:
            return _whole(condition, vocabulary)


Signals = SignalAtLeast | SignalEach | AccountActivity


def _matching(condition: Signals, vocabulary: Vocabulary) -> str:
    acts = _acts(condition.types, vocabulary)
    where = _(" and ").join(map(_property, condition.where))
    return f"{acts} ({where})" if where else acts


def _property(condition: PropertyCondition) -> str:
    name = condition.property.replace("_", " ")
    return " ".join(filter(None, (name, _(OPERATORS[condition.op].phrase), values_said(condition))))


def _colleagues(condition: AccountActivity, vocabulary: Vocabulary) -> str:
    people = ngettext(
        "%(count)d other person at the company", "%(count)d other people at the company", condition.people
    ) % {"count": condition.people}
    return _("At least %(people)s: %(acts)s") % {"people": people, "acts": _matching(condition, vocabulary)}


def _decay(decay: Decay | None) -> str:
    match decay:
        case HalfLife(days):
            sentence = ngettext(
                ", half as much after each %(count)d day", ", half as much after each %(count)d days", days
            )
            return sentence % {"count": days}
        case Linear():
            return _(", less each day until none is left")
        case None:
            return ""


def _acts(types: Sequence[str], vocabulary: Vocabulary) -> str:
    first, *others = (vocabulary.signal_label(key) for key in types)
    return _(" or ").join((first, *map(inside, others)))


def inside(label: str) -> str:
    """A label inside a sentence: a small first letter, unless the word is a name or an abbreviation."""
    word = label.split(" ", 1)[0]
    return label[:1].lower() + label[1:] if word[1:].islower() else label


def _at_least(times: int) -> str:
    if times == 1:
        return _("at least once")
    return ngettext("at least %(count)d time", "at least %(count)d times", times) % {"count": times}


def _window(days: int | None) -> str:
    if days is None:
        return ""
    return ngettext(" in the last %(count)d day", " in the last %(count)d days", days) % {"count": days}


def _inactivity(condition: Inactivity, vocabulary: Vocabulary) -> str:
    said = _idle(condition, vocabulary)
    if condition.again_every_days is None:
        return said
    again = ngettext(
        "again after each further %(count)d day",
        "again after each further %(count)d days",
        condition.again_every_days,
    ) % {"count": condition.again_every_days}
    up_to = _("up to %(count)d times in all") % {"count": condition.at_most}
    return f"{said}, {again}, {up_to}"


def _idle(condition: Inactivity, vocabulary: Vocabulary) -> str:
    days = ngettext("%(count)d day", "%(count)d days", condition.days) % {"count": condition.days}
    if condition.types == vocabulary.engagement_types:
        return _("No engagement for %(days)s") % {"days": days}
    acts = _(" or ").join(f"“{vocabulary.signal_label(key)}”" for key in condition.types)
    return _("No %(acts)s for %(days)s") % {"acts": acts, "days": days}


def _attribute(condition: AttributeCondition, vocabulary: Vocabulary) -> str:
    label = vocabulary.attribute_label(condition.field)
    if condition.op is Op.IS_TRUE:
        return label
    if condition.op is Op.IS_FALSE:
        return _("%(attribute)s: no") % {"attribute": label}
    if condition.op is Op.WITHIN_DAYS:
        days = {"attribute": label, "days": _shown(condition)[0]}
        return _("%(attribute)s in the last %(days)s days") % days
    return " ".join(filter(None, (label, _phrase(condition), values_said(condition))))


def _phrase(condition: AttributeCondition) -> str:
    if condition.kind is Kind.DATE and condition.op is Op.AT_LEAST:
        return _("is on or after")
    if condition.kind is Kind.DATE and condition.op is Op.AT_MOST:
        return _("is on or before")
    return _(OPERATORS[condition.op].phrase)


def values_said(condition: AttributeCondition | PropertyCondition) -> str:
    shown = _shown(condition)
    if condition.op is Op.BETWEEN:
        return _("%(low)s and %(high)s") % {"low": shown[0], "high": shown[1]}
    if not shown and condition.list_name is not None:
        return _("the list “%(list)s”, which is empty") % {"list": condition.list_name}
    comma = "; " if any("," in value for value in shown) else ", "  # a size may be "501-1,000"
    if len(shown) <= MOST_VALUES:
        return comma.join(shown)
    return _("%(values)s and %(count)d more") % {
        "values": comma.join(shown[: MOST_VALUES - 1]),
        "count": len(shown) - MOST_VALUES + 1,
    }


def _shown(condition: AttributeCondition | PropertyCondition) -> tuple[str, ...]:
    return condition.given or tuple(map(_written, condition.values))


def _written(value: str | Decimal | datetime) -> str:
    if isinstance(value, datetime):
        midnight = (value.hour, value.minute, value.second, value.microsecond) == (0, 0, 0, 0)
        return date_format(value, "j M Y" if midnight else "j M Y, H:i e")
    return shortest(value) if isinstance(value, Decimal) else value
