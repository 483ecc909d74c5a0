"""Marketing's list, its conditions and its export."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import handoffs
from leads.queue.criteria import Criteria
from leads.queue.filters import QueueFilters
from leads.queue.nurture import looked_at, nurture_rows
from leads.queue.ranking import MARKETING
from leads.queue.scope import Within
from leads.segments import saved
from leads.segments.conditions import OPERATORS, Condition, contact_choices
from leads.segments.known import Known, all_known
from leads.segments.narrowing import narrowed
from leads.segments.reading import read, read_all
from leads.segments.saved import WHERE
from leads.stages import stage_choices
from leads.views.answers import answer, page_for, signed_in
from leads.views.files import as_file
from leads.views.filters import changed, is_filtered, pills_of
from leads.views.rows import grouped
from leads.views.tallies import bands_of, shown_count
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

MARKETERS = (Role.MARKETING, Role.ADMIN)
PAGE = "/nurture/"


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks marketing's list for."""

    filters: QueueFilters
    known: Known
    conditions: tuple[Condition, ...]

    @property
    def criteria(self) -> Criteria:
        return self.filters.criteria

    @property
    def within(self) -> Within | None:
        return narrowed(self.conditions)


def asked_by(query: QueryDict, user: User) -> Asked:
    """Raises DomainError `segment.condition`."""
    known = all_known()
    conditions = read_all([text for text in query.getlist(WHERE) if text], known)
    return Asked(QueueFilters(query, user=user, worked_by=MARKETING), known, conditions)


@page_for(*MARKETERS)
def nurture_list(request: HttpRequest) -> HttpResponse:
    """The leads of the bands that marketing works, as far as they meet the conditions."""
    user = signed_in(request)
    return _page(request, asked_by(request.GET, user), user)


@page_for(*MARKETERS)
def add_condition(request: HttpRequest) -> HttpResponse:
    """Put one more condition into the list's address, or say what is wrong with it."""
    user, query = signed_in(request), _without_form(request.GET)
    try:
        condition = read(_spelled(request.GET))
    except DomainError as refusal:
        return _page(request, asked_by(query, user), user, refused=refusal.sentence)
    where = dict.fromkeys((*query.getlist(WHERE), condition.text))
    query.setlist(WHERE, list(where))
    return HttpResponseRedirect(f"{PAGE}?{query.urlencode()}")


@page_for(*MARKETERS)
def nurture_export(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV or, with `format=xlsx`, as a workbook."""
    user, now = signed_in(request), timezone.now()
    asked = asked_by(request.GET, user)
    rows = nurture_rows(user=user, now=now, criteria=asked.criteria, within=asked.within)
    return as_file(rows, name=f"nurture-{timezone.localdate(now)}", wanted=request.GET.get("format"))


def _page(request: HttpRequest, asked: Asked, user: User, *, refused: str = "") -> HttpResponse:
    now, query = timezone.now(), _without_form(request.GET)
    after = None if refused else request.GET.get("after")
    teams = [pk for pk, _name in asked.filters.choices.teams]
    page, counts = looked_at(
        user=user, now=now, criteria=asked.criteria, within=asked.within, after=after, teams=teams
    )
    count, more = shown_count(query, counts, page)
    context = {
        "returned": handoffs.returned(user),
        "now": now,
        "page": page,
        "groups": grouped(page.rows, query),
        "bands": bands_of(query, counts),
        "count": count,
        "more": more,
        "filters": pills_of(query, asked.filters),
        "filtered": is_filtered(query) or bool(asked.conditions),
        "refused": refused,
        **_segment_context(query, user),
        **_condition_context(request.GET, query, asked),
    }
    return answer(request, "leads/nurture.html", context, status=422 if refused else 200)


def _segment_context(query: QueryDict, user: User) -> dict[str, Any]:
    """The segments that one can go to, and what can be done with the one that is open."""
    segments = saved.listed(user)
    kept = saved.kept(query)
    chosen = next((one for one in segments if one.slug == query.get("segment")), None)
    return {
        "segments": [
            {"segment": one, "path": address_of(one.query, one.slug), "chosen": one == chosen}
            for one in segments
        ],
        "chosen": chosen,
        "mine": chosen is not None and chosen.owner_id == user.pk,
        "differs": chosen is not None and chosen.query != kept,
        "kept": kept,
    }


def _condition_context(given: QueryDict, query: QueryDict, asked: Asked) -> dict[str, Any]:
    """The conditions, each with the address without it, and what the form to add one offers."""
    return {
        "conditions": [(one, _without(query, one, asked.known)) for one in asked.conditions],
        "attributes": list(asked.known.attributes.values()),
        "operators": [(name, operator.phrase) for name, operator in OPERATORS.items()],
        "stages": stage_choices(),
        "contacts": contact_choices(),
        "signal_types": list(asked.known.types.values()),
        "hidden": [(name, value) for name, values in query.lists() for value in values if name != "after"],
        "given": given,
    }


def address_of(kept: str, slug: str = "") -> str:
    """Marketing's list with these filters and conditions, and the segment's name."""
    query = QueryDict(kept, mutable=True)
    if slug:
        query["segment"] = slug
    return f"{PAGE}?{query.urlencode()}"


def _without(query: QueryDict, condition: Condition, known: Known) -> str:
    left, texts = query.copy(), [text for text in query.getlist(WHERE) if text]
    left.setlist(WHERE, [text for text in texts if read(text, known).text != condition.text])
    return changed(left)


_FORM = ("kind", "attribute", "operator", "value", "stage", "contact", "signal", "had", "times", "days")


def _without_form(query: QueryDict) -> QueryDict:
    """The list's own address, without the fields of the form that adds a condition."""
    own = query.copy()
    for name in _FORM:
        own.pop(name, None)
    return own


def _spelled(given: QueryDict) -> str:
    """The condition that the form asks for, as addresses spell it."""

    def field(name: str) -> str:
        return (given.get(name) or "").strip()

    match field("kind"):
        case "attribute":
            return ":".join(("attribute", field("attribute"), field("operator"), field("value")))
        case "stage":
            return f"stage:{field('stage')}"
        case "contact":
            return f"contact:{field('contact')}"
        case "signal":
            word = "no_signal" if field("had") == "no" else "signal"
            return ":".join((word, field("signal"), field("times"), field("days")))
    raise DomainError("segment.condition", _("Choose what the condition is about."))
