"""The counts at the side of the queue: how many leads wait in each list and band."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from leads.queue import ranking
from leads.queue.criteria import Criteria
from leads.queue.ranking import BandCount
from leads.scorer import Band
from leads.views.filters import changed
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Tally:
    """A list and how many leads are in it, or a few more than can be counted (`more`)."""

    label: str
    query: str
    chosen: bool
    count: int
    more: bool
    band: Band | None = None


def views_of(query: QueryDict, user: User, *, now: datetime) -> list[Tally]:
    """The queue's own lists, without the filters."""
    lists = (
        ("", _("To work now"), Criteria()),
        ("claimed", _("Claimed by me"), Criteria(claimed=True)),
        ("overridden", _("Overridden"), Criteria(overridden=True)),
    )
    only = query.get("only", "")
    known = only if only in {key for key, _label, _criteria in lists} else ""
    return [
        _tally(
            label,
            f"?only={key}" if key else "?",
            key == known,
            ranking.waiting(user=user, now=now, criteria=wanted),
        )
        for key, label, wanted in lists
    ]


def bands_of(query: QueryDict, counts: Sequence[BandCount]) -> list[Tally]:
    """The bands as filters; choosing the chosen one takes it away."""
    chosen = query.getlist("band")
    return [
        Tally(
            label=count.band.name,
            query=changed(query, band="" if count.band.key in chosen else count.band.key),
            chosen=count.band.key in chosen,
            count=count.count,
            more=count.more,
            band=count.band,
        )
        for count in counts
    ]


def shown_count(query: QueryDict, counts: Sequence[BandCount]) -> tuple[int, bool]:
    """How many leads the list has, bands that aren't asked for left out, and whether there are more."""
    wanted = query.getlist("band")
    shown = [count for count in counts if not wanted or count.band.key in wanted]
    return sum(count.count for count in shown), any(count.more for count in shown)


def _tally(label: str, query: str, chosen: bool, counts: Sequence[BandCount]) -> Tally:
    return Tally(
        label, query, chosen, sum(count.count for count in counts), any(count.more for count in counts)
    )
