"""Putting a lead off, and having it back."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from leads import access
from leads.away_forms import SkipForm, SnoozeForm, say_at
from leads.models import SkipReason
from leads.queue import skips, snoozes
from leads.queue.mornings import mornings_of
from leads.views.answers import LEAD_WORKERS, back, deed_for, done, form_for, signed_in
from leads.views.worked import worked


@form_for(*LEAD_WORKERS)
def skip(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    mornings = mornings_of(user)
    form = SkipForm(request.POST or None, mornings=mornings, now=now)

    def deed() -> HttpResponse:
        reason, note = SkipReason(form.cleaned_data["reason"]), form.cleaned_data["note"]
        skipped = skips.skip(lead_id=lead_id, reason=reason, actor=user, at=now, note=note)
        assert skipped.skip is not None
        said = _("%(lead)s is out of your queue until %(time)s.")
        done(request, said % {"lead": lead, "time": say_at(skipped.skip.until, mornings)}, undo=skipped.pk)
        return back(request)

    return worked(request, lead, form, heading=_("Skip"), fields="leads/skip_fields.html", deed=deed)


@form_for(*LEAD_WORKERS)
def snooze(request: HttpRequest, lead_id: int) -> HttpResponse:
    user, now = signed_in(request), timezone.now()
    lead = access.get_lead(user, lead_id)
    mornings = mornings_of(user)
    form = SnoozeForm(request.POST or None, mornings=mornings, now=now)

    def deed() -> HttpResponse:
        until, note = form.moment, form.cleaned_data["note"]
        snoozed = snoozes.snooze(lead_id=lead_id, until=until, actor=user, at=now, note=note)
        said = _("%(lead)s is out of all queues until %(time)s. Intent brings it back early.")
        done(request, said % {"lead": lead, "time": say_at(until, mornings)}, undo=snoozed.pk)
        return back(request)

    return worked(request, lead, form, heading=_("Snooze"), fields="leads/snooze_fields.html", deed=deed)


@deed_for(*LEAD_WORKERS)
def wake(request: HttpRequest, lead_id: int) -> HttpResponse:
    woken = snoozes.wake(lead_id=lead_id, actor=signed_in(request), at=timezone.now())
    done(request, _("%(lead)s is back in the queue.") % {"lead": woken.lead}, undo=woken.pk)
    return back(request)
