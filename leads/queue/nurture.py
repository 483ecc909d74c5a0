"""Marketing's list: the open leads of bands that marketing works, of all teams, and its CSV export."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from leads import access
from leads.queue import ranking, ranking_sql, values_sql
from leads.queue.criteria import ALL, Criteria, Sort
from leads.queue.ranking import MARKETING, BandCount, Page, Row
from leads.queue.rungs import by_band, rungs_asked_for
from leads.queue.scope import NO_TEAM, Claims, Scope, Within
from leads.scorer import Scales, scorer
from leads.spreadsheets.writing import Cells
from leadscoring.errors import DomainError
from leadscoring.people.models import Team, User

CHUNK = 2000
PERSON = ("email", "first_name", "last_name", "job_title", "country", "source")
COLUMNS = ("external_id", *PERSON, "company", "score", "band", "model_score")


def nurture(
    *,
    user: User,
    now: datetime,
    criteria: Criteria = ALL,
    within: Within | None = None,
    after: str | None = None,
    size: int = ranking.PAGE_SIZE,
) -> Page:
    """A page of marketing's list, in the queue's order. For marketing and admins.

    Claims don't matter here; leads held back by an override are left out.
    Raises DomainError: `nurture.not_yours`, `cursor.invalid`.
    """
    scales = _scales_for(user)
    if not scales.live:
        return Page(())
    return ranking.page_of(_scope(user, criteria, scales, within), scales, now=now, after=after, size=size)


def waiting(
    *, user: User, now: datetime, criteria: Criteria = ALL, within: Within | None = None
) -> list[BandCount]:
    """How many leads are in each band of marketing's list. Raises DomainError `nurture.not_yours`."""
    scales = _scales_for(user)
    return ranking.counts_of(_scope(user, criteria, scales, within), scales, now=now) if scales.live else []


def looked_at(
    *,
    user: User,
    now: datetime,
    criteria: Criteria,
    within: Within | None,
    after: str | None,
    teams: Sequence[int] | None = None,
) -> tuple[Page, list[BandCount]]:
    """What a page of the list shows: `nurture` and `waiting` at once, so that a segment is found once.

    `teams` are the ids of all teams, where they are known already. Raises DomainError as `nurture` does.
    """
    scales = _scales_for(user)
    if not scales.live:
        return Page(()), []
    scope = _scope(user, criteria, scales, within, teams)
    bands = by_band(scope.rungs, scales)
    return ranking.page_with_counts(scope, scales, bands, now=now, after=after, sort=Sort.RANK)


def how_many(*, user: User, now: datetime, criteria: Criteria, within: Within | None, limit: int) -> int:
    """How many leads of marketing's list are asked for, counted up to `limit`.

    Raises DomainError `nurture.not_yours`.
    """
    scales = _scales_for(user)
    if not scales.live:
        return 0
    scope = _scope(user, criteria, scales, within)
    tallies = [scope.rungs]
    (counted,) = ranking_sql.counts(scope, scales, tallies, now=now, limit=limit, looked=None)
    return min(limit, counted.leads)


def nurture_rows(
    *, user: User, now: datetime, criteria: Criteria = ALL, within: Within | None = None
) -> Iterator[Cells]:
    """The whole list as rows, header first, read from the database as they are taken.

    The permission is checked at once: raises DomainError `nurture.not_yours`.
    """
    scales = _scales_for(user)
    chunks = _chunks(_scope(user, criteria, scales, within), scales, now=now) if scales.live else iter(())
    return _rows(chunks)


def _scales_for(user: User) -> Scales:
    if not access.sees_all(user):
        raise DomainError("nurture.not_yours", _("This list is marketing's."))
    return scorer().scales()


def _scope(
    user: User,
    criteria: Criteria,
    scales: Scales,
    within: Within | None,
    teams: Sequence[int] | None = None,
) -> Scope:
    known = Team.objects.order_by("pk").values_list("pk", flat=True) if teams is None else sorted(teams)
    rare = values_sql.rare(criteria.values) if criteria.rare is None else criteria.rare
    return Scope(
        user_id=user.pk,
        teams=tuple(team for team in (NO_TEAM, *known) if criteria.team in (None, team)),
        allowed_owners=None,
        wanted_owners=criteria.owners or None,
        rungs=rungs_asked_for(scales, MARKETING, criteria),
        claims=Claims.IGNORE,
        values=criteria.values,
        rare=rare,
        overridden=criteria.overridden,
        within=within,
        one_by_one=bool(rare),
    )


def _chunks(scope: Scope, scales: Scales, *, now: datetime) -> Iterator[Sequence[Row]]:
    with transaction.atomic():  # a cursor lives no longer
        for places in ranking_sql.all_places(scope, scales, now=now, chunk=CHUNK):
            yield ranking.rows_of(places, scales, now=now)


def _rows(chunks: Iterator[Sequence[Row]]) -> Iterator[Cells]:
    yield COLUMNS
    for rows in chunks:
        yield from map(_cells, rows)


def _cells(row: Row) -> Cells:
    given = row.lead.attributes
    person = (given.get(key) for key in PERSON)
    return row.lead.external_id, *person, row.company, row.score, row.band.name, row.model_score
