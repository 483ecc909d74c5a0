"""Lists, a page at a time: `results`, and the cursors of the pages around."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from leadscoring.api.operations import Shown
from leadscoring.errors import DomainError


@dataclass(frozen=True, slots=True)
class Listed:
    """Some of a list. `next` and `previous` are cursors, None where nothing follows."""

    results: Any
    next: str | None = None
    previous: str | None = None


@cache
def page_of(shown: Shown) -> Shown:
    """What shows a page of such things."""
    name = f"{shown.__name__.removesuffix('Shown')}Page"
    fields = {
        "results": shown(many=True),
        "next": serializers.CharField(allow_null=True, help_text="`cursor` of the next page."),
        "previous": serializers.CharField(allow_null=True, help_text="`cursor` of the page before."),
    }
    return type(name, (serializers.Serializer,), fields)


def newest_first(found: QuerySet[Any], query: Any) -> Listed:
    """A page of rows by descending id. Raises DomainError `cursor.invalid`."""
    place = place_in(query.get("cursor"))
    if place is not None:
        found = found.filter(pk__lt=place)
    rows: list[Model] = list(found.order_by("-pk")[: query["limit"] + 1])
    shown = rows[: query["limit"]]
    return Listed(shown, next=str(shown[-1].pk) if len(rows) > len(shown) else None)


def place_in(cursor: str | None) -> int | None:
    """The id before which a page begins; None for the first page. Raises DomainError `cursor.invalid`."""
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise DomainError("cursor.invalid", _("This link into the list no longer works. Start from the top."))
    return int(cursor)
