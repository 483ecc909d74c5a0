"""What requests may say, field by field; anything else is refused by its name."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from leadscoring.api.fields import Digits, Text
from leadscoring.api.problems import Problem, invalid


class Body(serializers.Serializer[Any]):
    """A request's body, or its query. A field that isn't listed is refused by its name."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        unknown = {str(name): [_no_such_field(name)] for name in data if name not in self.fields}
        if unknown:
            raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)


class Nothing(Body):
    """Says nothing."""


class PageQuery(Body):
    """Which part of a list is wanted."""

    limit = Digits(min_value=1, max_value=500, default=50, help_text="How many at most.")
    cursor = Text(
        required=False,
        max_length=500,
        help_text="`next` or `previous` of another answer to the same question.",
    )


def checked(body: type[Body], data: Any, *, in_query: bool = False) -> dict[str, Any]:
    """The values that a request gives. Raises Problem, naming every field that can't be used."""
    reader = body(data=data)
    if not reader.is_valid():
        raise invalid(reader.errors, in_query=in_query)
    values: dict[str, Any] = reader.validated_data
    return values


def query_values(parameters: Mapping[str, str]) -> dict[str, str]:
    """An address's query, each name once: of several the last, as browsers have it."""
    return dict(parameters.items())


def unusable(field: str, sentence: str, *, code: str = "invalid", in_query: bool = False) -> Problem:
    """The refusal of one field, of a body or a query, that no description could have told."""
    return invalid({field: [ErrorDetail(sentence, code)]}, in_query=in_query)


def _no_such_field(name: object) -> ErrorDetail:
    return ErrorDetail(_("There is no such field."), "unknown")
