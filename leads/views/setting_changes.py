"""Taking back what one set for oneself and for teams."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from leads import setting_undo
from leads.views.answers import LEAD_READERS, back, deed_for, done, signed_in
from leadscoring.people.models import SettingChange


@deed_for(*LEAD_READERS)
def undo(request: HttpRequest, change_id: int) -> HttpResponse:
    return undone(request, change_id)


def undone(request: HttpRequest, change_id: int) -> HttpResponse:
    """Undo it and say so on the page that one came from."""
    found = setting_undo.undo(change_id=change_id, actor=signed_in(request), at=timezone.now())
    said = {"deed": found.get_verb_display(), "setting": capfirst(found.get_of_display()), "name": found.name}
    of_team, own = _("Undone: %(setting)s “%(name)s” %(deed)s."), _("Undone: %(setting)s %(deed)s.")
    done(request, (of_team if found.name else own) % said)
    return back(request, reverse("leads:activity"))


def done_to_setting(request: HttpRequest, sentence: str, *, at: datetime) -> None:
    """Say what was set `at` that moment; the message offers to undo it."""
    made = SettingChange.objects.filter(actor=signed_in(request), at=at).order_by("-pk").first()
    path = "" if made is None else reverse("leads:undo_setting_change", args=(made.pk,))
    done(request, sentence, undo_at=path)
