"""Taking back what one did to saved views and segments."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import list_undo
from leads.models import ListChange
from leads.views.answers import LEAD_READERS, back, deed_for, done, signed_in


@deed_for(*LEAD_READERS)
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    return undone(request, change_id)


def undone(request: HttpRequest, change_id: int) -> HttpResponse:
    """Undo it and say so on the page that one came from."""
    found = list_undo.undo(change_id=change_id, actor=signed_in(request), at=timezone.now())
    said = {"deed": found.get_verb_display(), "list": found.name}
    done(request, _("Undone: %(deed)s “%(list)s”.") % said)
    return back(request, reverse("leads:activity"))


def done_to_list(request: HttpRequest, sentence: str, *, at: datetime) -> None:
    """Say what was done `at` that moment to a list; the message offers to undo it."""
    made = ListChange.objects.filter(actor=signed_in(request), at=at).order_by("-pk").first()
    path = "" if made is None else reverse("leads:undo_list_change", args=(made.pk,))
    done(request, sentence, undo_at=path)
