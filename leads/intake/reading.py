"""What a message says, once it has been read: the same for whoever sent it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from leads.attributes import Raw
from leads.ingestion.identity import EMAIL, EXTERNAL_ID, LEAD_KEYS, lead_value
from leads.ingestion.rows import MOST_AHEAD
from leads.text import printable

ANONYMOUS_ID = "anonymous_id"


class Name(NamedTuple):
    """By what somebody is known: a kind (`external_id`, `email`, `anonymous_id`) and the value."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @classmethod
    def read(cls, text: str) -> "Name":
        """The name that was written so."""
        kind, _colon, value = text.partition(":")
        return cls(kind, value)


@dataclass(frozen=True, slots=True)
class Happened:
    """A signal: the key of its type and what it says."""

    type_key: str
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """`names` are whom it is about, `aliases` pairs of names of one person, the second the better one.

    `values` hold since `at`. `ignored` is the call and the event's name where a mapping ignores it.
    `identifies`: it says who somebody is, from then on.
    """

    at: datetime
    names: tuple[Name, ...]
    values: Mapping[str, Raw] = field(default_factory=dict)
    happened: Happened | None = None
    aliases: tuple[tuple[Name, Name], ...] = ()
    ignored: tuple[str, str] | None = None
    identifies: bool = False

    @property
    def anonymous(self) -> Name | None:
        """The anonymous id of one that names nobody else."""
        return self.names[0] if self.names[0].kind == ANONYMOUS_ID else None

    def name(self, kind: str) -> str | None:
        """The value of its first name of that kind."""
        return next((name.value for name in self.names if name.kind == kind), None)


class Unusable(Exception):
    """A message that can't be used as things are. `code` groups such messages, `reason` is for people."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = printable(reason)


def check_not_future(at: datetime, *, now: datetime) -> None:
    """Raises Unusable where something would happen more than a day from now; of one day for one reason."""
    if at > now + MOST_AHEAD:
        day = at.astimezone(UTC).date().isoformat()
        raise Unusable("future", _("It happens more than a day from now, on %(day)s (UTC).") % {"day": day})


def name_of(kind: str, raw: object) -> Name | None:
    """A name in its one form; None where nothing is said. Raises Unusable."""
    if raw is None or isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    try:
        value = lead_value(kind if kind in LEAD_KEYS else EXTERNAL_ID, str(raw))
    except ValueError as error:
        raise Unusable("name", f"“{str(raw)[:60]}” {error}.") from None
    return Name(kind, value) if value else None


def is_email(value: str) -> bool:
    """Whether a user id is an e-mail address, as many trackers have it."""
    name, _at, host = value.rpartition("@")
    return bool(name and "." in host and " " not in value)


def person_names(user_id: object, email: object, anonymous_id: object) -> tuple[Name, ...]:
    """Whom these stand for, the best name first. Raises Unusable."""
    user = name_of(EXTERNAL_ID, user_id)
    if user is not None and is_email(user.value):
        user = name_of(EMAIL, user.value)
    named = (name_of(EMAIL, email), user, name_of(ANONYMOUS_ID, anonymous_id))
    return tuple(dict.fromkeys(name for name in named if name is not None))
