"""Keeps what was done to saved views and segments, for `list_undo` to take back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from leads.models import ListChange, SavedView, Segment
from leadscoring.people.models import User

Columns = Mapping[str, Any]
_OF: Mapping[type[SavedView] | type[Segment], ListChange.Of] = {
    SavedView: ListChange.Of.VIEW,
    Segment: ListChange.Of.SEGMENT,
}


def columns_of(row: SavedView | Segment) -> Columns:
    """All that a row says but its id, as JSON has it."""
    said = {one.attname: getattr(row, one.attname) for one in row._meta.concrete_fields}
    del said["id"]
    return said | {"created_at": row.created_at.astimezone(UTC).isoformat()}


def note(
    row: SavedView | Segment,
    verb: ListChange.Verb,
    *,
    before: Columns | None,
    after: Columns | None,
    actor: User,
    at: datetime,
) -> None:
    """Keep that a row was changed; nothing where it stayed as it was. Call it before the row is deleted."""
    if before == after:
        return
    ListChange.objects.create(
        of=_OF[type(row)],
        list_id=row.pk,
        verb=verb,
        name=row.name,
        before=before,
        after=after,
        actor=actor,
        at=at,
    )
