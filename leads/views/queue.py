"""The queue: what to work now, in order, with the reasons beside it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads import access, activities
from leads.models import Lead
from leads.queue import ranking
from leads.queue.choices import KeptList
from leads.queue.claims import next_lead
from leads.queue.filters import QueueFilters, kept
from leads.queue.ranking import SALES, Page
from leads.views.answers import LEAD_WORKERS, answer, came_from, deed_for, done, page_for, signed_in
from leads.views.emptiness import why_empty
from leads.views.filters import changed, is_filtered, pills_of
from leads.views.last_list import last_list, remember
from leads.views.parts import parts_of
from leads.views.rows import grouped
from leads.views.second_looks import looks_of
from leads.views.tallies import bands_of, counts_of_lists, shown_count, view_lists, whole_list, work_lists

SEEN_LIMIT = 4000


@page_for(*LEAD_WORKERS)
def queue(request: HttpRequest) -> HttpResponse:
    """The ranked list and the chosen lead; htmx asks for the lead's panel alone, or the list alone.

    Asked for without saying which list, it goes to the one that the person looked at last.
    """
    if not request.GET and (last := last_list(request)):
        return HttpResponseRedirect(f"/queue/?{last}")
    now = timezone.now()
    if request.headers.get("HX-Target") == "panel":
        return answer(request, "leads/panel_answer.html", panel_of(request, _chosen_id(request), now=now))
    context = list_of(request, now=now)
    if request.headers.get("HX-Target") == "list":
        return answer(request, "leads/list_answer.html", context | {"chosen": _chosen_id(request)})
    chosen, rows = _chosen_id(request), context["page"].rows
    if chosen is None and rows:  # the first one, whose panel comes after the list
        context |= {"chosen": rows[0].lead.pk, "panel_later": True}
    else:
        context |= panel_of(request, chosen, now=now)
    return remember(request, answer(request, "leads/queue.html", context))


@page_for(*LEAD_WORKERS)
def counts(request: HttpRequest) -> HttpResponse:
    """How many leads are in each of the lists at the side, for the page to fill in; `but` names one that it
    has counted."""
    user, now = signed_in(request), timezone.now()
    found = counts_of_lists(user, now=now, but=request.GET.get("but", ""))
    return answer(request, "leads/counts.html", {"counts": found})


@page_for(*LEAD_WORKERS)
def news(request: HttpRequest) -> HttpResponse:
    """How many of the leads shown (`seen`) have moved since; nothing where none has."""
    now = timezone.now()
    before = set(request.GET.get("seen", "")[:SEEN_LIMIT].split()[: ranking.PAGE_SIZE])
    after = set(_seen(_page(request, now=now)))
    moved = {mark.partition(":")[0] for mark in before ^ after}
    if not moved:
        return HttpResponse(status=204)
    sentence = ngettext("%(count)d lead has moved.", "%(count)d leads have moved.", len(moved))
    return answer(request, "leads/news.html", {"sentence": sentence % {"count": len(moved)}})


@deed_for(*LEAD_WORKERS)
def work_next(request: HttpRequest) -> HttpResponse:
    """Claim the best free lead of the list that is shown, and choose it."""
    user, now = signed_in(request), timezone.now()
    lead = next_lead(user=user, now=now, criteria=_filters(request).criteria)
    if lead is None:
        done(request, _("No free lead is waiting here."))
        return HttpResponseRedirect(came_from(request, "/queue/"))
    claimed = activities.last_of(actor=user, now=now)
    said = _("%(lead)s is yours for the next half hour.") % {"lead": lead}
    done(request, said, undo=None if claimed is None else claimed.pk)
    return HttpResponseRedirect("/queue/" + changed(request.GET, lead=str(lead.pk)))


def list_of(request: HttpRequest, *, now: datetime) -> dict[str, Any]:
    """What the list beside the panel shows."""
    user, filters = signed_in(request), _filters(request)
    page, counts = ranking.looked_at(
        user=user,
        now=now,
        criteria=filters.criteria,
        after=request.GET.get("after"),
        sort=filters.order,
    )
    count, more = shown_count(request.GET, counts, page)
    filtered = is_filtered(request.GET)
    views = filters.choices.views
    lists, kept_lists = work_lists(request.GET), view_lists(request.GET, views, user)
    return {
        "groups": grouped(page.rows, request.GET, sort=filters.order),
        "page": page,
        "lists": lists,
        "kept_lists": kept_lists,
        "whole": whole_list(request.GET, [*kept_lists, *lists]),
        "view": _open_view(request, views),
        "heading": next((each.label for each in (*kept_lists, *lists) if each.chosen), lists[0].label),
        "bands": bands_of(request.GET, counts),
        "count": count,
        "more": more,
        "filters": pills_of(request.GET, filters, sorts=True),
        "filtered": filtered,
        "refused": filters.refused,
        "list_query": kept(request.GET),
        "seen": " ".join(_seen(page)),
        "second_looks": [] if filtered or request.GET.get("after") else looks_of(user, now=now),
        "empty": None if page.rows else why_empty(user, filtered=filtered),
    }


def _open_view(request: HttpRequest, views: Sequence[KeptList]) -> dict[str, Any] | None:
    """The saved view that is looked at, and whether the filters are no longer those it stands for."""
    view = next((view for view in views if view.slug == request.GET.get("view")), None)
    if view is None:
        return None
    here = request.GET.copy()
    here.pop("view")
    return {"is": view, "differs": kept(here) != view.query, "mine": view.owner_id == request.user.pk}


def panel_of(request: HttpRequest, lead_id: int | None, *, now: datetime) -> dict[str, Any]:
    if lead_id is None:
        return {"chosen": None}
    lead: Lead = access.get_lead(signed_in(request), lead_id)
    return {"chosen": lead.pk, "here": _here(request, lead.pk), "onward": _onward(request)} | parts_of(
        request, lead, now=now
    )


def _filters(request: HttpRequest) -> QueueFilters:
    return QueueFilters(request.GET, user=signed_in(request), worked_by=SALES)


def _page(request: HttpRequest, *, now: datetime) -> Page:
    filters = _filters(request)
    return ranking.ranked(
        user=signed_in(request),
        now=now,
        criteria=filters.criteria,
        after=request.GET.get("after"),
        sort=filters.order,
    )


def _seen(page: Page) -> list[str]:
    return [f"{row.lead.pk}:{row.score}" for row in page.rows]


def _chosen_id(request: HttpRequest) -> int | None:
    text = request.GET.get("lead", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _onward(request: HttpRequest) -> str:
    """The address of the list, with its first lead chosen: where one goes on once a lead is put off."""
    query = request.GET.copy()
    for name in ("lead", "verb"):
        query.pop(name, None)
    return f"/queue/?{query.urlencode()}"


def _here(request: HttpRequest, lead_id: int) -> str:
    """The address of the list with this lead chosen: where its forms come back to."""
    query = request.GET.copy()
    query["lead"] = str(lead_id)
    for name in ("first", "verb"):
        query.pop(name, None)
    return f"/queue/?{query.urlencode()}"
