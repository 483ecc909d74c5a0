"""Taking back what was changed in settings of people and teams.

Whoever changed them may undo it within a day, while what was set then still holds. It is done by the verb
that sets them, so by its rules and rights.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from leads.notices import reading
from leads.response.targets import own_times, set_response_times
from leads.undoing import check_in_time, check_once, in_time, latest
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people import preferences, teams_back
from leadscoring.people.models import SettingChange, Team, User
from leadscoring.people.setting_changes import Settings

Of = SettingChange.Of


@dataclass(frozen=True, slots=True)
class Kind:
    """How a setting is read, as its verb keeps it, and how the values of before a change are set again."""

    read: Callable[[SettingChange], Settings]
    put_back: Callable[[SettingChange, User, datetime], None]


def own_of(user: User, *, now: datetime) -> QuerySet[SettingChange]:
    """What this person set within the time in which it can be undone, in no order."""
    return in_time(SettingChange.objects.all(), actor=user, now=now)


def recent_of(user: User, *, now: datetime) -> QuerySet[SettingChange]:
    """The same, the latest first, as many as a page lists."""
    return latest(own_of(user, now=now))


@transaction.atomic
def undo(*, change_id: int, actor: User, at: datetime) -> SettingChange:
    """Set again what held before a change.

    Raises DomainError: `setting_change.not_found` (nobody's but one's own), `setting_change.undone`,
    `setting_change.too_late`, `setting_change.over` (changed since), and what the setting's verb raises.
    """
    found = SettingChange.objects.select_for_update().filter(pk=change_id, actor=actor).first()
    if found is None:
        raise DomainError("setting_change.not_found", _("There is nothing to undo."))
    check_once("setting_change", is_undone=found.undone_at is not None)
    check_in_time("setting_change", done_at=found.at, at=at)
    kind = _KINDS[Of(found.of)]
    now = kind.read(found)
    if any(now.get(key) != value for key, value in found.after.items()):
        raise DomainError("setting_change.over", _("It was changed since, so this can't be undone any more."))
    latest = SettingChange.objects.aggregate(pk=Max("pk"))["pk"]
    kind.put_back(found, actor, at)
    # The verbs keep what they do; undoing is not something that one undoes.
    SettingChange.objects.filter(actor=actor, at=at, pk__gt=latest).delete()
    found.undone_at = at
    found.save(update_fields=("undone_at",))
    record(action="setting.undone", target=found, actor=actor, at=at, of=found.of, subject=found.subject_id)
    return found


def _read_notices(found: SettingChange) -> Settings:
    User.objects.select_for_update(no_key=True).get(pk=found.actor_id)
    return reading.choices_of(found.actor)


def _choose_again(found: SettingChange, actor: User, at: datetime) -> None:
    wanted = reading.pairs_of({**reading.choices_of(actor), **found.before})
    reading.choose(actor=actor, wanted=wanted, at=at)


def _read_times(found: SettingChange) -> Settings:
    Team.objects.select_for_update().filter(pk=found.subject_id).first()
    return own_times(found.subject_id)


def _set_times_again(found: SettingChange, actor: User, at: datetime) -> None:
    team = teams_back.find(found.subject_id)
    set_response_times(team=team, hours=found.before, actor=actor, at=at)


_KINDS: Mapping[SettingChange.Of, Kind] = {
    Of.SHORTCUTS: Kind(
        lambda found: preferences.shortcuts_of(found.actor),
        lambda found, actor, at: preferences.switch_shortcuts(on=found.before["on"], actor=actor, at=at),
    ),
    Of.NOTICES: Kind(_read_notices, _choose_again),
    Of.TEAM: Kind(
        lambda found: teams_back.settings_now(found.subject_id),
        lambda found, actor, at: teams_back.put_back(change=found, actor=actor, at=at),
    ),
    Of.RESPONSE_TIMES: Kind(_read_times, _set_times_again),
}
