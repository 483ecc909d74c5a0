"""A lead that somebody types in: what is known of them, and what they did so many days ago."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from leads.api.attributes import Attributes
from leads.attributes import definitions, read_value
from leads.models import SignalType
from leadscoring.api.bodies import Body
from leadscoring.api.fields import Anything, Text, Whole
from leadscoring.api.problems import Fault, Problem
from leadscoring.errors import DomainError
from scoring_models.imagined import Imagined
from scoring_models.operators import MOST_DAYS
from scoring_models.spec import GoldenSignal, Value

MOST_SIGNALS = 50
MOST_PROPERTIES = 10
LONGEST = 1_000


class DidBody(Body):
    type = Text(max_length=60, help_text="The key of a signal type.")
    days_ago = Whole(min_value=0, max_value=MOST_DAYS)
    properties = serializers.DictField(
        child=Anything(), required=False, help_text="Texts, numbers, true or false."
    )


class ImaginedBody(Body):
    attributes = Attributes()
    signals = DidBody(many=True, required=False)


def imagined_of(body: Mapping[str, Any]) -> Imagined:
    """The lead that a body describes. Raises Problem, naming what can't be used."""
    signals = body.get("signals", ())
    if len(signals) > MOST_SIGNALS:
        raise _refused("/signals", _("At most %(most)d signals.") % {"most": MOST_SIGNALS})
    known = set(SignalType.objects.values_list("key", flat=True))
    return Imagined(
        tuple(sorted(_typed(body["attributes"]))),
        tuple(_signal(place, given, known) for place, given in enumerate(signals)),
    )


def _typed(given: Mapping[str, Any]) -> list[tuple[str, Value | bool]]:
    """The values by the kinds of their attributes; texts as they are given."""
    values: list[tuple[str, Value | bool]] = []
    for key, raw in given.items():
        try:
            value = read_value(definitions()[key], raw)
        except DomainError as refusal:
            raise _refused(f"/attributes/{key}", refusal.sentence) from refusal
        if value is not None:
            is_text = isinstance(value.fact, str)
            values.append((key, str(raw).strip() if is_text else value.fact))
    return values


def _signal(place: int, given: Mapping[str, Any], known: set[str]) -> GoldenSignal:
    if given["type"] not in known:
        raise _refused(f"/signals/{place}/type", _("There is no signal type of this key."))
    properties = given.get("properties", {})
    fits = len(properties) <= MOST_PROPERTIES and all(map(_is_property, properties.items()))
    if not fits:
        said = _("At most 10 properties: texts of up to 1,000 characters, numbers, true or false.")
        raise _refused(f"/signals/{place}/properties", said)
    values = tuple(sorted((name, _property(value)) for name, value in properties.items()))
    return GoldenSignal(given["type"], Decimal(given["days_ago"]), values)


def _is_property(item: tuple[str, Any]) -> bool:
    return all(len(str(part)) <= LONGEST and "\0" not in str(part) for part in item) and isinstance(
        item[1], str | bool | int | Decimal
    )


def _property(value: str | bool | int | Decimal) -> str | bool:
    return value if isinstance(value, str | bool) else str(value)


def _refused(at: str, sentence: str) -> Problem:
    return Problem(422, "imagined.refused", sentence, (Fault(at, sentence, "refused"),))
