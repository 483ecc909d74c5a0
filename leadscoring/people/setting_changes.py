"""Keeps what was changed in settings of people and teams, so that it can be taken back (docs/undo.md)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from leadscoring.people.models import SettingChange, User

Settings = Mapping[str, Any]
_ABSENT = object()


def note(
    *,
    of: SettingChange.Of,
    subject_id: int,
    before: Settings,
    after: Settings,
    actor: User,
    at: datetime,
    name: str = "",
    verb: SettingChange.Verb = SettingChange.Verb.CHANGED,
) -> None:
    """Keep which settings changed, as JSON has them; nothing where all stayed as they were.

    What one form changes by several verbs, at one moment, is one change. Call it in the verb's transaction.
    """
    differing = [key for key in {**before, **after} if before.get(key, _ABSENT) != after.get(key, _ABSENT)]
    if not differing:
        return
    was = {key: before[key] for key in differing if key in before}
    now = {key: after[key] for key in differing if key in after}
    same = {"of": of, "subject_id": subject_id, "actor": actor, "at": at}
    change = SettingChange.objects.filter(**same).first()
    if change is None:
        change = SettingChange(**same, verb=verb, name=name, before={}, after={})
    change.before, change.after = was | change.before, change.after | now
    change.save()
