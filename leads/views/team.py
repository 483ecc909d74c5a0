"""The manager's view of their teams: queues, shares, answers and load, each figure with its leads."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import override_reviews
from leads.models import Lead
from leads.scorer import Band
from leads.team import answers, fairness
from leads.team.given import Given
from leads.team.picture import Picture
from leads.team.picture import picture as picture_of
from leads.team.queues import NOBODY
from leads.templatetags.bands import look
from leads.views.answers import answer, page_for, signed_in
from leads.views.breakdown import Part
from leads.views.keys import key_of
from leads.views.tables import Cell, Line, Table, number, table_file
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role

T = TypeVar("T")
MOST_LISTED = 200
UNLIKELY = 0.05


@dataclass(frozen=True, slots=True)
class Bar:
    """A person's open leads as a bar, a part for each band."""

    name: str
    parts: Sequence[Part]
    leads: int


@page_for(Role.MANAGER)
def team(request: HttpRequest) -> HttpResponseBase:
    """Everything of the own teams; `?table=` asks for one table as CSV, with `format=xlsx` as a workbook."""
    user, now = signed_in(request), timezone.now()
    picture = picture_of(user, now=now)
    tables = {table.key: table for table in (make(picture) for make in _TABLES)}
    if wanted := request.GET.get("table"):
        if wanted not in tables:
            raise DomainError("table.not_found", _("There is no such table."))
        return table_file(
            tables[wanted], name=f"{wanted}-{timezone.localdate(now)}", wanted=request.GET.get("format")
        )
    context = {
        "tables": list(tables.values()),
        "bars": _bars(picture),
        "bands": picture.bands,
        "to_review": override_reviews.to_review(user).count(),
        "has_teams": bool(user.team_ids),
    }
    return answer(request, "leads/team.html", context)


@page_for(Role.MANAGER)
def given_leads(request: HttpRequest) -> HttpResponse:
    """The leads behind a figure: what one person was given in the last 30 days, of one band or all."""
    user, now = signed_in(request), timezone.now()
    picture = picture_of(user, now=now)
    owner, band = key_of(request.GET.get("owner", "")), request.GET.get("band", "")
    found = [
        one
        for one in picture.given
        if (owner is None or one.owner_id == owner) and (not band or one.band == band)
    ]
    leads = Lead.objects.select_related("account").in_bulk([one.lead_id for one in found[:MOST_LISTED]])
    labels = {one.key: one.name for one in picture.scales.bands()}
    context = {
        "rows": [
            (
                leads[one.lead_id],
                picture.names.get(one.owner_id, ""),
                labels.get(one.band, one.band),
                one.at,
                "" if one.answer is None else say_length(one.answer),
            )
            for one in found[:MOST_LISTED]
            if one.lead_id in leads
        ],
        "count": len(found),
        "owner": "" if owner is None else picture.names.get(owner, ""),
        "band": labels.get(band, band),
        "now": now,
    }
    return answer(request, "leads/given.html", context)


