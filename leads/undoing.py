"""What all that one can take back within a day has in common: until when, and what is refused."""

from datetime import datetime, timedelta
from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from leadscoring.errors import DomainError
from leadscoring.people.models import User

UNDO_WITHIN = timedelta(days=1)
MOST_RECENT = 300
Deed = TypeVar("Deed", bound=Model)


def in_time(deeds: QuerySet[Deed], *, actor: User, now: datetime) -> QuerySet[Deed]:
    """Those that this person did within the time in which they can be undone, in no order."""
    return deeds.filter(actor=actor, at__gt=now - UNDO_WITHIN)


def latest(deeds: QuerySet[Deed]) -> QuerySet[Deed]:
    """The latest `MOST_RECENT`, the very latest first."""
    return deeds.order_by("-at", "-pk")[:MOST_RECENT]


def check_once(of: str, *, is_undone: bool) -> None:
    """Raises DomainError `<of>.undone`."""
    if is_undone:
        raise DomainError(f"{of}.undone", _("This has been undone already."))


def check_in_time(of: str, *, done_at: datetime, at: datetime) -> None:
    """Raises DomainError `<of>.too_late`."""
    if at - done_at > UNDO_WITHIN:
        raise DomainError(f"{of}.too_late", _("This can be undone for one day only."))
