"""What people set for themselves."""

from datetime import datetime

from django.db import transaction

from leadscoring.audit.record import record
from leadscoring.people.models import User


@transaction.atomic
def switch_shortcuts(*, on: bool, actor: User, at: datetime) -> None:
    """Have single keys work on the pages for this person, or not."""
    if actor.shortcuts_on == on:
        return
    actor.shortcuts_on = on
    actor.save(update_fields=("shortcuts_on",))
    record(action="user.shortcuts_on" if on else "user.shortcuts_off", target=actor, actor=actor, at=at)
