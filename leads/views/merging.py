"""Merging two leads on a page that shows first what it will bring, and undoing it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.merging.members import UNDO_WITHIN, merges_of
from leads.merging.offer import offers
from leads.merging.pair import Pair
from leads.merging.parting import parting
from leads.merging.preview import Preview, pair_for, preview
from leads.merging.seen import Changed, Moved, sealed, seen_of, unsealed
from leads.merging.verbs import merge, undo_merge
from leads.models import Activity, Lead
from leads.search import find_leads
from leads.views.answers import LEAD_WORKERS, answer, done, form_for, signed_in
from leadscoring.errors import DomainError
from leadscoring.people.models import User

FOUND = 10
ABSORBED = "absorbed"


@form_for(*LEAD_WORKERS)
def merge_page(request: HttpRequest, lead_id: int) -> HttpResponse:
    """Choose the other lead (`with`), look at what would be, choose whose values hold, and merge.

    Nothing is merged on what wasn't seen: where a lead changed since, the page says what, with the choices
    that were made.
    """
    user, now = signed_in(request), timezone.now()
    given = request.POST if request.method == "POST" else request.GET
    other = given.get("with", "")
    if not other.isascii() or not other.isdigit() or len(other) > 18:
        return _choose_other(request, lead_id)
    pair = pair_for(kept_id=lead_id, absorbed_id=int(other), user=user, at=now)
    if request.method == "POST":
        return _merge(request, pair)
    found = preview(pair, chosen_in(request.GET) if "chosen" in request.GET else None)
    return answer(request, "leads/merge.html", context_of(found), fragment="leads/merge_score.html")


def _merge(request: HttpRequest, pair: Pair) -> HttpResponse:
    kept, absorbed, given = pair.kept, pair.absorbed, request.POST
    seen = unsealed(given.get("seen", ""), kept_id=kept.pk, absorbed_id=absorbed.pk)
    if seen is None:
        return _look_again(request, pair, ())
    chosen = chosen_in(given)
    try:
        made = merge(
            kept_id=kept.pk,
            absorbed_id=absorbed.pk,
            actor=signed_in(request),
            at=pair.at,
            choices=chosen,
            seen=seen,
        )
    except Moved as moved:
        return _look_again(request, pair, moved.changes)
    deed = Activity.objects.filter(merge=made).values_list("pk", flat=True).first()
    done(request, _("%(lead)s is one lead now.") % {"lead": kept}, undo=deed)
    return redirect("leads:lead", kept.pk)


def _look_again(request: HttpRequest, pair: Pair, changes: Sequence[Changed]) -> HttpResponse:
    """The two leads as they are, the choices as they were made; of what wasn't there, what is suggested."""
    pair = pair_for(kept_id=pair.kept.pk, absorbed_id=pair.absorbed.pk, user=signed_in(request), at=pair.at)
    lines = offers(pair)
    new = [line.key for line in lines if line.suggested and f"of.{line.key}" not in request.POST]
    found = preview(pair, [*chosen_in(request.POST), *new])
    context = context_of(found, {change.key: change for change in changes})
    return answer(request, "leads/merge.html", context | {"looks_again": True}, status=409)


@form_for(*LEAD_WORKERS)
def undo(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Look at what goes back and what stays, then make them two leads again."""
    user, now = signed_in(request), timezone.now()
    if request.method == "POST":
        parted = undo_merge(merge_id=merge_id, actor=user, at=now)
        done(request, _("These are two leads again."))
        return redirect("leads:lead", parted.kept_id)
    found = parting(merge_id=merge_id, user=user, at=now)
    return answer(request, "leads/undo_merge.html", {"parting": found, "merge": found.merge, "now": now})


def chosen_in(given: QueryDict) -> list[str]:
    """The lines whose value is to come from the lead that is absorbed."""
    return [
        name.removeprefix("of.") for name, of in given.items() if name.startswith("of.") and of == ABSORBED
    ]


def context_of(found: Preview, changes: Mapping[str, Changed] | None = None) -> dict[str, Any]:
    changes = changes or {}
    return {
        "preview": found,
        "now": found.pair.at,
        "lead": found.pair.kept,
        "other": found.pair.absorbed,
        "lines": [
            {"offer": line, "takes": line.key in found.chosen, "changed": line.key in changes}
            for line in found.lines
        ],
        "seen": sealed(found.pair, seen_of(found.pair, found.lines)),
        "changes": changes.values(),
    }


def merged_of(lead: Lead, *, user: User, now: datetime) -> dict[str, Any]:
    """The context of the section: what was merged into the lead, and whether this person may undo it."""
    may_work = access.may_work(user, lead, now=now)
    merges = [
        {"merge": one, "may_undo": may_work and now - one.merged_at <= UNDO_WITHIN} for one in merges_of(lead)
    ]
    return {"merges": merges}


def to_the_kept_one(request: HttpRequest, lead_id: int) -> HttpResponse | None:
    """From a page of an absorbed lead to the kept one's; None where it is no such lead, or not to be seen."""
    heir = Lead.objects.filter(pk=lead_id).values_list("absorbed_into", flat=True).first()
    if heir is None:
        return None
    try:
        kept = access.get_lead(signed_in(request), heir)
    except DomainError:
        return None
    done(request, _("That lead was merged into this one: they are one person."))
    return HttpResponseRedirect(reverse("leads:lead", args=(kept.pk,)))


def _choose_other(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    access.check_may_work(user, lead, now=now)
    query = request.GET.get("q", "").strip()
    found = find_leads(user=user, query=query, size=FOUND + 1).leads if query else ()
    others = [other for other in found if other.pk != lead.pk][:FOUND]
    context = {"lead": lead, "query": query, "others": others, "now": now}
    return answer(request, "leads/merge_choose.html", context)
