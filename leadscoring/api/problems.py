"""What goes wrong, as `application/problem+json` (RFC 9457): every error of the API leaves through here."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from leadscoring.api.answers import Answer, as_json
from leadscoring.errors import DomainError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds, while the database is away

log = logging.getLogger(__name__)

# How the refusals of verbs are answered. A refusal that isn't here says that the content can't be used.
_FORBIDDEN = frozenset({"not_allowed", "not_an_admin", "edited_it", "key.not_own", "override.own"})
_CONFLICTS = frozenset(
    {
        "contact.refused",
        *(
            "lead.closed",
            "claim.held",
            "claim.none",
            "snooze.none",
            "value.taken",
            "view.taken",
            "segment.taken",
        ),
        *("override.replaced", "override.ended", "override.not_large", "override.reviewed"),
        *("activity.none", "activity.one_of_many", "merge.absorbed", "merge.choice", "merge.moved"),
        *(
            "list_change.taken",
            "list_change.many",
            "team.taken",
            "team.gone",
            "team_in_use",
            "no_default_team",
        ),
        *("handoff.not_waiting", "handoff.not_sales", "handoff.returned", "handoff.not_returned"),
        *("reassign.none", "reassign.changed", "bulk.none", "bulk.changed", "bulk.running"),
        *("key.taken", "import.begun", "import.removed"),
        *("privacy.objected", "privacy.not_objected"),
        *("stale", "not_stale", "overtaken", "changed_since", "undecided", "no_evidence", "golden_red"),
        *("not_a_draft", "in_review", "not_in_review", "not_approved", "not_frozen", "was_reviewed"),
        *("was_live", "is_live", "not_live", "never_live", "is_planned", "not_planned", "has_begun"),
        *("not_running", "not_stopped", "agreed_already", "had_one", "same_order", "golden_twice"),
        *("name_taken", "last_audience", "not_scored"),
        *("endpoint.off", "endpoint.too_many", "message.waiting"),
    }
)
# How codes end that mean the same whatever they are about.
_ENDINGS = {
    ".not_found": 404,
    ".not_yours": 403,
    ".undone": 409,
    ".over": 409,
    ".too_late": 409,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `at` is a JSON pointer into the body, or the name of a parameter."""

    at: str
    detail: str
    code: str = "invalid"


@dataclass
class Problem(Exception):
    """A refusal: `code` is for programs, `detail` a sentence for people."""

    status: int
    code: str
    detail: str
    faults: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def answer(self) -> Answer:
        """The same as it is sent."""
        body: dict[str, Any] = {
            "type": f"urn:leadscoring:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.faults:
            body["errors"] = [
                {"at": fault.at, "code": fault.code, "detail": fault.detail} for fault in self.faults
            ]
        return Answer(self.status, as_json(body), self.headers, MEDIA_TYPE)


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """The answer to whatever a view raised (the setting EXCEPTION_HANDLER)."""
    return problem_of(error).answer().response()


def problem_of(error: Exception) -> Problem:
    """What an error is called outside. One that nobody foresaw is logged, its particulars kept back."""
    match error:
        case Problem():
            return error
        case DomainError():
            return Problem(status_of(error.code), error.code, error.sentence)
        case exceptions.APIException():
            return _of_framework(error)
        case Http404():
            return not_found()
        case PermissionDenied():
            return Problem(403, "forbidden", str(error) or _("Your role doesn't allow this."))
        case RequestDataTooBig():
            return Problem(413, "body.too_large", _("The request is too large."))
        case OperationalError() | InterfaceError():
            log.warning("The database does not answer: %s", error)
            return unavailable()
    log.error("An API request failed", exc_info=error)
    return internal()


def unavailable() -> Problem:
    said = _("The database doesn't answer just now. Nothing was done. Try again.")
    return Problem(503, "unavailable", said, headers={"Retry-After": str(RETRY_AFTER)})


def internal() -> Problem:
    return Problem(500, "internal", _("Something went wrong on our side. It has been noted."))


def status_of(code: str) -> int:
    """The status with which a verb's refusal is answered."""
    for ending, status in _ENDINGS.items():
        if code.endswith(ending):
            return status
    if code == "cursor.invalid":
        return 400
    return 403 if code in _FORBIDDEN else 409 if code in _CONFLICTS else 422


def not_found() -> Problem:
    return Problem(404, "not_found", _("There is nothing here. Addresses end with a slash."))


def invalid(detail: Any, *, in_query: bool = False) -> Problem:
    """What doesn't fit the description of an operation, field by field; `detail` is a serializer's."""
    faults = tuple(_faults(detail, () if in_query else ("",)))
    names = ", ".join(dict.fromkeys(fault.at or "/" for fault in faults))
    said = _("This can't be used: %(names)s.") % {"names": names}
    return Problem(400, "invalid", said, faults)


def _of_framework(error: exceptions.APIException) -> Problem:
    match error:
        case exceptions.ValidationError():
            return invalid(error.detail)
        case exceptions.NotAuthenticated():
            said = _("Send an API key: Authorization: Bearer ls_…")
            return Problem(401, "not_authenticated", said, headers=_challenge(error))
        case exceptions.AuthenticationFailed():
            return Problem(401, "key.invalid", str(error.detail), headers=_challenge(error))
        case exceptions.MethodNotAllowed():
            return Problem(405, "method_not_allowed", str(error.detail))
        case exceptions.NotAcceptable():
            return Problem(406, "not_acceptable", _("Only JSON is spoken here: Accept: application/json"))
        case exceptions.UnsupportedMediaType():
            return Problem(415, "unsupported_media_type", _("Send JSON: Content-Type: application/json"))
    code = error.get_codes()
    return Problem(error.status_code, code if isinstance(code, str) else "refused", str(error.detail))


def _challenge(error: exceptions.APIException) -> dict[str, str]:
    return {"WWW-Authenticate": str(getattr(error, "auth_header", "Bearer"))}


def _faults(detail: Any, path: tuple[str, ...]) -> Iterator[Fault]:
    """The faults of a serializer's nested errors, each with the place where it is."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            below = path if name == "non_field_errors" else (*path, _escaped(str(name)))
            yield from _faults(inner, below)
    elif isinstance(detail, list | tuple):
        yield from _of_list(detail, path)
    else:
        yield Fault("/".join(path), str(detail), str(getattr(detail, "code", "invalid")))


def _of_list(details: Iterable[Any], path: tuple[str, ...]) -> Iterator[Fault]:
    for number, inner in enumerate(details):
        nested = isinstance(inner, Mapping)
        if inner:
            yield from _faults(inner, (*path, str(number)) if nested else path)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
