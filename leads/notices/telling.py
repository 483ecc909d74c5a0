"""Writing notices. Each is one row, by constraint; what is to be sent goes into the outbox with it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction

from leads.models.notice import Channel, Delivery, Notice, NoticeKind, NoticeOptOut
from leads.notices import chat

# Of one kind a person is told this many an hour one by one; what is more becomes one line that counts.
ONE_BY_ONE = 10
COUNTED = frozenset({NoticeKind.REACHED.value, NoticeKind.OVERDUE.value, NoticeKind.OVERRIDE_REVIEW.value})
# Where the one line leads.
LISTS = {
    NoticeKind.REACHED: "/queue/?owner=me",
    NoticeKind.OVERDUE: "/queue/?only=overdue",
    NoticeKind.OVERRIDE_REVIEW: "/team/overrides/",
}
AN_HOUR = timedelta(hours=1)
DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class News:
    """What one person is to be told. `subject` and `occasion` say what it is about and which time."""

    person_id: int
    kind: NoticeKind
    subject: str
    occasion: str
    link: str
    lead_id: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)


@transaction.atomic
def tell(news: Sequence[News], *, at: datetime) -> int:
    """Tell people, but for what they know or don't want to be told; how many new notices there are."""
    unwanted = _unwanted({one.person_id for one in news})
    wanted = [one for one in news if not all((*_key(one), channel) in unwanted for channel in Channel)]
    groups: dict[tuple[int, str], list[News]] = defaultdict(list)
    for one in _unknown(wanted):
        groups[_key(one)].append(one)
    written = [notice for group in groups.values() for notice in _tell(group, unwanted, at)]
    Delivery.objects.bulk_create(chat.deliveries(written, unwanted, at=at))
    return len(written)


def _tell(group: Sequence[News], unwanted: set[tuple[int, str, str]], at: datetime) -> Sequence[Notice]:
    """Tell one person of one kind, one by one or, where that were too many, in one line."""
    person_id, kind = _key(group[0])
    if kind not in COUNTED:
        return _write(group, unwanted, at)
    recent = Notice.objects.filter(person_id=person_id, kind=kind, at__gt=at - AN_HOUR).exclude(
        subject=DIGEST
    )
    if recent.count() + len(group) > ONE_BY_ONE:
        return _count_up(group[0], len(group), unwanted, at)
    return _write(group, unwanted, at)


def _count_up(first: News, count: int, unwanted: set[tuple[int, str, str]], at: datetime) -> Sequence[Notice]:
    """One line an hour that says how many; only its first writing is sent."""
    occasion = at.replace(minute=0, second=0, microsecond=0).isoformat()
    mine = Notice.objects.select_for_update().filter(
        person_id=first.person_id, kind=first.kind, subject=DIGEST, occasion=occasion
    )
    found = mine.first()
    if found is None:
        news = News(first.person_id, first.kind, DIGEST, occasion, LISTS[first.kind], data={"count": count})
        return _write([news], unwanted, at)
    found.data["count"] += count
    found.at, found.read_at = at, None
    found.save(update_fields=("data", "at", "read_at"))
    return ()


def _write(news: Iterable[News], unwanted: set[tuple[int, str, str]], at: datetime) -> Sequence[Notice]:
    notices = Notice.objects.bulk_create(
        Notice(
            person_id=one.person_id,
            kind=one.kind,
            subject=one.subject,
            occasion=one.occasion,
            lead_id=one.lead_id,
            link=one.link,
            data=dict(one.data),
            in_app=(*_key(one), Channel.APP) not in unwanted,
            at=at,
        )
        for one in news
    )
    Delivery.objects.bulk_create(
        Delivery(notice=notice, channel=Channel.EMAIL, due_at=at)
        for notice in notices
        if (notice.person_id, notice.kind, Channel.EMAIL) not in unwanted
    )
    return notices


def _unknown(news: Sequence[News]) -> list[News]:
    """Those that nobody wrote yet; who writes at the same time is turned away by the constraint."""
    subjects = {one.subject for one in news}
    people = {one.person_id for one in news}
    known = set(
        Notice.objects.filter(person__in=people, subject__in=subjects).values_list(
            "person_id", "kind", "subject", "occasion"
        )
    )
    return [one for one in news if (*_key(one), one.subject, one.occasion) not in known]


def _unwanted(people: set[int]) -> set[tuple[int, str, str]]:
    rows = NoticeOptOut.objects.filter(person__in=people)
    return set(rows.values_list("person_id", "kind", "channel"))


def _key(one: News) -> tuple[int, str]:
    return one.person_id, one.kind.value
