"""What sales accepts of what marketing hands over: rates by band and source, and the leads behind them."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.acceptance import Rate, decided, rates
from leads.scorer import scorer
from leads.spelling import spellings
from leads.views.answers import answer, page_for, signed_in
from leads.views.tables import Cell, Line, Table, number, table_file
from leadscoring.errors import DomainError
from leadscoring.people.roles import Role

SHOWN = 100


@page_for(Role.MARKETING, Role.MANAGER, Role.ADMIN)
def acceptance(request: HttpRequest) -> HttpResponseBase:
    """`?table=` asks for a table as a file, `?band=` or `?source=` lists the handoffs behind a figure."""
    user, now, query = signed_in(request), timezone.now(), request.GET
    found = decided(user, now=now)
    names = {band.key: band.name for band in scorer().scales().bands()}
    by_source = rates(found, by="source")
    sources = spellings("source", [rate.value for rate in by_source if rate.value])
    tables = {
        "band": _table("band", _("By band"), _("Band"), rates(found, by="band"), names),
        "source": _table("source", _("By source"), _("Source"), by_source, sources),
    }
    if wanted := query.get("table"):
        if wanted not in tables:
            raise DomainError("table.not_found", _("There is no such table."))
        return table_file(
            tables[wanted], name=f"accepted-by-{wanted}-{timezone.localdate(now)}", wanted=query.get("format")
        )
    chosen = {name: query[name].replace("\0", "") for name in tables if name in query}
    listed = found.filter(**chosen).select_related("lead", "by").order_by("-at", "-pk")
    context = {
        "tables": list(tables.values()),
        "chosen": ", ".join(
            (names | sources).get(value, value) or _("no source") for value in chosen.values()
        ),
        "listed": [(one, names.get(one.band, one.band)) for one in listed[:SHOWN]] if chosen else [],
        "now": now,
    }
    return answer(request, "leads/acceptance.html", context)


def _table(key: str, title: str, first: str, found: Sequence[Rate], names: dict[str, str]) -> Table:
    lines = [
        Line(
            names.get(rate.value, rate.value) or _("No source"),
            [number(rate.decided, "?" + urlencode({key: rate.value})), number(rate.accepted), *_share(rate)],
        )
        for rate in found
    ]
    return Table(key, title, first, [_("Decided"), _("Accepted"), _("Rate"), _("95 % interval")], lines)


def _share(rate: Rate) -> tuple[Cell, Cell]:
    low, high = rate.interval or (0.0, 1.0)
    share = round(100 * rate.share)
    return Cell(f"{share} %", share), Cell(
        _("%(low).0f to %(high).0f %%") % {"low": 100 * low, "high": 100 * high}
    )
