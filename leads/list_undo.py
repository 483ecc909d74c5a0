"""Taking back what was done to a saved view or a segment.

Whoever did it may undo it within a day, as long as they may do such things at all and nobody changed the list
since. A list that comes back has its own id again, and its address unless another one has that by now.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from leads import access
from leads.list_changes import columns_of
from leads.models import ListChange, SavedView, Segment
from leads.queue import saved_views
from leads.segments import saved as segments
from leads.undoing import check_in_time, check_once, in_time, latest
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

Verb = ListChange.Verb


@dataclass(frozen=True, slots=True)
class Kind:
    """How lists of one kind are locked, who has any, how many, and which addresses are free."""

    rows: Callable[[], QuerySet[Any]]
    lock: Callable[[], None]
    may: Callable[[User], bool]
    most: int
    free_slug: Callable[[str], str]


_KINDS: Mapping[ListChange.Of, Kind] = {
    ListChange.Of.VIEW: Kind(
        SavedView.objects.all,
        saved_views.one_at_a_time,
        access.works_leads,
        saved_views.MOST,
        saved_views.free_slug,
    ),
    ListChange.Of.SEGMENT: Kind(
        Segment.objects.all, segments.one_at_a_time, access.sees_all, segments.MOST, segments.free_slug
    ),
}


def own_of(user: User, *, now: datetime) -> QuerySet[ListChange]:
    """What this person did to lists within the time in which it can be undone, in no order."""
    return in_time(ListChange.objects.all(), actor=user, now=now)


def recent_of(user: User, *, now: datetime) -> QuerySet[ListChange]:
    """The same, the latest first, as many as a page lists."""
    return latest(own_of(user, now=now))


@transaction.atomic
def undo(*, change_id: int, actor: User, at: datetime) -> ListChange:
    """Make a list what it was before a change.

    Raises DomainError: `list_change.not_found` (nobody's but one's own), `list_change.undone`,
    `list_change.too_late`, `list_change.not_yours` (who keeps no such lists any more, or not this one),
    `list_change.over` (changed or deleted since), `list_change.taken`, `list_change.many`.
    """
    found = ListChange.objects.filter(pk=change_id, actor=actor).first()
    if found is None:
        raise DomainError("list_change.not_found", _("There is nothing to undo."))
    kind = _KINDS[ListChange.Of(found.of)]
    kind.lock()
    found.refresh_from_db()
    _check(found, kind, actor, at)
    row = kind.rows().filter(pk=found.list_id).first()
    if (None if row is None else columns_of(row)) != found.after:
        raise DomainError("list_change.over", _("It was changed since, so this can't be undone any more."))
    if found.before is None:
        kind.rows().filter(pk=found.list_id).delete()
    else:
        _put_back(kind, found.list_id, found.before, is_new=row is None)
    found.undone_at = at
    found.save(update_fields=("undone_at",))
    record(action=f"{found.of}.undone", target=found, actor=actor, at=at, list=found.list_id, verb=found.verb)
    return found


def _check(found: ListChange, kind: Kind, actor: User, at: datetime) -> None:
    check_once("list_change", is_undone=found.undone_at is not None)
    check_in_time("list_change", done_at=found.at, at=at)
    was: Mapping[str, Any] = found.before or found.after or {}
    is_own = was["owner_id"] == actor.pk
    shared_here = access.works_whole_teams(actor) and was.get("team_id") in actor.team_ids
    if not kind.may(actor) or not (is_own or shared_here):
        raise DomainError("list_change.not_yours", _("You may not change this list any more."))


def _put_back(kind: Kind, list_id: int, was: Mapping[str, Any], *, is_new: bool) -> None:
    """Write the row with its own id. A team that its owner has left sees it no more."""
    owner = User.objects.get(pk=was["owner_id"])
    others = kind.rows().filter(owner=owner).exclude(pk=list_id)
    if others.filter(name=was["name"]).exists():
        raise DomainError(
            "list_change.taken", _("There is another one called “%(name)s” by now.") % {"name": was["name"]}
        )
    if is_new and others.count() >= kind.most:
        raise DomainError(
            "list_change.many",
            _("%(person)s has %(most)d of them, and no room for another.")
            % {"person": owner, "most": kind.most},
        )
    columns = dict(was)
    if "team_id" in was and was["team_id"] not in owner.team_ids:
        columns["team_id"] = None
    if kind.rows().filter(slug=was["slug"]).exclude(pk=list_id).exists():
        columns["slug"] = kind.free_slug(was["name"])
    kind.rows().model(pk=list_id, **columns).save()
