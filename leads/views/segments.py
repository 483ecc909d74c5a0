"""Segments under a name: open, keep, change and delete them."""

from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.models import Segment
from leads.queue import nurture
from leads.queue.choices import choices_of
from leads.queue.filters import QueueFilters
from leads.queue.ranking import MARKETING
from leads.queue.scope import Within
from leads.segments import saved
from leads.segments.known import Known, all_known
from leads.segments.narrowing import narrowed
from leads.segments.reading import read_all
from leads.segments.saved import WHERE
from leads.views.answers import answer, deed_for, form_for, page_for, signed_in
from leads.views.list_changes import done_to_list
from leads.views.nurture import MARKETERS, PAGE, address_of, asked_by
from leadscoring.errors import DomainError
from leadscoring.people.models import User

LIST = "/nurture/segments/"
MOST_COUNTED = 25
FAR_ENOUGH = 1_000_000


class SegmentForm(forms.Form):
    """What a segment is called and who sees it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=saved.LONGEST_NAME)
    shared = forms.BooleanField(label=gettext_lazy("All of marketing sees it"), required=False)


@page_for(*MARKETERS)
def segments(request: HttpRequest) -> HttpResponse:
    """All segments that this person may open, each with what it asks for."""
    user, known = signed_in(request), all_known()
    listed = [
        {
            "segment": segment,
            "path": address_of(segment.query, segment.slug),
            "asks": _in_words(segment, known),
            "mine": segment.owner_id == user.pk,
        }
        for segment in saved.listed(user)
    ]
    return answer(request, "leads/segments.html", {"listed": listed})


@page_for(*MARKETERS)
def counts(request: HttpRequest) -> HttpResponse:
    """How many leads are in each segment now. One whose conditions no longer hold together has none shown.

    With `here`, how many are in the list that the rest of the address asks for, too: lists are counted less
    far than segments.
    """
    user, now = signed_in(request), timezone.now()
    choices, known = choices_of(user, worked_by=MARKETING), all_known()
    found = []
    for segment in saved.listed(user)[:MOST_COUNTED]:
        query = QueryDict(segment.query)
        filters = QueueFilters(query, user=user, worked_by=MARKETING, choices=choices)
        try:
            within = narrowed(read_all(query.getlist(WHERE), known))
        except DomainError:
            continue
        found.append((f"segment-{segment.pk}", *_counted(user, filters, within, now=now)))
    here = None
    if "here" in request.GET:
        asked = asked_by(request.GET, user)
        here = _counted(user, asked.filters, asked.within, now=now)
    return answer(request, "leads/counts.html", {"counts": found, "here": here})


def _counted(user: User, filters: QueueFilters, within: Within | None, *, now: datetime) -> tuple[int, bool]:
    """How many leads are asked for, and whether there may be more."""
    wanted = filters.criteria
    count = nurture.how_many(user=user, now=now, criteria=wanted, within=within, limit=FAR_ENOUGH)
    return count, count == FAR_ENOUGH


@page_for(*MARKETERS)
def open_segment(request: HttpRequest, slug: str) -> HttpResponse:
    """A segment's own address, which leads to the list with its conditions."""
    segment = saved.get(slug=slug, user=signed_in(request))
    return HttpResponseRedirect(address_of(segment.query, segment.slug))


@form_for(*MARKETERS)
def save_segment(request: HttpRequest) -> HttpResponse:
    """Keep the list that the address's query names."""
    now, form = timezone.now(), SegmentForm(request.POST or None)
    if form.is_valid():
        try:
            query = request.GET.urlencode()
            segment = saved.save(**form.cleaned_data, query=query, actor=signed_in(request), at=now)
        except DomainError as refusal:
            form.add_error(None, refusal.sentence)
        else:
            done_to_list(request, _("Saved as “%(segment)s”.") % {"segment": segment}, at=now)
            return HttpResponseRedirect(address_of(segment.query, segment.slug))
    back = address_of(saved.kept(request.GET))
    return _form_page(request, form, heading=_("Save this segment"), back=back)


@form_for(*MARKETERS)
def change_segment(request: HttpRequest, slug: str) -> HttpResponse:
    """Give a segment another name, or share it."""
    user, now = signed_in(request), timezone.now()
    segment = saved.get(slug=slug, user=user)
    first = {"name": segment.name, "shared": segment.shared}
    form = SegmentForm(request.POST or None, initial=first)
    if form.is_valid():
        try:
            saved.change(slug=slug, **form.cleaned_data, actor=user, at=now)
        except DomainError as refusal:
            form.add_error(None, refusal.sentence)
        else:
            done_to_list(request, _("Changed."), at=now)
            return HttpResponseRedirect(LIST)
    return _form_page(request, form, heading=_("Name and share"), back=LIST)


@deed_for(*MARKETERS)
def replace_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Let a segment stand for the list that one looks at."""
    now, query = timezone.now(), request.GET.urlencode()
    segment = saved.replace_list(slug=slug, query=query, actor=signed_in(request), at=now)
    done_to_list(request, _("“%(segment)s” has these conditions from now on.") % {"segment": segment}, at=now)
    return HttpResponseRedirect(address_of(segment.query, segment.slug))


@deed_for(*MARKETERS)
def delete_segment(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    saved.delete(slug=slug, actor=signed_in(request), at=now)
    done_to_list(request, _("The segment is deleted. Its leads are as they were."), at=now)
    return HttpResponseRedirect(LIST)


def _form_page(request: HttpRequest, form: SegmentForm, *, heading: str, back: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "next": back or PAGE}
    return answer(request, "leads/segment_form.html", context, status=422 if form.is_bound else 200)


def _in_words(segment: Segment, known: Known) -> list[str]:
    """What a segment asks for, filter by filter."""
    query = QueryDict(segment.query)
    said = [
        f"{QueueFilters.base_filters[name].label}: {', '.join(query.getlist(name))}"
        for name in query
        if name in QueueFilters.base_filters
    ]
    try:
        return [*said, *(condition.sentence for condition in read_all(query.getlist(WHERE), known))]
    except DomainError as refusal:
        return [*said, refusal.sentence]
