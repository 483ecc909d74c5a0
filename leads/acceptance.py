"""How many of the leads that marketing hands over sales accepts, by band and by source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from leads import access
from leads.models import Handoff
from leadscoring.intervals import Interval, wilson
from leadscoring.people.models import User

DAYS = 90


@dataclass(frozen=True, slots=True)
class Rate:
    """Of `decided` handoffs of a band or source, `accepted` were."""

    value: str
    decided: int
    accepted: int

    @property
    def share(self) -> float:
        return self.accepted / self.decided

    @property
    def interval(self) -> Interval | None:
        return wilson(self.accepted, self.decided)


def decided(user: User, *, now: datetime) -> QuerySet[Handoff]:
    """What sales said in the last 90 days of leads that this person may see; nothing that was undone."""
    standing = Handoff.objects.filter(undone_at=None, at__gt=now - timedelta(days=DAYS), at__lte=now)
    return standing.filter(lead__in=access.visible_leads(user))


def rates(handoffs: QuerySet[Handoff], *, by: str) -> Sequence[Rate]:
    """The rates by `band` (its key) or `source` (in normal form), the most decided first."""
    counted = handoffs.values_list(by).annotate(
        decided=Count("pk"), accepted=Count("pk", filter=Q(accepted=True))
    )
    return [Rate(*row) for row in counted.order_by("-decided", by)]
