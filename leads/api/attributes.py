"""The attributes of a request: an object by the keys that this installation has defined."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from leads.attributes import definitions
from leads.models import Attribute, Kind
from leadscoring.api.described import own_words

Value = str | bool | int | Decimal
MOST_DIGITS = 400  # before or after the point; many fewer are kept


class Attributes(serializers.Field[dict[str, Value], Any, Any, Any]):
    """Values by attribute key: texts as people write them, or JSON's own numbers and true and false."""

    default_error_messages = {  # noqa: RUF012
        "no_object": _("Write an object, in braces."),
        "unknown": _("There is no attribute of this key."),
        "kind": _("Write a text in quotes, or what its kind is in JSON."),
    }

    def to_internal_value(self, data: Any) -> dict[str, Value]:
        if not isinstance(data, Mapping):
            self.fail("no_object")
        known = definitions()
        faults = {
            str(key): [fault]
            for key, value in data.items()
            if (fault := self._fault(known.get(str(key)), value)) is not None
        }
        if faults:
            raise ValidationError(faults)
        return dict(data)

    def _fault(self, attribute: Attribute | None, value: object) -> ErrorDetail | None:
        if attribute is None:
            return self._error("unknown")
        if isinstance(value, str):
            return None  # whether it can be kept is for whoever reads values to say
        return None if _is_of(Kind(attribute.kind), value) else self._error("kind")

    def _error(self, code: str) -> ErrorDetail:
        return ErrorDetail(str(self.error_messages[code]), code)


class AttributesDescribed(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Lists the attributes that there are, so that a client sees those of its installation."""

    target_class = "leads.api.attributes.Attributes"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        if not own_words.get():  # any installation: others may be defined there
            known = [one for one in definitions().values() if one.standard]
            others: Any = {"type": ["string", "number", "boolean"]}
        else:
            known, others = list(definitions().values()), False
        known.sort(key=lambda attribute: attribute.key)
        return {
            "type": "object",
            "properties": {attribute.key: _schema(attribute) for attribute in known},
            "additionalProperties": others,
        }


def _is_of(kind: Kind, value: object) -> bool:
    match kind:
        case Kind.BOOLEAN:
            return isinstance(value, bool)
        case Kind.NUMBER if isinstance(value, Decimal):
            return abs(value.adjusted()) <= MOST_DIGITS
        case Kind.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool)
    return False


def _schema(attribute: Attribute) -> dict[str, Any]:
    own = {Kind.NUMBER: ["number"], Kind.BOOLEAN: ["boolean"]}.get(Kind(attribute.kind), [])
    types = [*own, "string"]
    return {
        "type": types if own else "string",
        "title": attribute.label,
    }
