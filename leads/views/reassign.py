"""Giving leads to other people: choose whose and to whom, see who would get how many, do it, undo it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from leads import access, reassigning
from leads.dealing import Deal, Way
from leads.manager_forms import ReassignForm
from leads.models import Reassignment
from leads.reassigning import Selection
from leads.scorer import Band, scorer
from leads.undoing import UNDO_WITHIN
from leads.views.answers import answer, deed_for, done, form_for, page_for, signed_in
from leads.views.keys import keys_of
from leadscoring.errors import DomainError
from leadscoring.people.models import User
from leadscoring.people.roles import Role

WHO = (Role.MANAGER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Share:
    """What one person would get: how many leads in all and of each band. `user` None: nobody."""

    user: User | None
    leads: int
    by_band: Sequence[int]


@form_for(*WHO)
def reassign(request: HttpRequest) -> HttpResponse:
    """GET chooses and shows what would happen, POST does it."""
    user, now = signed_in(request), timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    selection = _selection(asked)
    if selection is None:
        return answer(request, "leads/reassign_whose.html", {"people": _people(user)})
    form = ReassignForm(asked if "way" in asked else None, candidates=_candidates(selection, user))
    if not form.is_valid():
        return _page(request, selection, form, {}, status=422 if form.is_bound else 200)
    way, to = Way(form.cleaned_data["way"]), list(form.cleaned_data["to"])
    if request.method == "POST" and form.cleaned_data["expected"] is not None:
        act = reassigning.reassign(
            selection=selection,
            way=way,
            to=to,
            expected=form.cleaned_data["expected"],
            actor=user,
            at=now,
        )
        done(request, _given(act.leads), undo_at=reverse("leads:undo_reassignment", args=[act.pk]))
        return HttpResponseRedirect(reverse("leads:reassigned", args=[act.pk]))
    seen = reassigning.preview(selection=selection, way=way, to=to, actor=user, at=now)
    bands = _bands()
    return _page(
        request,
        selection,
        form,
        {
            "preview": seen,
            "count": len(seen.deal.changed),
            "stay": len(seen.deal.leads) - len(seen.deal.changed),
            "bands": bands,
            "shares": _shares(seen.deal, bands),
            "given": asked.lists(),
        },
    )


@page_for(*WHO)
def reassigned(request: HttpRequest, reassignment_id: int) -> HttpResponse:
    """What one act gave to whom."""
    user, now = signed_in(request), timezone.now()
    act = _act(reassignment_id, user)
    counts = (
        act.moves.values_list("to_owner_id").annotate(leads=Count("pk")).order_by("-leads", "to_owner_id")
    )
    people = User.objects.in_bulk([owner for owner, _leads in counts if owner is not None])
    context = {
        "act": act,
        "shares": [(people.get(owner) if owner else None, leads) for owner, leads in counts],
        "may_undo": act.undone_at is None
        and now - act.at <= UNDO_WITHIN
        and reassigning.may_undo(act, user=user),
        "until": act.at + UNDO_WITHIN,
        "now": now,
    }
    return answer(request, "leads/reassigned.html", context)


@deed_for(*WHO)
def undo(request: HttpRequest, reassignment_id: int) -> HttpResponse:
    """Give the leads back."""
    back = reassigning.undo(reassignment_id=reassignment_id, actor=signed_in(request), at=timezone.now())
    said = ngettext("Undone: %(count)d lead is back.", "Undone: %(count)d leads are back.", back)
    done(request, said % {"count": back})
    return HttpResponseRedirect(reverse("leads:reassigned", args=[reassignment_id]))


def _given(count: int) -> str:
    return ngettext("%(count)d lead has a new owner.", "%(count)d leads have new owners.", count) % {
        "count": count
    }


def _act(reassignment_id: int, user: User) -> Reassignment:
    found = Reassignment.objects.select_related("actor", "book_of", "undone_by").filter(pk=reassignment_id)
    act = found.first()
    if act is None or not reassigning.may_see(act, user=user):
        raise DomainError("reassign.not_found", _("There is no such reassignment."))
    return act


def _selection(asked: QueryDict) -> Selection | None:
    """What is to be given away; None where nothing is chosen yet."""
    if people := keys_of(asked.getlist("from")):
        person = User.objects.people().filter(pk=people[0]).first()
        if person is None:
            raise DomainError("reassign.not_found", _("There is no such person."))
        return Selection(book_of=person)
    leads = keys_of(asked.getlist("lead"))
    return Selection(lead_ids=leads) if leads else None


def _candidates(selection: Selection, user: User) -> Sequence[User]:
    among = reassigning.hands_for(selection, actor=user)
    return list(User.objects.filter(pk__in=among.teams_of).order_by("name", "pk"))


def _people(user: User) -> Sequence[User]:
    """Whose book this person could give away: of the own teams, and for an Admin who has left."""
    managed = access.managed_leads(user).filter(is_open=True)
    of_leavers = Q(leads__is_open=True, is_active=False)
    counted = Q(leads__in=managed) | (of_leavers if user.has_role(Role.ADMIN) else Q(pk__in=()))
    owners = User.objects.annotate(open_leads=Count("leads", filter=counted, distinct=True))
    return list(owners.filter(open_leads__gt=0).order_by("is_active", "name", "pk"))


def _page(
    request: HttpRequest,
    selection: Selection,
    form: ReassignForm,
    more: Mapping[str, Any],
    status: int = 200,
) -> HttpResponse:
    user = signed_in(request)
    leads = reassigning.leads_of(selection, actor=user)
    if not reassigning.may_reassign(user, selection):
        raise DomainError(
            "reassign.not_yours",
            _("Admins give away the leads of people who have left; managers their teams'."),
        )
    context = {
        "selection": selection,
        "form": form,
        "total": leads.count(),
        "one": leads.first() if len(selection.lead_ids) == 1 else None,
    }
    return answer(request, "leads/reassign.html", context | dict(more), status=status)


def _bands() -> Sequence[Band]:
    return scorer().scales().bands()


def _shares(deal: Deal, bands: Sequence[Band]) -> list[Share]:
    """The people by name, nobody last."""
    scales = scorer().scales()
    keys = [band.key for band in bands]
    counts: dict[int | None, list[int]] = {}
    totals = deal.shares()
    for lead in deal.changed:
        row = counts.setdefault(lead.to_owner, [0] * len(keys))
        key = scales.of(lead.rung[0]).band_at(lead.rung[1]).key if lead.rung and scales.live else None
        if key in keys:
            row[keys.index(key)] += 1
    people = User.objects.in_bulk([owner for owner in counts if owner is not None])
    shares = [
        Share(people.get(owner) if owner else None, totals[owner], row) for owner, row in counts.items()
    ]
    return sorted(shares, key=lambda share: (share.user is None, str(share.user)))
