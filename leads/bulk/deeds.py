"""What can be done to many leads at once: a table of the verbs that do it to one, and take it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from leads import access, activities
from leads.dealing import Way
from leads.models import BulkJob
from leads.queue import snoozes
from leads.reassigning import Selection, reassign
from leads.reassigning import undo as undo_reassignment
from leadscoring.people.models import User

# Give the id of what was done, which the other takes to undo it.
Do = Callable[[int, Mapping[str, Any], User, datetime], int]
TakeBack = Callable[[int, User, datetime], object]


@dataclass(frozen=True, slots=True)
class BulkDeed:
    do: Do
    take_back: TakeBack
    may: Callable[[User], bool]


def may_begin(kind: BulkJob.Kind, user: User) -> bool:
    return kind in DEEDS and DEEDS[kind].may(user)


def _snooze(lead_id: int, parameters: Mapping[str, Any], actor: User, at: datetime) -> int:
    until = datetime.fromisoformat(parameters["until"])
    note = parameters.get("note", "")
    return snoozes.snooze(lead_id=lead_id, until=until, note=note, actor=actor, at=at).pk


def _assign(lead_id: int, parameters: Mapping[str, Any], actor: User, at: datetime) -> int:
    to = User.objects.get(pk=parameters["to"])
    one = Selection(lead_ids=(lead_id,))
    access.get_lead(actor, lead_id)
    return reassign(selection=one, way=Way.PEOPLE, to=[to], expected=1, actor=actor, at=at).pk


def _undo_reassignment(done: int, actor: User, at: datetime) -> object:
    return undo_reassignment(reassignment_id=done, actor=actor, at=at)


def _undo_activity(done: int, actor: User, at: datetime) -> object:
    return activities.undo(activity_id=done, actor=actor, at=at)


DEEDS: dict[str, BulkDeed] = {
    BulkJob.Kind.SNOOZE: BulkDeed(_snooze, _undo_activity, access.works_leads),
    BulkJob.Kind.ASSIGN: BulkDeed(_assign, _undo_reassignment, access.works_whole_teams),
}
