"""What a person was told in the app, and what they want to be told."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from leads import access
from leads.models.notice import Channel, Notice, NoticeKind, NoticeOptOut
from leadscoring.audit.record import record
from leadscoring.people.models import SettingChange, User
from leadscoring.people.roles import Role
from leadscoring.people.setting_changes import Settings, note

COUNTED = 100
_PAIRS = {f"{kind}-{channel}": (kind, channel) for kind in NoticeKind for channel in Channel}


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
def choose(*, actor: User, wanted: Collection[tuple[NoticeKind, Channel]], at: datetime) -> None:
    """Set what this person wants to be told, and how. The same again changes nothing."""
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    before = choices_of(actor)
    after = {key: pair in wanted for key, pair in _PAIRS.items()}
    if after == before:
        return
    NoticeOptOut.objects.filter(person=actor).delete()
    NoticeOptOut.objects.bulk_create(
        NoticeOptOut(person=actor, kind=kind, channel=channel)
        for key, (kind, channel) in _PAIRS.items()
        if not after[key]
    )
    of = SettingChange.Of.NOTICES
    note(of=of, subject_id=actor.pk, before=before, after=after, actor=actor, at=at)
    unwanted = [key for key, is_wanted in after.items() if not is_wanted]
    record(action="user.notices_chosen", target=actor, actor=actor, at=at, unwanted=unwanted)


def choices_of(user: User) -> Settings:
    """Whether this person wants notices of each kind on each channel, as it is kept."""
    unwanted = unwanted_by(user)
    return {key: pair not in unwanted for key, pair in _PAIRS.items()}


def pairs_of(choices: Settings) -> set[tuple[NoticeKind, Channel]]:
    """What is wanted by choices that `choices_of` gives."""
    return {pair for key, pair in _PAIRS.items() if choices[key]}
