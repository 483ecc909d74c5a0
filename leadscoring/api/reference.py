"""The description of the API as people read it: the same document, laid out."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
DEEPEST = 3


@dataclass(frozen=True, slots=True)
class FieldRow:
    """A field or a parameter. `name` is a path such as `score.band`; `where` is empty for a body's."""

    name: str
    kind: str
    required: bool
    about: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation."""

    name: str
    method: str
    path: str
    summary: str
    about: str
    parameters: tuple[FieldRow, ...]
    body: tuple[FieldRow, ...]
    examples: tuple[tuple[str, str], ...]
    answers: tuple[tuple[str, str, tuple[FieldRow, ...]], ...]
    refusals: tuple[tuple[str, str], ...]


def entries(document: Schema) -> dict[str, list[Entry]]:
    """The operations of a description by the resource that they are of."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            found[operation["tags"][0]].append(_entry(document, path, method, operation))
    return dict(found)


def _entry(document: Schema, path: str, method: str, operation: Schema) -> Entry:
    body: Schema = next(iter(operation.get("requestBody", {}).get("content", {}).values()), {})
    answers = {status: _resolved(document, told) for status, told in operation["responses"].items()}
    good = {status: told for status, told in answers.items() if status < "300"}
    return Entry(
        name=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary", ""),
        about=operation.get("description", ""),
        parameters=tuple(_parameter(each) for each in operation.get("parameters", ())),
        body=tuple(_fields(document, body.get("schema", {}))),
        examples=tuple(
            (each.get("summary", name), json.dumps(each["value"], indent=2, ensure_ascii=False))
            for name, each in body.get("examples", {}).items()
        ),
        answers=tuple((status, *_answer(document, told)) for status, told in good.items()),
        refusals=tuple(
            (status, told["description"]) for status, told in answers.items() if status not in good
        ),
    )


def _parameter(told: Schema) -> FieldRow:
    schema = told["schema"]
    return FieldRow(
        told["name"], _kind(schema), told.get("required", False), told.get("description", ""), told["in"]
    )


def _answer(document: Schema, told: Schema) -> tuple[str, tuple[FieldRow, ...]]:
    empty: tuple[str, Schema] = ("", {})
    media_type, content = next(iter(told.get("content", {}).items()), empty)
    return media_type, tuple(_fields(document, content.get("schema", {})))


def _fields(document: Schema, schema: Schema, above: str = "", depth: int = 0) -> Iterator[FieldRow]:
    """The fields of an object, those of objects in it after each."""
    schema = _resolved(document, schema)
    required = schema.get("required", ())
    for name, told in schema.get("properties", {}).items():
        inner = _inner(document, told)
        about = told.get("description") or told.get("title") or inner.get("description", "")
        yield FieldRow(above + name, _kind(told, inner), name in required, about)
        if depth < DEEPEST:
            yield from _fields(document, inner, f"{above}{name}.", depth + 1)


def _inner(document: Schema, told: Schema) -> Schema:
    """What a field holds: itself, what it refers to, or what it is a list of."""
    for each in (*told.get("oneOf", ()), *told.get("allOf", ())):
        if "$ref" in each:
            return _resolved(document, each)
    told = _resolved(document, told)
    return _resolved(document, told["items"]) if "items" in told else told


def _kind(told: Schema, inner: Schema | None = None) -> str:
    if "items" in told:
        return "list"
    kind = told.get("type") or (inner or {}).get("type") or "anything"
    words = kind if isinstance(kind, list) else [kind]
    enum = told.get("enum") or (inner or {}).get("enum")
    if enum:
        return " | ".join(str(value) for value in enum if value is not None)
    return " or ".join(words) + (f" ({told['format']})" if "format" in told else "")


def _resolved(document: Schema, schema: Schema) -> Schema:
    if "$ref" not in schema:
        return schema
    found: Any = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]
