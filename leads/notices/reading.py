"""What a person was told in the app, and what they want to be told."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from leads import access
from leads.models.notice import Channel, Notice, NoticeKind, NoticeOptOut
from leadscoring.people.models import User
from leadscoring.people.roles import Role

COUNTED = 100


def notices_of(user: User) -> QuerySet[Notice]:
    """What this person was told in the app, the latest first. Slice it."""
    mine = Notice.objects.filter(person=user, in_app=True)
    return mine.select_related("lead").order_by("-at", "-pk")


def unread(user: User) -> int:
    """How many of them wait, counted up to `COUNTED`."""
    return Notice.objects.filter(person=user, in_app=True, read_at=None)[:COUNTED].count()


# The same of a `person`, in the statement that every page asks.
UNREAD = f"""
SELECT count(*) FROM (
    SELECT FROM leads_notice WHERE person_id = %(person)s AND in_app AND read_at IS NULL LIMIT {COUNTED}
) unread"""


def mark_read(*, actor: User, up_to: int, at: datetime) -> int:
    """Note that this person has read theirs up to that id; how many were new."""
    return Notice.objects.filter(person=actor, in_app=True, read_at=None, pk__lte=up_to).update(read_at=at)


def unwanted_by(user: User) -> set[tuple[str, str]]:
    """What this person doesn't want, as (kind, channel)."""
    return set(NoticeOptOut.objects.filter(person=user).values_list("kind", "channel"))


def kinds_for(user: User) -> list[NoticeKind]:
    """What this person can be told of; what only other roles are told isn't offered."""
    told = {
        NoticeKind.REVIEW: user.has_role(Role.MANAGER),
        NoticeKind.OVERRIDE_REVIEW: user.has_role(Role.MANAGER),
        NoticeKind.ENDPOINT_OFF: user.has_role(Role.ADMIN),
    }
    return [kind for kind in NoticeKind if told.get(kind, access.works_leads(user))]


@transaction.atomic
def choose(*, actor: User, wanted: Collection[tuple[NoticeKind, Channel]]) -> None:
    """Set what this person wants to be told, and how."""
    NoticeOptOut.objects.filter(person=actor).delete()
    NoticeOptOut.objects.bulk_create(
        NoticeOptOut(person=actor, kind=kind, channel=channel)
        for kind in NoticeKind
        for channel in Channel
        if (kind, channel) not in wanted
    )
