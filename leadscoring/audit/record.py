"""The one way to write an audit entry."""

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
