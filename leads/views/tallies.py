"""The lists at the side of the queue, and how many leads wait in each list and band."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from leads.queue import ranking
from leads.queue.choices import KeptList, choices_of
from leads.queue.criteria import Criteria
from leads.queue.filters import EVERYTHING, QueueFilters, due_by, kept
from leads.queue.ranking import BandCount, Page
from leads.scorer import Band
from leads.views.filters import changed
from leadscoring.people.models import User

# How far a list at the side is counted.
FAR_ENOUGH = 100
MOST_COUNTED = 25


@dataclass(frozen=True, slots=True)
class Listed:
    """A list that one can go to. `key` is its name in the page, `note` what else to say of it."""

    key: str
    label: str
    query: str
    chosen: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """A list and how many leads are in it, or a few more than can be counted (`more`)."""

    label: str
    query: str
    chosen: bool
    count: int
    more: bool
    band: Band | None = None


def work_lists(query: QueryDict) -> list[Listed]:
    """The queue's own lists, without other filters."""
    named = (
        (EVERYTHING, _("To work now")),
        ("claimed", _("Claimed by me")),
        ("overdue", _("Overdue")),
        ("today", _("Due today")),
        ("snoozed", _("Snoozed")),
        ("back", _("Back from snooze")),
        ("overridden", _("Overridden")),
    )
    only = query.get("only", "")
    known = only if only in dict(named) else EVERYTHING
    in_a_view = bool(query.get("view"))
    return [Listed(key, label, f"?only={key}", key == known and not in_a_view) for key, label in named]


def view_lists(query: QueryDict, views: Sequence[KeptList], user: User) -> list[Listed]:
    """The saved views, each with who shares it."""
    return [
        Listed(
            key=f"view-{view.pk}",
            label=view.name,
            query=f"?{view.query}&view={view.slug}",
            chosen=query.get("view") == view.slug,
            note="" if view.owner_id == user.pk else _("shared by %(person)s") % {"person": view.owner},
        )
        for view in views
    ]


def whole_list(query: QueryDict, lists: Sequence[Listed]) -> str:
    """The key of the chosen list where the address asks for all of it, else ""."""
    asked = kept(query)
    return next(
        (each.key for each in lists if each.chosen and kept(QueryDict(each.query[1:])) == asked),
        "",
    )


def counts_of_lists(user: User, *, now: datetime, but: str = "") -> list[tuple[str, int, bool]]:
    """How many leads are in each list at the side, by its key, counted up to `FAR_ENOUGH`, and whether there
    may be more. The list with the key `but`, which the page has counted further, is left out."""
    lists = [(EVERYTHING, Criteria()), ("claimed", Criteria(claimed=True))]
    lists += [(only, Criteria(due_by=due_by(only, user, now=now))) for only in ("overdue", "today")]
    lists += [("snoozed", Criteria(snoozed=True)), ("back", Criteria(back=True, rare="back"))]
    lists += [("overridden", Criteria(overridden=True))]
    choices = choices_of(user, worked_by=ranking.SALES)
    for view in choices.views[:MOST_COUNTED]:
        filters = QueueFilters(QueryDict(view.query), user=user, worked_by=ranking.SALES, choices=choices)
        lists.append((f"view-{view.pk}", filters.criteria))
    return [
        (key, *ranking.how_many(user=user, now=now, criteria=wanted, limit=FAR_ENOUGH))
        for key, wanted in lists
        if key != but
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


def shown_count(query: QueryDict, counts: Sequence[BandCount], page: Page) -> tuple[int, bool]:
    """How many leads the list has, bands that aren't asked for left out, and whether there may be more."""
    if page.next is None and page.previous is None:
        return len(page.rows), False
    wanted = query.getlist("band")
    shown = [count for count in counts if not wanted or count.band.key in wanted]
    return max(sum(count.count for count in shown), len(page.rows)), any(count.more for count in shown)
