"""An operation of the API declared once: who may, what it takes and gives. The same declaration checks each
request and writes the description.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from leadscoring.api.answers import JSON
from leadscoring.api.bodies import Body
from leadscoring.api.models import ApiKey
from leadscoring.api.scopes import Scope
from leadscoring.people.models import User
from leadscoring.people.roles import Role

EVERYBODY = tuple(Role)
Shown = type[serializers.BaseSerializer[Any]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request, checked: who asks at which moment, and the values of its body and query."""

    request: Request
    user: User
    at: datetime
    body: Mapping[str, Any]
    query: Mapping[str, Any]

    @property
    def told_by(self) -> str:
        """The key that asks, or the person, by name: where what it tells is from."""
        key = self.request.auth
        return key.name if isinstance(key, ApiKey) else str(self.user)


@dataclass(frozen=True, slots=True)
class Given:
    """What an operation hands back where it isn't its usual answer as it stands."""

    data: Any
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """`carry_out` takes the call and the ids of the path, and returns what `gives` shows, or a Given.

    `statuses` are those of good answers, the usual one first; `refusals` those of others that can come
    beside the ones that any operation has. `largest` is the most bytes that a body may have, and `form` says
    that it is one with a file, not JSON. An answer may come in `other_types`, too: such a one is a response.
    """

    carry_out: Handler
    scope: Scope
    roles: tuple[Role, ...]
    takes: type[Body] | None
    query: type[Body] | None
    gives: Shown | None
    statuses: tuple[int, ...]
    refusals: tuple[int, ...]
    media_type: str
    other_types: tuple[str, ...]
    largest: Callable[[], int]
    form: bool
    matches: bool
    shown_once: str
    examples: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.carry_out.__name__

    @property
    def text(self) -> str:
        return (self.carry_out.__doc__ or "").strip()


MEGABYTE = 1024 * 1024


def operation(
    *,
    scope: Scope,
    roles: tuple[Role, ...] = EVERYBODY,
    takes: type[Body] | None = None,
    query: type[Body] | None = None,
    gives: Shown | None = None,
    statuses: tuple[int, ...] = (200,),
    refusals: tuple[int, ...] = (),
    media_type: str = JSON,
    other_types: tuple[str, ...] = (),
    largest: int | Callable[[], int] = MEGABYTE,
    form: bool = False,
    matches: bool = False,
    shown_once: str = "",
    examples: Mapping[str, Any] | None = None,
) -> Callable[[Handler], Operation]:
    """Declare what a function does for the API. `matches`: it wants If-Match. `examples`: bodies by name.

    `shown_once` names a field of the answer that isn't kept for repeated requests: they get null.
    """

    def declare(carry_out: Handler) -> Operation:
        return Operation(
            carry_out,
            scope,
            roles,
            takes,
            query,
            gives,
            statuses,
            refusals,
            media_type,
            other_types,
            largest if callable(largest) else lambda: largest,
            form,
            matches,
            shown_once,
            examples or {},
        )

    return declare
