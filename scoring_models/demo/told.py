"""What Larkfield's people were told lately, in the app; nobody gets mail about a made-up company's past."""

from datetime import datetime, timedelta

from leads.models import Response
from leads.models.notice import Delivery, Notice, NoticeKind, RiseMark
from leads.notices import watching

TOLD_OF = timedelta(hours=30)
READ_AFTER = timedelta(hours=12)


def tell(*, now: datetime) -> None:
    """Tell people what happened in the last hours, as the worker that watches would have. Needs clocks."""
    RiseMark.objects.filter(at__lt=now - TOLD_OF).delete()
    Response.objects.filter(due_at__lt=now - TOLD_OF).update(told=True)
    watching.watch(now=now)
    Delivery.objects.filter(sent_at=None).update(sent_at=now)
    _as_of_then(now)


def _as_of_then(now: datetime) -> None:
    """Have each notice told when it happened, and the older ones read."""
    for notice in Notice.objects.select_related("lead__response"):
        notice.at = _happened(notice) or notice.at
        if now - notice.at > READ_AFTER:
            notice.read_at = notice.at + timedelta(hours=1)
        notice.save(update_fields=("at", "read_at"))


def _happened(notice: Notice) -> datetime | None:
    """When what a notice is about happened; None where it says how many there are."""
    if notice.lead is None:
        return None
    if notice.kind == NoticeKind.OVERDUE:
        return notice.lead.response.due_at
    return datetime.fromisoformat(notice.occasion)
