"""Writing a note on a lead, and changing it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads.notes import LONGEST, add_note, change_note, note_of
from leads.views.answers import LEAD_WORKERS, answer, back, came_from, deed_for, done, form_for, signed_in
from leadscoring.errors import DomainError


@deed_for(*LEAD_WORKERS)
def add(request: HttpRequest, lead_id: int) -> HttpResponse:
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
            done(request, _("The note is changed."))
            return back(request, home)
    context = {
        "lead": note.lead,
        "text": request.POST.get("text", note.note),
        "longest": LONGEST,
        "refusal": refusal,
        "next": came_from(request, home),
    }
    return answer(request, "leads/note.html", context)
