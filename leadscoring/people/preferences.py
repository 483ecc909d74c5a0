"""What people set for themselves."""

from datetime import datetime

from django.db import transaction

from leadscoring.audit.record import record
from leadscoring.people.models import SettingChange, User
from leadscoring.people.setting_changes import Settings, note


@transaction.atomic
def switch_shortcuts(*, on: bool, actor: User, at: datetime) -> None:
    """Have single keys work on the pages for this person, or not."""
    before = shortcuts_of(actor)
    if before == {"on": on}:
        return
    actor.shortcuts_on = on
    actor.save(update_fields=("shortcuts_on",))
    of = SettingChange.Of.SHORTCUTS
    note(of=of, subject_id=actor.pk, before=before, after=shortcuts_of(actor), actor=actor, at=at)
    record(action="user.shortcuts_on" if on else "user.shortcuts_off", target=actor, actor=actor, at=at)


def shortcuts_of(user: User) -> Settings:
    """The setting as it is kept."""
    return {"on": user.shortcuts_on}
