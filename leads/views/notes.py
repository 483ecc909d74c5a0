"""Writing a note on a lead, and changing it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.models import Activity, Lead
from leads.notes import LONGEST, add_note, change_note, note_of
from leads.views.answers import LEAD_WORKERS, answer, back, came_from, done, form_for, signed_in
from leadscoring.errors import DomainError


@form_for(*LEAD_WORKERS)
def add(request: HttpRequest, lead_id: int) -> HttpResponse:
    if request.method != "POST":
        return _page(
            request, access.get_lead(signed_in(request), lead_id), heading=_("Write a note"), text=""
        )
    text = request.POST.get("text", "")
    note = add_note(lead_id=lead_id, text=text, actor=signed_in(request), at=timezone.now())
    done(request, _("The note is kept."), undo=note.pk)
    return back(request, reverse("leads:lead", args=(lead_id,)))


@form_for(*LEAD_WORKERS)
def change(request: HttpRequest, note_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    try:
        note = note_of(note_id, actor=user, at=now)
    except DomainError as refused:
        messages.error(request, refused.sentence)
        return back(request, reverse("leads:list"))
    home = reverse("leads:lead", args=(note.lead_id,))
    refusal = ""
    if request.method == "POST":
        try:
            change_note(note_id=note_id, text=request.POST.get("text", ""), actor=user, at=now)
        except DomainError as error:
            refusal = error.sentence
        else:
            done(request, _("The note is changed."), undo=_change_at(note, now))
            return back(request, home)
    text = request.POST.get("text", note.note)
    return _page(request, note.lead, heading=_("Change a note"), text=text, refusal=refusal)


def _change_at(note: Activity, at: datetime) -> int | None:
    """The activity that a change left; None where the note said so before."""
    changes = note.lead.activities.filter(verb=Activity.Verb.NOTE_CHANGED, actor=note.actor, at=at)
    return changes.values_list("pk", flat=True).last()


def _page(request: HttpRequest, lead: Lead, *, heading: str, text: str, refusal: str = "") -> HttpResponse:
    context = {
        "lead": lead,
        "heading": heading,
        "text": text,
        "longest": LONGEST,
        "refusal": refusal,
        "next": came_from(request, reverse("leads:lead", args=(lead.pk,))),
    }
    return answer(request, "leads/note.html", context)
