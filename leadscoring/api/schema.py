"""The OpenAPI description of the whole API, as this installation has it or as any has it."""

from functools import cache
from typing import Any

import yaml
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.generators import SchemaGenerator

from leadscoring.api.answers import as_json
from leadscoring.api.described import PROBLEM, own_words


class KeyDescribed(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "leadscoring.api.authentication.KeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: `Authorization: Bearer ls_…`. Admins make them.",
        }


class PageDescribed(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "leadscoring.api.authentication.PageAuthentication"
    name = "Session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "leadscoring_session",
            "description": "Signed in to the pages; writing needs the header X-CSRFToken as well.",
        }


class BodyDescribed(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    """What requests may say is all listed; nothing else is taken."""

    target_class = "leadscoring.api.bodies.Body"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        mapped: dict[str, Any] = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**mapped, "additionalProperties": False}


def share_refusals(result: dict[str, Any], **_given: object) -> dict[str, Any]:
    """Say once what each refusal means, and refer to it (a hook of the generator)."""
    shared: dict[str, Any] = {}
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if PROBLEM in response.get("content", {}):
                    shared[f"Problem{status}"] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/Problem{status}"}
    result["components"]["responses"] = dict(sorted(shared.items()))
    _drop(result, "x-spec-enum-id")
    return result


def _drop(part: Any, name: str) -> None:
    """Take the generator's own notes out."""
    if isinstance(part, dict):
        part.pop(name, None)
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        _drop(inner, name)


def description(*, own: bool) -> dict[str, Any]:
    """What the API takes and gives: in this installation with what is defined in it (`own`), or in any."""
    token = own_words.set(own)
    try:
        schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    finally:
        own_words.reset(token)
    return schema


@cache
def common_json() -> str:
    """What holds in any installation, as JSON."""
    return as_json(description(own=False))


def common_yaml() -> str:
    """The same as the text that is kept with the code (docs/openapi.yaml)."""
    return yaml.safe_dump(description(own=False), sort_keys=False, allow_unicode=True, width=110)
