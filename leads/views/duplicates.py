"""Leads that may be one person: all of them on a page, and those of one lead on its own."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.duplicates import (
    EMAIL,
    Pair,
    duplicates_of,
    say_not_same,
    suggestions,
    take_back_not_same,
)
from leads.models import Lead, NotSame
from leads.queue.cursor import BIG_INTEGER
from leads.views.answers import LEAD_WORKERS, answer, back, deed_for, done, page_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.models import User


@dataclass(frozen=True, slots=True)
class Row:
    """Two leads, the older of which a merge would keep. `may_merge` says that this person may work both."""

    kept: Lead
    other: Lead
    by_email: bool
    may_merge: bool


@page_for(*LEAD_WORKERS)
def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs that may be one person, the newest first, with what to do about each."""
    user, now = signed_in(request), timezone.now()
    found = suggestions(user=user, before=_number(request.GET.get("before")))
    said = NotSame.objects.filter(said_by=user, undone_at=None).select_related("first", "second")
    context = {
        "rows": rows_of(found.pairs, user=user, now=now),
        "next": found.next,
        "now": now,
        "here": request.get_full_path(),
        "apart": said.order_by("-said_at", "-pk")[:10],
    }
    return answer(request, "leads/duplicates.html", context)


@deed_for(*LEAD_WORKERS)
def not_same(request: HttpRequest) -> HttpResponse:
    one, other = (_number(request.POST.get(name)) for name in ("one", "other"))
    if one is None or other is None:
        raise DomainError("lead.not_found", _("There is no such lead, or it isn't one of your team's."))
    said = say_not_same(lead_ids=(one, other), actor=signed_in(request), at=timezone.now())
    names = {"one": said.first, "other": said.second}
    sentence = _("%(one)s and %(other)s stay two leads and are not suggested again.") % names
    done(request, sentence, undo_at=reverse("leads:take_back_not_same", args=(said.pk,)))
    return back(request, reverse("leads:duplicates"))


@deed_for(*LEAD_WORKERS)
def take_back(request: HttpRequest, not_same_id: int) -> HttpResponse:
    take_back_not_same(not_same_id=not_same_id, actor=signed_in(request), at=timezone.now())
    done(request, _("They are suggested again."))
    return back(request, reverse("leads:duplicates"))


def hints_of(lead: Lead, *, user: User, now: datetime) -> Sequence[Row]:
    """Who may be the same person as a lead, for its page. Only for whoever may work both."""
    if not access.works_leads(user):
        return []
    rows = rows_of(duplicates_of(lead, user=user), user=user, now=now)
    return [
        Row(lead, row.other if row.kept.pk == lead.pk else row.kept, row.by_email, row.may_merge)
        for row in rows
        if row.may_merge
    ]


def rows_of(pairs: Iterable[Pair], *, user: User, now: datetime) -> Sequence[Row]:
    """The pairs with their leads. Three queries."""
    pairs = list(pairs)
    ids = {lead_id for pair in pairs for lead_id in pair[:2]}
    leads = access.visible_leads(user).select_related("account", "score", "owner").in_bulk(ids)
    workable = set(access.workable_leads(user, now=now).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        Row(leads[pair.older], leads[pair.newer], pair.why == EMAIL, workable >= {pair.older, pair.newer})
        for pair in pairs
        if leads.keys() >= {pair.older, pair.newer}
    ]


def _number(text: str | None) -> int | None:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return int(text) if int(text) in BIG_INTEGER else None
