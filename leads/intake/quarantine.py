"""What could not be used: why, how often, and again after a fix."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Min, QuerySet
from django.utils.translation import gettext as _

from leads.intake import belonging
from leads.intake.inbox import nudge
from leads.models import IntakeMessage
from leadscoring.audit.record import record
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

MAY = (Role.MARKETING, Role.ADMIN)
MAPPERS = (Role.MARKETING,)
SHOWN = 100
State = IntakeMessage.State


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that can't be used for one reason."""

    code: str
    reason: str
    count: int
    first_at: datetime
    last_at: datetime


def groups() -> list[Group]:
    """Reasons with how many messages each has, the most frequent first; at most `SHOWN`."""
    rows = (
        IntakeMessage.objects.filter(state=State.QUARANTINED)
        .values_list("code", "reason")
        .annotate(count=Count("pk"), first_at=Min("received_at"), last_at=Max("received_at"))
        .order_by("-count", "code", "reason")[:SHOWN]
    )
    return [Group(*row) for row in rows]


def of_reason(code: str, reason: str) -> QuerySet[IntakeMessage]:
    """The messages of a reason, the latest first."""
    found = IntakeMessage.objects.filter(state=State.QUARANTINED, code=code, reason=reason)
    return found.order_by("-pk")


@transaction.atomic
def replay(*, ids: Collection[int], actor: User, at: datetime) -> int:
    """Let these messages be tried again; how many. Raises DomainError `not_allowed`."""
    _check_may(actor)
    return _replay(IntakeMessage.objects.filter(pk__in=ids), actor, at, code="")


@transaction.atomic
def replay_reason(*, code: str, reason: str, actor: User, at: datetime) -> int:
    """Let all messages of a reason be tried again; how many. Raises DomainError `not_allowed`."""
    _check_may(actor)
    return _replay(of_reason(code, reason).order_by(), actor, at, code=code)


def forget(*, at: datetime) -> int:
    """Remove what was set aside or held for longer than the setting INTAKE_KEPT_DAYS; how many messages.

    By then it is settled whose was what was done without a name, too.
    """
    before = at - timedelta(days=settings.INTAKE_KEPT_DAYS)
    belonging.forget(before=before)
    old = IntakeMessage.objects.exclude(state=State.WAITING).filter(received_at__lt=before)
    return old.delete()[0]


def _check_may(actor: User) -> None:
    if not actor.has_role(*MAY):
        raise DomainError("not_allowed", _("Marketing and admins replay messages."))


def _replay(found: QuerySet[IntakeMessage], actor: User, at: datetime, *, code: str) -> int:
    one = found.filter(state=State.QUARANTINED).first()
    if one is None:
        return 0
    count = found.filter(state=State.QUARANTINED).update(state=State.WAITING, tries=0, code="", reason="")
    record(action="intake.replayed", target=one, actor=actor, at=at, count=count, code=code)
    nudge()
    return count