def say_length(length: timedelta) -> str:
    """A length of business time, short."""
    minutes = round(length.total_seconds() / 60)
    if minutes < 60:
        return _("%(count)d min") % {"count": minutes}
    return _("%(hours)d h %(minutes)02d") % {"hours": minutes // 60, "minutes": minutes % 60}


def _queue_table(picture: Picture) -> Table:
    """Open leads by band, and how many wait and are overdue."""
    keys = [band.key for band in picture.bands]
    lines = []
    for queue in _by_name(picture, picture.queues, lambda queue: queue.owner_id):
        if not any(queue.open[key] for key in keys):
            continue
        who = "none" if queue.owner_id == NOBODY else str(queue.owner_id)
        overdue = sum(queue.overdue[key] for key in keys)
        cells = [number(queue.open[key], _queue(owner=who, band=key)) for key in keys]
        cells.append(number(sum(queue.waiting[key] for key in keys)))
        cells.append(Cell(f"{overdue:,}", overdue, _overdue(who) if overdue else "", late=overdue > 0))
        lines.append(Line(picture.names.get(queue.owner_id, "?"), cells))
    heads = [*(band.name for band in picture.bands), _("Waiting for an answer"), _("Overdue")]
    said = _("Leads that somebody snoozed are counted, those that are held back are not.")
    return Table("queue", _("Open leads"), _("Who"), heads, lines, said if lines else "")


def _given_table(picture: Picture) -> Table:
    """Who got how many of which band, with the share of each band."""
    by_owner = fairness.shares(picture.given)
    lines = []
    for owner in _by_name(picture, by_owner, lambda owner: owner):
        cells = []
        for band in picture.bands:
            share = by_owner[owner].get(band.key)
            cells.append(_share(share, owner, band) if share else number(0))
        lines.append(Line(picture.names.get(owner, "?"), cells))
    heads = [band.name for band in picture.bands]
    return Table("given", _("Given in the last 30 days"), _("Who"), heads, lines, _verdict(picture))


def _share(share: fairness.Share, owner: int, band: Band) -> Cell:
    low, high = share.interval or (0.0, 1.0)
    small = _("%(share).0f %% of them (%(low).0f to %(high).0f)")
    said = small % {"share": 100 * share.share, "low": 100 * low, "high": 100 * high}
    return Cell(f"{share.leads:,}", share.leads, _given(owner=str(owner), band=band.key), said)


def _verdict(picture: Picture) -> str:
    likely = fairness.chance(fairness.counts(picture.given))
    if not picture.given:
        return ""
    if likely is None:
        return _("Too few to tell whether somebody got better ones. In brackets: 95 % intervals.")
    if likely < UNLIKELY:
        return _("Chance alone hardly mixes bands so unevenly (chi-square, p = %(p).3f).") % {"p": likely}
    return _("Chance alone mixes bands as unevenly (chi-square, p = %(p).2f).") % {"p": likely}


def _answer_table(picture: Picture) -> Table:
    """From when a lead was given to the first time that its owner reached out, by person and by band."""
    lines = []
    for owner in _by_name(picture, {one.owner_id for one in picture.given}, lambda owner: owner):
        mine = [one for one in picture.given if one.owner_id == owner]
        lines.append(_answered(picture.names.get(owner, "?"), mine, _given(owner=str(owner))))
    for band in picture.bands:
        of_band = [one for one in picture.given if one.band == band.key]
        if of_band:
            lines.append(_answered(band.name, of_band, _given(band=band.key)))
    heads = [_("Given"), _("Answered"), _("Median"), _("9 of 10 within")]
    said = _("In business hours of the team, of those that were answered by who was given them.")
    heading, first = _("Time to the first answer"), _("Who or band")
    return Table("answers", heading, first, heads, lines, said if lines else "")


def _answered(label: str, leads: Sequence[Given], href: str) -> Line:
    found = answers.answers(leads)
    times = [
        Cell("–") if length is None else Cell(say_length(length), round(length.total_seconds() / 60))
        for length in (found.median, found.p90)
    ]
    return Line(label, [number(found.given, href), number(found.answered), *times])


def _load_table(picture: Picture) -> Table:
    """What each team can work in a day against what its people are given."""
    lines = []
    for one in picture.loads:
        a_day = round(one.came_a_day, 1)
        over = one.came_a_day > one.a_day
        cells = [number(one.reps), number(one.a_day), Cell(f"{a_day:,.1f}", a_day, late=over)]
        lines.append(Line(one.team.name, cells))
    heads = [_("Reps"), _("Leads they can work a day"), _("Leads given a working day")]
    said = _("How many a rep works a day is set for each team. Given: leads of sales' bands in 30 days.")
    return Table("load", _("Capacity"), _("Team"), heads, lines, said if lines else "")


_TABLES: tuple[Callable[[Picture], Table], ...] = (_queue_table, _given_table, _answer_table, _load_table)


def _bars(picture: Picture) -> list[Bar]:
    """The open leads of each person as parts of the longest bar."""
    keys = [band.key for band in picture.bands]
    totals = {queue.owner_id: sum(queue.open[key] for key in keys) for queue in picture.queues}
    longest = max(totals.values(), default=0)
    bars = []
    for queue in _by_name(picture, picture.queues, lambda queue: queue.owner_id):
        if not totals[queue.owner_id]:
            continue
        parts, at = [], 0.0
        for band in picture.bands:
            width = 100 * queue.open[band.key] / longest
            parts.append(Part(look(band), at, width))
            at += width
        bars.append(Bar(picture.names.get(queue.owner_id, "?"), parts, totals[queue.owner_id]))
    return bars


def _by_name(picture: Picture, things: Iterable[T], owner_of: Callable[[T], int]) -> list[T]:
    return sorted(things, key=lambda one: (owner_of(one) == NOBODY, picture.names.get(owner_of(one), "")))


def _queue(**query: str) -> str:
    return f"{reverse('leads:queue')}?{urlencode(query)}"


def _overdue(owner: str) -> str:
    return _queue(only="overdue", owner=owner)


def _given(**query: str) -> str:
    return f"{reverse('leads:given')}?{urlencode(query)}"
