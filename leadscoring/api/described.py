"""The OpenAPI description of an operation, made from its declaration."""

from collections.abc import Callable
from contextvars import ContextVar
from inspect import signature
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers

from leadscoring.api.answers import JSON
from leadscoring.api.operations import Operation
from leadscoring.api.paths import ID_SCHEMA, KEY_SCHEMA
from leadscoring.api.uploads import MEDIA_TYPE as UPLOAD

# Whether what is being described is this installation, with what is defined in it, or any.
own_words: ContextVar[bool] = ContextVar("own_words", default=False)

Method = TypeVar("Method", bound=Callable[..., Any])
PROBLEM = "application/problem+json"
# Whoever reads YAML gets what it says; files are bytes.
_FILES = {"application/yaml": OpenApiTypes.OBJECT, "text/csv": OpenApiTypes.BINARY}

# What may come of any operation, and what it means.
REFUSALS = {
    400: "The request doesn't fit this description; `errors` names each field.",
    401: "No valid API key.",
    403: "The key's scopes or its person's roles don't allow it.",
    404: "There is no such thing, or it belongs to another team.",
    406: "Another form than JSON was asked for.",
    409: "It can't be done as things stand.",
    411: "The body's length isn't given.",
    412: "It has changed since it was read.",
    413: "The body is too large.",
    415: "The body isn't JSON.",
    422: "The content can't be used; or an Idempotency-Key was used for something else.",
    428: "If-Match is missing.",
    429: "Too many requests; see Retry-After.",
    503: "The database doesn't answer just now; see Retry-After.",
}
ALWAYS = (400, 401, 403, 404, 406, 429, 503)
WRITING = (409, 411, 413, 415, 422)
MATCHING = (412, 428)


class FaultShown(serializers.Serializer[Any]):
    at = serializers.CharField(help_text="JSON pointer into the body, or the name of a parameter.")
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemShown(serializers.Serializer[Any]):
    """RFC 9457."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="Stable; for programs.")
    detail = serializers.CharField(help_text="A sentence for people.")
    # The stubs take a field of this name for the attribute of serializers.
    errors = FaultShown(many=True, required=False)  # type: ignore[assignment]


def describe(method: Method, operation: Operation) -> Method:
    """The method with its description."""
    summary, _blank, rest = operation.text.partition("\n")
    rights = f"Scope `{operation.scope}`; roles: {', '.join(operation.roles)}."
    described: Method = extend_schema(
        operation_id=operation.name,
        summary=summary.strip().rstrip("."),
        description="\n\n".join(filter(None, (_unwrapped(rest), rights))),
        parameters=_parameters(operation),
        request={UPLOAD: operation.takes} if operation.form else operation.takes,
        responses=_responses(operation),
        examples=[
            OpenApiExample(
                name, value=value, request_only=True, media_type=UPLOAD if operation.form else JSON
            )
            for name, value in operation.examples.items()
        ],
    )(method)
    return described


def writes(operation: Operation) -> bool:
    return operation.scope != "read"


def _parameters(operation: Operation) -> list[Any]:
    parameters: list[Any] = [operation.query] if operation.query else []
    parameters += [
        OpenApiParameter(name, ID_SCHEMA if name.endswith("_id") else KEY_SCHEMA, OpenApiParameter.PATH)
        for name in signature(operation.carry_out).parameters
        if name != "call"
    ]
    if operation.matches:
        parameters.append(
            OpenApiParameter(
                "If-Match", str, OpenApiParameter.HEADER, required=True, description="ETag of what was read."
            )
        )
    if writes(operation):
        parameters.append(
            OpenApiParameter(
                "Idempotency-Key",
                {"type": "string", "minLength": 1, "maxLength": 255, "pattern": r"^[\x21-\x7e]+$"},
                OpenApiParameter.HEADER,
                description="The same key with the same request gets the same answer, for seven days.",
            )
        )
    return parameters


def _responses(operation: Operation) -> dict[Any, Any]:
    shown: Any = operation.gives
    if shown is None:
        shown = _FILES.get(operation.media_type, OpenApiResponse())
    good = {
        status if status == 204 else (status, media_type): None if status == 204 else shown
        for status in operation.statuses
        for media_type in (operation.media_type, *operation.other_types)
    }
    refused = {*ALWAYS, *(WRITING if writes(operation) else ()), *(MATCHING if operation.matches else ())}
    bad = {
        (status, PROBLEM): OpenApiResponse(ProblemShown, REFUSALS[status])
        for status in sorted(refused | set(operation.refusals))
    }
    return {**good, **bad}


def _unwrapped(text: str) -> str:
    """Paragraphs without the line breaks of the code."""
    return "\n\n".join(" ".join(part.split()) for part in text.strip().split("\n\n"))
