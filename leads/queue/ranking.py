"""The queue: leads that a person may work now, ranked, a page at a time.

Order: band from the top, effective score, most recent intent, lead id. The SQL is in `ranking_sql`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import NamedTuple

from leads import access
from leads.models import Claim, Lead, Override
from leads.queue import ranking_sql, values_sql, walk_sql
from leads.queue.criteria import ALL, Criteria, Sort
from leads.queue.cursor import Cursor, decode
from leads.queue.ranking_sql import Counted
from leads.queue.rungs import Rung, by_band, rungs_asked_for
from leads.queue.scope import NO_TEAM, NOBODY, Claims, Place, Scope
from leads.queue.shown import Shown, leads_of
from leads.queue.yesterday import Moved, moved
from leads.response.clocks import Waiting
from leads.scorer import Band, Scale, Scales, scorer
from leadscoring.people.models import User

SALES, MARKETING = "sales", "marketing"
PAGE_SIZE = 50
GREATEST_PAGE = 500
CANDIDATES = 20
COUNT_LIMIT = 1000

# A band and in which versions it is at which rank.
Tallied = tuple[Band, Sequence[Rung]]
# Places, and counts where they were asked for.
Found = tuple[list[Place], list[Counted]]


@dataclass(frozen=True, slots=True)
class Row:
    """One lead of the queue. `score` and `band` are effective, `model_score` and `model_band` the model's.

    `lead` has its account and owner loaded, as far as a row shows them. `override` is the one that is active,
    with its author; `claim` this person's own: what others hold isn't here. `back_at` says since when it is
    back from a snooze, until somebody does something with it; `waiting` the response clocks that run;
    `refusal` how it said that it doesn't want to be contacted, else "". `moved` is of the model's score.
    """

    lead: Lead
    score: int
    band: Band
    model_score: int
    model_band: Band
    override: Override | None
    claim: Claim | None
    back_at: datetime | None
    waiting: Waiting | None
    refusal: str
    moved: Moved | None

    @property
    def name(self) -> str:
        return self.lead.name

    @property
    def title(self) -> str:
        return str(self.lead.attributes.get("job_title", ""))

    @property
    def company(self) -> str:
        return "" if self.lead.account is None else str(self.lead.account.attributes.get("company", ""))

    @property
    def what(self) -> str:
        """Title and company, as far as they are known."""
        return ", ".join(filter(None, (self.title, self.company)))


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a ranking. `next` and `previous` are cursors for `after`, None where nothing follows."""

    rows: Sequence[Row]
    next: str | None = None
    previous: str | None = None


class HowMany(NamedTuple):
    """So many leads; or with `more` at least as many."""

    leads: int
    more: bool


@dataclass(frozen=True, slots=True)
class BandCount:
    """How many leads of a band wait: `count`, or with `more` at least as many.

    There is more when there are over `COUNT_LIMIT`, and may be where leads are looked at one by one
    (`walk_sql`): then the first of them are.
    """

    band: Band
    count: int
    more: bool


def ranked(
    *,
    user: User,
    now: datetime,
    criteria: Criteria = ALL,
    after: str | None = None,
    size: int = PAGE_SIZE,
    sort: Sort = Sort.RANK,
) -> Page:
    """A page of this person's queue: at most `size` (up to 500) leads after the cursor `after`.

    Open leads that they may work, in bands that sales works, not held back, not claimed by someone else; and
    but for those that they hold themselves, not snoozed and not skipped by them.
    Empty for whoever works no leads, and while no model is live. Raises DomainError `cursor.invalid`.
    """
    found = queue_of(user, criteria)
    if found is None:
        return Page(())
    scope, scales = found
    return page_of(scope, scales, now=now, after=after, size=size, sort=sort)


def looked_at(
    *, user: User, now: datetime, criteria: Criteria, after: str | None, sort: Sort
) -> tuple[Page, list[BandCount]]:
    """What a page of the queue shows: `ranked` and `waiting` at once."""
    found = queue_of(user, replace(criteria, bands=frozenset()))
    if found is None:
        return Page(()), []
    every_band, scales = found
    scope = replace(every_band, rungs=rungs_asked_for(scales, SALES, criteria))
    return page_with_counts(scope, scales, by_band(every_band.rungs, scales), now=now, after=after, sort=sort)


def waiting(*, user: User, now: datetime, criteria: Criteria = ALL) -> list[BandCount]:
    """How many leads wait in each band of this person's queue, from the top band down."""
    found = queue_of(user, replace(criteria, bands=frozenset()))
    return [] if found is None else counts_of(*found, now=now)


def how_many(*, user: User, now: datetime, criteria: Criteria = ALL, limit: int) -> HowMany:
    """How many leads of this person's queue are asked for, counted up to `limit`."""
    found = queue_of(user, criteria)
    if found is None:
        return HowMany(0, False)
    scope, scales = found
    (counted,) = ranking_sql.counts(scope, scales, [scope.rungs], now=now, limit=limit)
    return HowMany(min(counted.leads, limit), counted.cut or counted.leads >= limit)


def queue_of(user: User, criteria: Criteria) -> tuple[Scope, Scales] | None:
    """Which leads are this person's queue; None for whoever works no leads, and while no model is live."""
    scales = scorer().scales()
    if not scales.live or not access.works_leads(user):
        return None
    return scope_of(user, criteria, scales, worked_by=SALES), scales


def free_lead_ids(*, user: User, now: datetime, criteria: Criteria = ALL) -> Iterator[list[int]]:
    """The leads of this person's queue that nobody holds, best first, some at a time as far as one looks."""
    found = free_of(user, criteria)
    if found is None:
        return
    scope, scales = found
    after: Cursor | None = None
    while places := ranking_sql.places(scope, scales, now=now, after=after, size=CANDIDATES):
        yield [place.lead_id for place in places]
        after = _cursor(places[-1])


