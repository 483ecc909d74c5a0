"""Saved views: lists of the queue under a name, private or shared with a team.

Only who works leads has any. The owner changes and deletes a view; one that a team shares can be deleted by
that team's managers too.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from leads import access, named_lists
from leads.list_changes import columns_of, note
from leads.models import ListChange, SavedView
from leads.queue.filters import kept
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

Verb = ListChange.Verb
MOST = 30
LONGEST_NAME = SavedView._meta.get_field("name").max_length or 0


def visible(user: User) -> QuerySet[SavedView]:
    """The views that this person may open: their own, and those shared with their teams. In no order."""
    if not access.works_leads(user):
        return SavedView.objects.none()
    return SavedView.objects.filter(Q(owner=user) | Q(team__in=user.team_ids))


def listed(user: User) -> Sequence[SavedView]:
    """The first of them by name, with owner and team, as many as a page lists. One query."""
    views = visible(user).select_related("owner", "team")
    return sorted(views[: 2 * MOST], key=lambda view: (view.name.casefold(), view.pk))


def get(*, slug: str, user: User) -> SavedView:
    """Raises DomainError `view.not_found`, the same for one that isn't there and one that isn't theirs."""
    view = visible(user).select_related("owner", "team").filter(slug=slug).first()
    if view is None:
        raise DomainError("view.not_found", _("There is no such view, or nobody shares it with you."))
    return view


@transaction.atomic
def save(*, name: str, query: str, team_id: int | None = None, actor: User, at: datetime) -> SavedView:
    """Keep a list under a name, which the person has for no other view.

    Raises DomainError: `view.not_yours` (works no leads), `view.name`, `view.taken`, `view.empty`,
    `view.many`, `view.team`.
    """
    if not access.works_leads(actor):
        raise DomainError("view.not_yours", _("Saved views are for reps and managers."))
    one_at_a_time()
    if actor.saved_views.count() >= MOST:
        raise DomainError("view.many", _("You have %(most)d views. Delete one first.") % {"most": MOST})
    name = _free_name(name, actor)
    view = SavedView.objects.create(
        slug=free_slug(name),
        name=name,
        query=_list_of(query),
        owner=actor,
        team_id=_own_team(team_id, actor),
        created_at=at,
    )
    note(view, Verb.SAVED, before=None, after=columns_of(view), actor=actor, at=at)
    record(action="view.saved", target=view, actor=actor, at=at, team=team_id)
    return view


@transaction.atomic
def change(*, slug: str, name: str, team_id: int | None, actor: User, at: datetime) -> SavedView:
    """Give a view another name, or share it with another team or none. Its address stays.

    Raises DomainError: `view.not_found`, `view.not_yours`, `view.name`, `view.taken`, `view.team`.
    """
    view = _own(slug, actor)
    before = columns_of(view)
    if " ".join(name.split()) != view.name:
        view.name = _free_name(name, actor)
    if team_id != view.team_id:
        view.team_id = _own_team(team_id, actor)
    view.save(update_fields=("name", "team"))
    note(view, Verb.CHANGED, before=before, after=columns_of(view), actor=actor, at=at)
    record(action="view.changed", target=view, actor=actor, at=at, team=team_id)
    return view


@transaction.atomic
def replace_list(*, slug: str, query: str, actor: User, at: datetime) -> SavedView:
    """Let a view stand for other filters from now on.

    Raises DomainError: `view.not_found`, `view.not_yours`, `view.empty`.
    """
    view = _own(slug, actor)
    before = columns_of(view)
    view.query = _list_of(query)
    view.save(update_fields=("query",))
    note(view, Verb.REPLACED, before=before, after=columns_of(view), actor=actor, at=at)
    record(action="view.list_replaced", target=view, actor=actor, at=at)
    return view


@transaction.atomic
def delete(*, slug: str, actor: User, at: datetime) -> None:
    """Raises DomainError: `view.not_found`, `view.not_yours`."""
    view = _locked(slug, actor)
    if not may_delete(view, actor):
        raise _not_yours(view)
    note(view, Verb.DELETED, before=columns_of(view), after=None, actor=actor, at=at)
    record(action="view.deleted", target=view, actor=actor, at=at, owner=view.owner_id)
    view.delete()


def may_delete(view: SavedView, user: User) -> bool:
    shared_here = view.team_id is not None and view.team_id in user.team_ids
    return view.owner_id == user.pk or (shared_here and access.works_whole_teams(user))


def _own(slug: str, actor: User) -> SavedView:
    view = _locked(slug, actor)
    if view.owner_id != actor.pk:
        raise _not_yours(view)
    return view


def _locked(slug: str, actor: User) -> SavedView:
    one_at_a_time()
    return get(slug=slug, user=actor)


def _not_yours(view: SavedView) -> DomainError:
    return DomainError("view.not_yours", _("Only %(person)s can change this view.") % {"person": view.owner})


def _free_name(name: str, actor: User) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise DomainError(
            "view.name", _("Give the view a name of at most %(most)d characters.") % {"most": LONGEST_NAME}
        )
    if actor.saved_views.filter(name=name).exists():
        raise DomainError("view.taken", _("You have a view of this name. Choose another one."))
    return name


def _list_of(query: str) -> str:
    asked = QueryDict(query, mutable=True)
    asked.pop("view", None)
    found = kept(asked)
    if not found:
        raise DomainError("view.empty", _("This is the whole queue. Choose a filter or an order first."))
    return found


def _own_team(team_id: int | None, actor: User) -> int | None:
    if team_id is not None and team_id not in actor.team_ids:
        raise DomainError("view.team", _("You can share a view with your own teams only."))
    return team_id


def free_slug(name: str) -> str:
    return named_lists.free_slug(name, SavedView.objects.all(), nameless="view", reserved={"new"})


def one_at_a_time() -> None:
    """Views are saved and changed one after the other: names and addresses are looked up, then taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads.saved_views'))")
