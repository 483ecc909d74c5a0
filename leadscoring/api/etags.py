"""Edits that must not overwrite what their author hasn't seen: `ETag` on the way out, `If-Match` back in."""

import hashlib

from django.utils.translation import gettext as _
from rest_framework.request import Request

from leadscoring.api.answers import as_json
from leadscoring.api.problems import Problem


def etag_of(editable: object) -> str:
    """The tag of what can be edited of a resource, from its plain data."""
    return f'"{hashlib.sha256(as_json(editable).encode()).hexdigest()[:32]}"'


def check_match(request: Request, current: str) -> None:
    """Raises Problem 428 without If-Match, 412 where what was seen isn't what is there.

    Call it with the resource locked.
    """
    given = request.headers.get("If-Match")
    if given is None:
        said = _("Say what you have seen: If-Match with the ETag of your last reading.")
        raise Problem(428, "if_match.missing", said)
    tags = {tag.strip() for tag in given.split(",")}
    if tags.isdisjoint({current, "*"}):
        raise Problem(412, "if_match.changed", _("This has changed since you read it. Read it again."))