def free_of(user: User, criteria: Criteria) -> tuple[Scope, Scales] | None:
    """As `queue_of`, without the leads that anybody holds, be it this person."""
    found = queue_of(user, criteria)
    return None if found is None else (replace(found[0], claims=Claims.HIDE), found[1])


def scope_of(user: User, criteria: Criteria, scales: Scales, *, worked_by: str) -> Scope:
    """What somebody may have of the bands that sales, or marketing, works, as far as they ask for it."""
    teams = (*user.team_ids, NO_TEAM)
    whole = access.works_whole_teams(user)
    return Scope(
        user_id=user.pk,
        teams=tuple(team for team in teams if criteria.team in (None, team)),
        allowed_owners=None if whole else frozenset({user.pk, NOBODY}),
        wanted_owners=criteria.owners or None,
        rungs=rungs_asked_for(scales, worked_by, criteria),
        values=criteria.values,
        rare=values_sql.rare(criteria.values) if criteria.rare is None else criteria.rare,
        claimed=criteria.claimed,
        overridden=criteria.overridden,
        snoozed=criteria.snoozed,
    )


def counts_of(scope: Scope, scales: Scales, *, now: datetime) -> list[BandCount]:
    """How many leads each band has, from the top; of those that no live version has, the ones with leads."""
    bands = by_band(scope.rungs, scales)
    tallies = [rungs for _band, rungs in bands]
    found = ranking_sql.counts(scope, scales, tallies, now=now, limit=COUNT_LIMIT + 1)
    return _counted(bands, found, scales)


def page_of(
    scope: Scope, scales: Scales, *, now: datetime, after: str | None, size: int, sort: Sort = Sort.RANK
) -> Page:
    """One page of a ranking, with what its rows show: at most three queries, whatever its size."""
    size = max(1, min(size, GREATEST_PAGE))
    start = decode(after) if after else None

    def find(scope: Scope, looked: int | None) -> Found:
        places = ranking_sql.places(
            scope, scales, now=now, after=start, size=size + 1, sort=sort, looked=looked
        )
        return places, []

    found, _no_counts = _near_first(find, scope, size + 1)
    return _page(found, start, size, scales, now=now)


def page_with_counts(
    scope: Scope, scales: Scales, bands: Sequence[Tallied], *, now: datetime, after: str | None, sort: Sort
) -> tuple[Page, list[BandCount]]:
    """A page as `page_of` has it, and how many leads each of some bands has, by one statement for both."""
    start = decode(after) if after else None
    tallies = [rungs for _band, rungs in bands]
    size, limit = PAGE_SIZE + 1, COUNT_LIMIT + 1

    def find(scope: Scope, looked: int | None) -> Found:
        return ranking_sql.places_and_counts(
            scope, scales, tallies, now=now, after=start, size=size, sort=sort, limit=limit, looked=looked
        )

    found, counts = _near_first(find, scope, size)
    return _page(found, start, PAGE_SIZE, scales, now=now), _counted(bands, counts, scales)


def _near_first(find: Callable[[Scope, int | None], Found], scope: Scope, size: int) -> Found:
    """Of leads within a segment that it is far to all of, the first are tested one by one, and all are found
    only where too few of those are in it."""
    if scope.within is not None and scope.gathers and scope.within.far:
        soon = find(replace(scope, one_by_one=True), walk_sql.FAR_ENOUGH_FOR_A_PAGE)
        if len(soon[0]) == size:
            return soon
    return find(scope, None)


def _counted(bands: Sequence[Tallied], counts: Sequence[Counted], scales: Scales) -> list[BandCount]:
    live = {band.key for band in scales.bands()}
    return [
        BandCount(band, min(count.leads, COUNT_LIMIT), count.cut or count.leads > COUNT_LIMIT)
        for (band, _rungs), count in zip(bands, counts, strict=True)
        if count.leads or count.cut or band.key in live
    ]


def _page(found: Sequence[Place], start: Cursor | None, size: int, scales: Scales, *, now: datetime) -> Page:
    """Of places, of which there may be one more than the page has."""
    backwards = start is not None and start.backwards
    more = len(found) > size
    shown = found[-size:] if backwards else found[:size]
    if not shown:
        return Page(())
    has_next, has_previous = (True, more) if backwards else (more, start is not None)
    return Page(
        rows_of(shown, scales, now=now),
        next=_cursor(shown[-1]).encode() if has_next else None,
        previous=replace(_cursor(shown[0]), backwards=True).encode() if has_previous else None,
    )


def rows_of(places: Sequence[Place], scales: Scales, *, now: datetime) -> list[Row]:
    """What the rows of these places show."""
    shown = leads_of([place.lead_id for place in places], now=now)
    scale_of = cache(scales.of)
    return [
        _row(place, shown[place.lead_id], scale_of(place.version_id), scales)
        for place in places
        if place.lead_id in shown
    ]


def _row(place: Place, shown: Shown, scale: Scale, scales: Scales) -> Row:
    model_band = scale.band_at(place.model_band)
    return Row(
        lead=shown.lead,
        score=place.score,
        band=scale.band_at(place.band),
        model_score=place.model_score,
        model_band=model_band,
        override=None if place.override_id is None else shown.override,
        claim=shown.claim if place.held else None,
        back_at=shown.back_at,
        waiting=shown.waiting,
        refusal=shown.refusal,
        moved=moved(shown.before, place.model_score, model_band, scales),
    )


def _cursor(place: Place) -> Cursor:
    return Cursor(place.band, place.score, place.last_intent_at, place.lead_id, key=place.key)
