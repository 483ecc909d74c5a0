"""Segments under a name: kept, renamed, shared and deleted by their owner. For marketing and admins."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from leads import access, named_lists
from leads.list_changes import columns_of, note
from leads.models import ListChange, Segment
from leads.queue import filters
from leads.segments.reading import read_all
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User

Verb = ListChange.Verb
MOST = 50
LONGEST_NAME = Segment._meta.get_field("name").max_length or 0
WHERE = "where"


def kept(query: QueryDict) -> str:
    """What of an address's query says which segment it is, in one spelling; "" for the whole list."""
    asked = query.copy()
    asked.pop("view", None)
    of_list = QueryDict(filters.kept(asked), mutable=True)
    if where := list(dict.fromkeys(text for text in query.getlist(WHERE) if text)):
        of_list.setlist(WHERE, where)
    return of_list.urlencode()


def visible(user: User) -> QuerySet[Segment]:
    """The segments that this person may open: their own, and those that marketing shares. In no order."""
    if not access.sees_all(user):
        return Segment.objects.none()
    return Segment.objects.filter(Q(owner=user) | Q(shared=True))


def listed(user: User) -> Sequence[Segment]:
    """The first of them by name, with their owners, as many as a page lists."""
    found = visible(user).select_related("owner").order_by("pk")[: 2 * MOST]
    return sorted(found, key=lambda segment: (segment.name.casefold(), segment.pk))


def get(*, slug: str, user: User) -> Segment:
    """Raises DomainError `segment.not_found`, the same for one that isn't there and one that isn't theirs."""
    return _one(visible(user).filter(slug=slug))


def find(*, segment_id: int, user: User) -> Segment:
    """The same by its id. Raises DomainError `segment.not_found`."""
    return _one(visible(user).filter(pk=segment_id))


def _one(found: QuerySet[Segment]) -> Segment:
    segment = found.select_related("owner").first()
    if segment is None:
        raise DomainError("segment.not_found", _("There is no such segment, or nobody shares it with you."))
    return segment


@transaction.atomic
def save(*, name: str, query: str, shared: bool, actor: User, at: datetime) -> Segment:
    """Keep a list under a name, which the person has for no other segment.

    Raises DomainError: `segment.not_yours`, `segment.many`, `segment.name`, `segment.taken`, `segment.empty`,
    `segment.condition`.
    """
    if not access.sees_all(actor):
        raise DomainError("segment.not_yours", _("Segments are marketing's."))
    one_at_a_time()
    if actor.segments.count() >= MOST:
        raise DomainError("segment.many", _("You have %(most)d segments. Delete one first.") % {"most": MOST})
    name = _free_name(name, actor)
    segment = Segment.objects.create(
        slug=free_slug(name), name=name, query=_list_of(query), owner=actor, shared=shared, created_at=at
    )
    note(segment, Verb.SAVED, before=None, after=columns_of(segment), actor=actor, at=at)
    record(action="segment.saved", target=segment, actor=actor, at=at, shared=shared)
    return segment


@transaction.atomic
def change(*, slug: str, name: str, shared: bool, actor: User, at: datetime) -> Segment:
    """Give a segment another name, or share it or keep it private. Its address stays.

    Raises DomainError: `segment.not_found`, `segment.not_yours`, `segment.name`, `segment.taken`.
    """
    segment = _own(slug, actor)
    before = columns_of(segment)
    if " ".join(name.split()) != segment.name:
        segment.name = _free_name(name, actor)
    segment.shared = shared
    segment.save(update_fields=("name", "shared"))
    note(segment, Verb.CHANGED, before=before, after=columns_of(segment), actor=actor, at=at)
    record(action="segment.changed", target=segment, actor=actor, at=at, shared=shared)
    return segment


@transaction.atomic
def replace_list(*, slug: str, query: str, actor: User, at: datetime) -> Segment:
    """Let a segment stand for other conditions from now on.

    Raises DomainError: `segment.not_found`, `segment.not_yours`, `segment.empty`, `segment.condition`.
    """
    segment = _own(slug, actor)
    before = columns_of(segment)
    segment.query = _list_of(query)
    segment.save(update_fields=("query",))
    note(segment, Verb.REPLACED, before=before, after=columns_of(segment), actor=actor, at=at)
    record(action="segment.list_replaced", target=segment, actor=actor, at=at)
    return segment


@transaction.atomic
def delete(*, slug: str, actor: User, at: datetime) -> None:
    """Raises DomainError: `segment.not_found`, `segment.not_yours`."""
    segment = _own(slug, actor)
    note(segment, Verb.DELETED, before=columns_of(segment), after=None, actor=actor, at=at)
    record(action="segment.deleted", target=segment, actor=actor, at=at)
    segment.delete()


def _own(slug: str, actor: User) -> Segment:
    one_at_a_time()
    segment = get(slug=slug, user=actor)
    if segment.owner_id != actor.pk:
        raise DomainError(
            "segment.not_yours", _("Only %(person)s can change this segment.") % {"person": segment.owner}
        )
    return segment


def _free_name(name: str, actor: User) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise DomainError(
            "segment.name",
            _("Give the segment a name of at most %(most)d characters.") % {"most": LONGEST_NAME},
        )
    if actor.segments.filter(name=name).exists():
        raise DomainError("segment.taken", _("You have a segment of this name. Choose another one."))
    return name


def _list_of(query: str) -> str:
    asked = QueryDict(query)
    found = kept(asked)
    if not found:
        raise DomainError("segment.empty", _("This is the whole list. Choose a filter or a condition first."))
    read_all(QueryDict(found).getlist(WHERE))
    return found


def free_slug(name: str) -> str:
    return named_lists.free_slug(name, Segment.objects.all(), nameless="segment", reserved={"new", "counts"})


def one_at_a_time() -> None:
    """Segments are saved and changed one after the other: names and addresses are looked up, then taken."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('leads.segments'))")
