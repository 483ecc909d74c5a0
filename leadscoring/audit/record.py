"""The one way to write an audit entry, by itself or as part of a statement that does the deed."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models

from leadscoring.audit.models import AuditEntry

if TYPE_CHECKING:
    from leadscoring.people.models import User


def record(*, action: str, target: models.Model, actor: "User", at: datetime, **data: object) -> AuditEntry:
    """Note that `actor` did `action` (a dotted word such as `version.approved`) to `target`.

    Call it in the transaction of the deed. `data` is JSON of ids, codes and digests, never of personal data.
    """
    return AuditEntry.objects.create(
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        actor=actor,
        at=at,
        data=data,
    )


def recorded(
    action: str, target: type[models.Model], *, target_id: str, actor: str, at: str, data: str, of: str
) -> str:
    """SQL that notes `action` of each row of `of`; the others are what `record` takes, as SQL."""
    return f"""
INSERT INTO audit_entry (action, object_type, object_id, actor_id, at, data, previous, hash)
SELECT '{action}', '{target._meta.label_lower}', {target_id}::text, {actor}::bigint, {at}::timestamptz,
       {data}::jsonb, '', ''
  FROM {of}"""
