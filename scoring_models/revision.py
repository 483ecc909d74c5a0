"""A name for what attributes and signal types are now, and whether leads were merged: asked for instead."""

from typing import NamedTuple
from uuid import UUID

from leads.scorer import asked_once
from leadscoring.prepared import prepared_cursor

_QUERY = "SELECT revision, EXISTS (SELECT FROM leads_merge) FROM leads_vocabulary"


class Revision(NamedTuple):
    """Two states of attributes and signal types never share a `vocabulary`, whatever is rolled back."""

    vocabulary: UUID
    merges: bool


def revision_now() -> Revision:
    """The revision as it is now, or within one moment as it was there. One query."""
    return asked_once(_ask)


def _ask() -> Revision:
    with prepared_cursor() as cursor:
        cursor.execute(_QUERY, {})
        [row] = cursor.fetchall()
    return Revision(*row)
