"""Every operation of the API, found by its addresses."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RoutePattern

from leadscoring.api.operations import Operation
from leadscoring.api_urls import version_1


@dataclass(frozen=True)
class Place:
    """An operation with its address below /api/v1, ids as 1."""

    method: str
    path: str
    operation: Operation

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def every_operation() -> list[Place]:
    return [
        Place(method, path, operation)
        for path, view in _views(version_1, "/")
        for method, operation in getattr(view, "operations", {}).items()
    ]


def _views(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[tuple[str, object]]:
    for pattern in patterns:
        assert isinstance(pattern.pattern, RoutePattern)
        path = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _views(pattern.url_patterns, path)
        else:
            filled = "/".join("1" if part.startswith("<") else part for part in path.split("/"))
            yield (
                filled,
                getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None),
            )
